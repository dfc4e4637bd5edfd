package profile

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"
	"github.com/zeebo/xxh3"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/profile/graph"
	"github.com/dangol/dangol/internal/profile/identity"
	"github.com/dangol/dangol/internal/store"
)

const hourUS = 3_600_000_000

// maxContact bounds a name or an address.
const maxContact = 300

// said is the last thing that was said of a field, and when; an us of 0 is nothing.
type said struct {
	text string
	us   int64
}

// later takes over what was said later. A tie goes to the one that comes later in the log.
func (s *said) later(t said) {
	if t.us > 0 && t.us >= s.us {
		*s = t
	}
}

// contact is how a person is called and reached, as identify calls said it of one origin.
type contact struct {
	name, email, phone, birthday said
	mark, hour                   uint32
}

func (c *contact) later(d *contact) {
	c.name.later(d.name)
	c.email.later(d.email)
	c.phone.later(d.phone)
	c.birthday.later(d.birthday)
}

// contacts are those of one batch, by origin.
type contacts map[uint32]*contact

var contactPaths = []string{"name", "firstName", "lastName", "first_name", "last_name", "email", "phone", "birthday"}

// take reads the traits of an identify call. What was said within the hour is not said again.
func (c *contacts) take(f *event.Fact, o uint32, g *graph.Graph) {
	var room [len("nameemail") * 32]byte
	raw := room[:0]
	values := gjson.GetManyBytes(f.Props, contactPaths...)
	for i := range values {
		raw = append(append(raw, values[i].Raw...), 0)
	}
	if len(raw) == len(values) {
		return // none of the traits is there
	}
	mark, hour := uint32(xxh3.Hash(raw))|1, uint32(f.AtUS/hourUS)
	before := (*c)[o]
	if before == nil && g.Said(o, mark, hour) {
		return
	}
	at := max(1, f.AtUS)
	d := contact{name: fullName(values, at), email: field(values[5], at), phone: field(values[6], at), birthday: field(values[7], at)}
	d.birthday.text = calendarDay(d.birthday.text)
	if *c == nil {
		*c = contacts{}
	}
	if before == nil {
		before = &contact{}
		(*c)[o] = before
	}
	before.later(&d)
	before.mark, before.hour = mark, hour
}

func field(v gjson.Result, at int64) said {
	switch v.Type {
	case gjson.Null:
		if v.Raw == "" {
			return said{}
		}
		return said{us: at}
	case gjson.String:
		return said{cleanText(v.Str), at}
	case gjson.Number:
		return said{cleanText(v.Raw), at} // a phone number that lost its quotes
	}
	return said{}
}

func fullName(values []gjson.Result, at int64) said {
	if s := field(values[0], at); s.us > 0 {
		return s
	}
	first, last := field(values[1], at), field(values[2], at)
	if first.us == 0 && last.us == 0 {
		first, last = field(values[3], at), field(values[4], at)
	}
	return said{strings.TrimSpace(first.text + " " + last.text), max(first.us, last.us)}
}

// cleanText makes text of a stranger fit for every engine.
func cleanText(s string) string {
	s = strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "�"))
	if len(s) > maxContact {
		s = strings.ToValidUTF8(s[:maxContact], "")
	}
	return s
}

// calendarDay reads a birthday as people write it, as YYYY-MM-DD; "" where it is none.
func calendarDay(s string) string {
	for _, form := range []string{time.DateOnly, time.RFC3339, "2006/01/02", "2006.01.02", "20060102", "2006-1-2", "2006. 1. 2."} {
		if t, err := time.Parse(form, s); err == nil && t.Year() > 1800 {
			return t.Format(time.DateOnly)
		}
	}
	return ""
}

func readContact(ctx context.Context, tx *store.Tx, o uint32) (c contact, err error) {
	_, err = tx.One(ctx, "profile.FindContact", store.Args{int64(o)},
		&c.name.text, &c.name.us, &c.email.text, &c.email.us, &c.phone.text, &c.phone.us, &c.birthday.text, &c.birthday.us)
	return c, err
}

// brought is what a file said of a customer.
type brought struct {
	id, name, email, phone string
	importID, atUS         int64
}

