package profile

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/profile/identity"
	"github.com/dangol/dangol/internal/profile/likeness"
	"github.com/dangol/dangol/internal/store"
)

// Duplicate is two people who may be one. Nobody but a person merges them.
type Duplicate struct {
	ID      string   `json:"id"`
	A       string   `json:"a" doc:"the customer who would be left"`
	B       string   `json:"b"`
	AName   string   `json:"a_name"`
	BName   string   `json:"b_name"`
	Reasons []string `json:"reasons" doc:"in sentences"`
	Score   float64  `json:"score" doc:"from 0 to 1"`
}

// How sure a reason makes it that two are one.
const (
	sureEmail    = 0.9
	sureMailbox  = 0.85
	surePhone    = 0.8
	sureBirthday = 0.6 // to which the likeness of the names adds
)

const (
	crowd         = 8 // more people with one address are a family, a shop or a test
	maxDuplicates = 5000
	tellEvery     = 4096 // rows after which a search says how far it is
)

// suggesting gathers, by what they have in common, who may be one. The records are read twice: first only hashes of what
// people have are kept, for a million customers have millions of addresses; then the few that several have.
type suggesting struct {
	registry  *Registry
	progress  *job.Progress
	read      int64 // rows, in this reading
	phones    *identity.Phones
	seen      []trace
	by        map[uint64]*common // by hash; nil while traces are gathered
	birthdays map[string][]nameOf
	pairs     map[[2]uint32]*suggestion
}

// trace is that a person has something.
type trace struct {
	hash   uint64
	person uint32
}

// common is what several people have.
type common struct {
	reason, value string
	people        []uint32
}

type nameOf struct {
	person uint32
	name   string
}

type suggestion struct {
	reasons []string
	unsure  float64 // the chance that none of the reasons is right
}

// Suggest looks for people who may be one, and keeps the answer. It takes some seconds for a million customers, and holds
// nobody up meanwhile.
func (r *Registry) Suggest(ctx context.Context, p *job.Progress) (found int, err error) {
	r.suggesting.Lock()
	defer r.suggesting.Unlock()
	at, err := r.changes(ctx)
	if err != nil {
		return 0, err
	}
	s := &suggesting{registry: r, progress: p, phones: identity.NewPhones(), birthdays: map[string][]nameOf{}, pairs: map[[2]uint32]*suggestion{}}
	err = r.store.View(ctx, func(tx *store.Tx) error {
		p.Stage("reading who has what", "rows", 0)
		if err := s.gather(ctx, tx); err != nil {
			return err
		}
		s.sift()
		p.Stage("reading what several have", "rows", s.read)
		s.read = 0
		return s.gather(ctx, tx)
	})
	if err != nil {
		return 0, wrap("look for duplicates", err)
	}
	p.Stage("comparing", "pairs", 0)
	s.compare()
	err = r.store.In(ctx, func(tx *store.Tx) error {
		if err := s.keep(ctx, tx); err != nil {
			return err
		}
		return keepSearch(ctx, tx, r.clock(), at)
	})
	return min(len(s.pairs), maxDuplicates), wrap("look for duplicates", err)
}

// The names of profile_counter that say of which state of the records the suggestions are.
const (
	searchedUS      = "searched_us"
	searchedJournal = "searched_journal"
	searchedOrigin  = "searched_origin"
)

func keepSearch(ctx context.Context, tx *store.Tx, now time.Time, at [2]int64) error {
	for name, value := range map[string]int64{searchedUS: now.UnixMicro(), searchedJournal: at[0], searchedOrigin: at[1]} {
		if _, err := tx.Exec(ctx, "profile.PutCounter", name, value); err != nil {
			return err
		}
	}
	return nil
}

// changes counts what happened to customers.
func (r *Registry) changes(ctx context.Context) ([2]int64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return [2]int64{}, err
	}
	return [2]int64{r.counters[counterJournal], r.counters[counterOrigin]}, nil
}

// Searched says when the suggestions were found, nil for never, and whether customers have changed since.
func (r *Registry) Searched(ctx context.Context) (made *time.Time, stale bool, err error) {
	at, err := r.changes(ctx)
	if err != nil {
		return nil, false, err
	}
	kept := map[string]int64{}
	err = r.store.View(ctx, func(tx *store.Tx) error {
		return tx.Each(ctx, "profile.EachCounter", nil, func(scan store.Scan) error {
			var name string
			var value int64
			err := scan(&name, &value)
			kept[name] = value
			return err
		})
	})
	if err != nil || kept[searchedUS] == 0 {
		return nil, true, wrap("duplicates", err)
	}
	t := time.UnixMicro(kept[searchedUS]).UTC()
	return &t, at != [2]int64{kept[searchedJournal], kept[searchedOrigin]}, nil
}

// row counts what was read, says how far the search is, and ends it when nobody wants it any more.
func (s *suggesting) row(ctx context.Context) error {
	if s.read++; s.read%tellEvery != 0 {
		return nil
	}
	s.progress.Set(s.read, s.read)
	return ctx.Err()
}

func (s *suggesting) gather(ctx context.Context, tx *store.Tx) error {
	err := tx.Each(ctx, "profile.EachFiledContact", nil, func(scan store.Scan) error {
		var key int64
		var id, email, phone string
		err := scan(&key, &id, &email, &phone)
		s.email(uint32(key), email)
		s.phone(uint32(key), phone)
		s.other(uint32(key), id)
		return cmp.Or(err, s.row(ctx))
	})
	if err != nil {
		return err
	}
	err = tx.Each(ctx, "profile.EachContact", nil, func(scan store.Scan) error {
		var o int64
		var name, email, phone, birthday string
		err := scan(&o, &name, &email, &phone, &birthday)
		s.email(uint32(o), email)
		s.phone(uint32(o), phone)
		if p := s.person(uint32(o)); p != Nobody && s.by != nil && birthday != "" && name != "" {
			s.birthdays[birthday] = append(s.birthdays[birthday], nameOf{p, name})
		}
		return cmp.Or(err, s.row(ctx))
	})
	if err != nil {
		return err
	}
	for _, query := range []string{"profile.EachReach", "profile.EachAddressLike"} {
		err := tx.Each(ctx, query, nil, func(scan store.Scan) error {
			var n int64
			var kind, value string
			err := scan(&n, &kind, &value)
			switch o := s.originOf(uint32(n)); kind {
			case event.KindEmail:
				s.email(o, value)
			case event.KindPhone:
				s.phone(o, value)
			default:
				s.other(o, value)
			}
			return cmp.Or(err, s.row(ctx))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *suggesting) person(o uint32) uint32 {
	r := s.registry
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.graph == nil {
		return Nobody
	}
	return r.graph.Person(o)
}

func (s *suggesting) originOf(n uint32) uint32 {
	r := s.registry
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.graph == nil || n >= r.graph.Identities() {
		return Nobody
	}
	return r.graph.Known(n).Origin
}

func (s *suggesting) add(reason, value string, o uint32) {
	p := s.person(o)
	if p == Nobody || value == "" {
		return
	}
	hash := xxh3.HashString(reason + "\x00" + value)
	if s.by == nil {
		s.seen = append(s.seen, trace{hash, p})
		return
	}
	if c := s.by[hash]; c != nil && !slices.Contains(c.people, p) && len(c.people) <= crowd {
		c.reason, c.value, c.people = reason, value, append(c.people, p)
	}
}

// sift keeps what more than one person has.
func (s *suggesting) sift() {
	slices.SortFunc(s.seen, func(a, b trace) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.person, b.person)) })
	s.seen = slices.Compact(s.seen)
	s.by = map[uint64]*common{}
	for i := 0; i < len(s.seen); {
		end := i
		for end < len(s.seen) && s.seen[end].hash == s.seen[i].hash {
			end++
		}
		if n := end - i; n > 1 && n <= crowd {
			s.by[s.seen[i].hash] = &common{}
		}
		i = end
	}
	s.seen = nil
}

func (s *suggesting) book() *identity.Book {
	r := s.registry
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.graph == nil {
		b, _ := identity.NewBook(identity.Default(), nil, "") // which hold
		return b
	}
	return r.graph.Book()
}

func (s *suggesting) email(o uint32, text string) {
	if text == "" {
		return
	}
	if value, ok := s.book().Normalise(identity.Email, text, s.phones, ""); ok {
		s.add("email", value, o)
		s.add("mailbox", mailbox(value), o)
	}
}

func (s *suggesting) phone(o uint32, text string) {
	if text == "" {
		return
	}
	if value, ok := s.book().Normalise(identity.Phone, text, s.phones, ""); ok {
		s.add("phone", value, o)
	}
}

// other takes ids that are written like an address or a number.
func (s *suggesting) other(o uint32, id string) {
	switch {
	case strings.Contains(id, "@"):
		s.email(o, id)
	case strings.HasPrefix(id, "+") || strings.HasPrefix(id, "0") && strings.Contains(id, "-"):
		s.phone(o, id)
	}
}

// mailbox is where mail to an address goes: what follows a + does not count, nor do dots at the one provider that ignores them.
func mailbox(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	local, _, _ = strings.Cut(local, "+")
	if domain == "googlemail.com" {
		domain = "gmail.com"
	}
	if domain == "gmail.com" {
		local = strings.ReplaceAll(local, ".", "")
	}
	return local + "@" + domain
}

// compare makes pairs of those who have something in common.
func (s *suggesting) compare() {
	groups := slices.SortedFunc(maps.Values(s.by), func(a, b *common) int {
		return cmp.Or(strings.Compare(a.reason, b.reason), strings.Compare(a.value, b.value))
	})
	for _, c := range groups {
		for i, a := range c.people {
			for _, b := range c.people[:i] {
				s.inCommon(a, b, c)
			}
		}
	}
	for _, day := range slices.Sorted(maps.Keys(s.birthdays)) {
		list := s.birthdays[day]
		if len(list) > 2000 {
			continue // a day that a form fills in by itself
		}
		for i, a := range list {
			for _, b := range list[:i] {
				if like := likeness.Names(a.name, b.name); like >= likeness.Alike {
					s.suggest(a.person, b.person, sureBirthday+0.3*like, fmt.Sprintf("Born on %s, and called %q and %q.", day, a.name, b.name))
				}
			}
		}
	}
}