func readBrought(ctx context.Context, tx *store.Tx, o uint32) (b brought, found bool, err error) {
	found, err = tx.One(ctx, "profile.FindCustomer", store.Args{int64(o)}, &b.id, &b.name, &b.email, &b.phone, &b.importID, &b.atUS)
	return b, found, err
}

// people writes what identify calls said of people.
func (w *writing) people(ctx context.Context) error {
	if len(w.contacts) == 0 {
		return nil
	}
	b, err := w.tx.Batch(ctx, "profile.PutContact")
	if err != nil {
		return err
	}
	origins := make([]uint32, 0, len(w.contacts))
	for o := range w.contacts {
		origins = append(origins, o)
	}
	slices.Sort(origins)
	for _, o := range origins {
		var c contact
		if o < w.fresh {
			if c, err = readContact(ctx, w.tx, o); err != nil {
				return err
			}
		}
		before := c
		c.later(w.contacts[o])
		if c == before {
			continue
		}
		// What is said again may be news where her other origins said otherwise.
		if before.name.text != c.name.text || before.email.text != c.email.text || before.phone.text != c.phone.text || !w.graph.Single(o) {
			w.graph.Changes.Shown[w.graph.Person(o)] = struct{}{}
		}
		if err := b.Add(int64(o), c.name.text, c.name.us, c.email.text, c.email.us, c.phone.text, c.phone.us, c.birthday.text, c.birthday.us); err != nil {
			return err
		}
	}
	return b.Close()
}

// person gathers how a person is called and reached: of each field what was said last, files having spoken before all events.
func (r *Registry) person(ctx context.Context, tx *store.Tx, members []uint32) (contact, error) {
	var all contact
	slices.Sort(members)
	for i := len(members) - 1; i >= 0; i-- { // of two files, the one that named the older origin counts
		b, found, err := readBrought(ctx, tx, members[i])
		if err != nil {
			return all, err
		}
		if found {
			filed := func(s string) said {
				if s == "" {
					return said{}
				}
				return said{s, 1}
			}
			all.later(&contact{name: filed(b.name), email: filed(b.email), phone: filed(b.phone)})
		}
	}
	for _, o := range members {
		c, err := readContact(ctx, tx, o)
		if err != nil {
			return all, err
		}
		all.later(&c)
	}
	return all, nil
}

// row is a customer as the warehouse keeps her.
func (w *writing) row(ctx context.Context, key uint32) (Entry, error) {
	e := Entry{Kind: Upsert, Key: key}
	best, found := w.graph.Best(key)
	if !found {
		return e, nil
	}
	value, ok := w.values[best.Number]
	if !ok {
		var err error
		if value, _, err = w.text(ctx, w.tx, best); err != nil {
			return e, err
		}
	}
	e.ID = identity.Ref(w.graph.Book().Name(best.Kind), value)
	var fresh, before []uint32
	for _, o := range w.graph.Members(key) {
		if o >= w.fresh {
			fresh = append(fresh, o) // all that is known of it is in this batch
		} else {
			before = append(before, o)
		}
	}
	c, err := w.person(ctx, w.tx, before)
	if err != nil {
		return e, err
	}
	slices.Sort(fresh)
	for _, o := range fresh {
		if said := w.contacts[o]; said != nil {
			c.later(said)
		}
	}
	e.Name, e.Email, e.Phone = c.name.text, c.email.text, c.phone.text
	return e, nil
}

// source tells where an identity comes from and since when.
type source struct {
	name   string
	fromUS int64
}

// text reads the value of an identity.
func (r *Registry) text(ctx context.Context, tx *store.Tx, k graph.Known) (value string, s source, err error) {
	if !k.Imported {
		var kind string
		_, err = tx.One(ctx, "profile.FindIdentity", store.Args{int64(k.Number)}, &kind, &value, &s.name, &s.fromUS)
		return value, s, err
	}
	b, _, err := readBrought(ctx, tx, k.Origin)
	switch k.Kind {
	case identity.Email:
		value = r.graph.Spell(k, b.email)
	case identity.Phone:
		value = r.graph.Spell(k, b.phone)
	default:
		value = b.id
	}
	return value, source{importSource(b.importID), b.atUS}, err
}