func (s *suggesting) inCommon(a, b uint32, c *common) {
	switch c.reason {
	case "email":
		s.suggest(a, b, sureEmail, fmt.Sprintf("Both are reached at %s.", c.value))
	case "phone":
		s.suggest(a, b, surePhone, fmt.Sprintf("Both have the phone number %s.", c.value))
	case "mailbox": // of one address it is no news
		if known := s.pairs[order(a, b)]; known == nil || !strings.HasPrefix(known.reasons[0], "Both are reached") {
			s.suggest(a, b, sureMailbox, fmt.Sprintf("Their addresses lead to one mailbox, %s.", c.value))
		}
	}
}

func order(a, b uint32) [2]uint32 { return [2]uint32{min(a, b), max(a, b)} }

func (s *suggesting) suggest(a, b uint32, sure float64, reason string) {
	if a == b {
		return
	}
	pair := s.pairs[order(a, b)]
	if pair == nil {
		pair = &suggestion{unsure: 1}
		s.pairs[order(a, b)] = pair
	}
	if !slices.Contains(pair.reasons, reason) {
		pair.reasons, pair.unsure = append(pair.reasons, reason), pair.unsure*(1-sure)
	}
}

// keep writes the surest, but for those that were dismissed.
func (s *suggesting) keep(ctx context.Context, tx *store.Tx) error {
	if _, err := tx.Exec(ctx, "profile.ClearDuplicates"); err != nil {
		return err
	}
	pairs := slices.SortedFunc(maps.Keys(s.pairs), func(x, y [2]uint32) int {
		return cmp.Or(cmp.Compare(s.pairs[x].unsure, s.pairs[y].unsure), cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]))
	})
	b, err := tx.Batch(ctx, "profile.InsertDuplicate")
	if err != nil {
		return err
	}
	now := s.registry.clock().UnixMicro()
	for _, p := range pairs[:min(len(pairs), maxDuplicates)] {
		reasons, err := json.Marshal(s.pairs[p].reasons)
		if err != nil {
			return err
		}
		if err := b.Add(fmt.Sprintf("%d-%d", p[0], p[1]), int64(p[0]), int64(p[1]), string(reasons), 1-s.pairs[p].unsure, now); err != nil {
			return err
		}
	}
	return b.Close()
}

// Duplicates lists who may be one by the last search, the surest first, without those that were settled since.
func (r *Registry) Duplicates(ctx context.Context, limit int) ([]Duplicate, error) {
	list := []Duplicate{}
	err := r.with(ctx, func(tx *store.Tx) error {
		type pair struct {
			Duplicate
			a, b int64
		}
		pairs, err := store.Collect(ctx, tx, "profile.EachDuplicate", store.Args{limit}, func(scan store.Scan) (p pair, err error) {
			var reasons string
			if err = scan(&p.ID, &p.a, &p.b, &reasons, &p.Score); err != nil {
				return p, err
			}
			return p, json.Unmarshal([]byte(reasons), &p.Reasons)
		})
		if err != nil {
			return err
		}
		for _, p := range pairs {
			into, from := r.graph.Person(uint32(p.a)), r.graph.Person(uint32(p.b))
			if into == from || into == Nobody || from == Nobody {
				continue // settled since
			}
			into, from = r.graph.Elder(into, from)
			if p.A, p.AName, err = r.named(ctx, tx, into); err != nil {
				return err
			}
			if p.B, p.BName, err = r.named(ctx, tx, from); err != nil {
				return err
			}
			list = append(list, p.Duplicate)
		}
		return nil
	})
	return list, wrap("duplicates", err)
}

func (r *Registry) named(ctx context.Context, tx *store.Tx, key uint32) (id, name string, err error) {
	if id, err = r.shown(ctx, tx, key); err != nil {
		return "", "", err
	}
	c, err := r.person(ctx, tx, r.graph.Members(key))
	return id, c.name.text, err
}

// Dismiss says that two are not one; they are not suggested again.
func (r *Registry) Dismiss(ctx context.Context, id, who string) error {
	var n int64
	err := r.store.In(ctx, func(tx *store.Tx) (err error) {
		n, err = tx.Exec(ctx, "profile.DismissDuplicate", id, who)
		return err
	})
	if err == nil && n == 0 {
		return fault.Newf(fault.NotFound, "profile.unknown_duplicate", "there is no open suggestion %q", id).At(fault.Place{Field: "id", Value: id}).
			Then("See GET /v1/duplicates for those there are.")
	}
	return wrap("dismiss a suggestion", err)
}
