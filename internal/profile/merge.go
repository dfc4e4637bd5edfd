package profile

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/profile/graph"
	"github.com/dangol/dangol/internal/store"
)

// Merge is why two people are one.
type Merge struct {
	ID       string     `json:"id"`
	From     string     `json:"from" doc:"an identity of the side that was taken in"`
	Into     string     `json:"into"`
	At       time.Time  `json:"at"`
	Cause    string     `json:"cause" enum:"identify,alias,track,page,screen,group,import,hand"`
	Who      string     `json:"who" doc:"a key, a hook, an import or a person"`
	Why      string     `json:"why"`
	UndoneAt *time.Time `json:"undone_at"`
	UndoneBy string     `json:"undone_by"`
	// UndoneWhy is why it was wrong.
	UndoneWhy string `json:"undone_why"`
}

// linkRow is a link as it is kept.
type linkRow struct {
	id              int64
	link            graph.Link
	cause, who, why string
	atUS, undoneUS  int64
	undoneBy, undid string
}

func scanLink(scan store.Scan) (l linkRow, err error) {
	var a, b, from, into, via int64
	err = scan(&l.id, &a, &b, &from, &into, &via, &l.cause, &l.who, &l.why, &l.atUS, &l.undoneUS, &l.undoneBy, &l.undid)
	l.link = graph.Link{A: uint32(a), B: uint32(b), From: uint32(from), Into: uint32(into), Via: uint32(via), Fact: int(l.id)}
	return l, err
}

// linksOf reads the links between the origins of a person, in their order.
func linksOf(ctx context.Context, tx *store.Tx, members []uint32) ([]linkRow, error) {
	var all []linkRow
	for _, o := range members {
		list, err := store.Collect(ctx, tx, "profile.EachLink", store.Args{int64(o)}, scanLink)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	slices.SortFunc(all, func(x, y linkRow) int { return int(x.id - y.id) })
	return slices.CompactFunc(all, func(x, y linkRow) bool { return x.id == y.id }), nil
}

// merges tells the merges of a person, newest first; the caller holds the lock.
func (r *Registry) merges(ctx context.Context, tx *store.Tx, members []uint32) ([]Merge, error) {
	links, err := linksOf(ctx, tx, members)
	if err != nil {
		return nil, err
	}
	all := []Merge{}
	for i := len(links) - 1; i >= 0; i-- {
		l := &links[i]
		m := Merge{ID: strconv.FormatInt(l.id, 10), At: time.UnixMicro(l.atUS).UTC(), Cause: l.cause, Who: l.who, Why: l.why, UndoneBy: l.undoneBy, UndoneWhy: l.undid}
		if m.From, err = r.side(ctx, tx, l.link.A); err != nil {
			return nil, err
		}
		if m.Into, err = r.side(ctx, tx, l.link.B); err != nil {
			return nil, err
		}
		if l.undoneUS > 0 {
			at := time.UnixMicro(l.undoneUS).UTC()
			m.UndoneAt = &at
		}
		all = append(all, m)
	}
	return all, nil
}

// side names an origin by the strongest of its own identities.
func (r *Registry) side(ctx context.Context, tx *store.Tx, o uint32) (string, error) {
	b := r.graph.Book()
	known := r.graph.Of(o)
	if len(known) == 0 {
		return "key:" + keyText(o), nil
	}
	best := slices.MinFunc(known, func(x, y graph.Known) int {
		if d := int(b.Priority(x.Kind)) - int(b.Priority(y.Kind)); d != 0 {
			return d
		}
		return int(x.Number) - int(y.Number)
	})
	return r.called(ctx, tx, best)
}

// Merged says what a merge did.
type Merged struct {
	ID   string `json:"id"`
	Into string `json:"into" doc:"the customer that is left"`
}

// Merge makes one person of two, because a person says so; the limits of identities do not hold for her.
func (r *Registry) Merge(ctx context.Context, a, b, who, why string) (Merged, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	x, err := r.origin(ctx, a)
	if err != nil {
		return Merged{}, err
	}
	y, err := r.origin(ctx, b)
	if err != nil {
		return Merged{}, err
	}
	if r.graph.Person(x) == r.graph.Person(y) {
		return Merged{}, samePerson(a, b)
	}
	r.graph.Adopt(x)
	r.graph.Adopt(y)
	l, _ := r.graph.Join(x, y)
	s := step{cause: "hand", who: who, why: why}
	if err := r.commit(ctx, &s); err != nil {
		return Merged{}, wrap("merge customers", err)
	}
	r.wake()
	m := Merged{ID: strconv.FormatInt(r.counters[counterLink], 10)}
	err = r.store.View(ctx, func(tx *store.Tx) error {
		m.Into, err = r.shown(ctx, tx, r.graph.Person(l.Into))
		return err
	})
	return m, err
}

func samePerson(a, b string) error {
	return fault.Newf(fault.Conflict, "profile.same_person", "%s and %s are one customer already", a, b).At(fault.Place{Field: "b", Value: b}).
		Then("Look at her merges, and undo the one that was wrong.")
}

// Undo takes a merge back, whatever was merged on top of it since: the two origins it joined are two people again, each with
// all that was linked to it otherwise. An event cannot make the same merge again.
func (r *Registry) Undo(ctx context.Context, id, who, why string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return err
	}
	number, err := strconv.ParseInt(id, 10, 64)
	var row linkRow
	var members []uint32
	var links []linkRow
	if err == nil {
		err = r.store.View(ctx, func(tx *store.Tx) error {
			if row, err = findLink(ctx, tx, number); err != nil || row.undoneUS > 0 {
				return err
			}
			members = r.graph.Members(r.graph.Person(row.link.A))
			links, err = linksOf(ctx, tx, members)
			return err
		})
	} else {
		err = unknownMerge(id)
	}
	if err != nil {
		return err
	}
	if row.undoneUS > 0 {
		return fault.Newf(fault.Conflict, "profile.undone", "merge %s was undone on %s by %s", id, time.UnixMicro(row.undoneUS).UTC().Format(time.DateOnly), row.undoneBy).
			At(fault.Place{Field: "id", Value: id}).Then("Merge the two again if they are one person after all.")
	}
	return wrap("undo a merge", r.undo(ctx, row, links, who, why))
}

func findLink(ctx context.Context, tx *store.Tx, number int64) (linkRow, error) {
	var a, b, from, into, via int64
	l := linkRow{}
	found, err := tx.One(ctx, "profile.FindLink", store.Args{number}, &l.id, &a, &b, &from, &into, &via, &l.cause, &l.who, &l.why, &l.atUS, &l.undoneUS, &l.undoneBy, &l.undid)
	if err == nil && !found {
		err = unknownMerge(strconv.FormatInt(number, 10))
	}
	l.link = graph.Link{A: uint32(a), B: uint32(b), From: uint32(from), Into: uint32(into), Via: uint32(via), Fact: int(l.id)}
	return l, err
}

func unknownMerge(id string) error {
	return fault.Newf(fault.NotFound, "profile.unknown_merge", "there is no merge %q", id).At(fault.Place{Field: "id", Value: id}).
		Then("See the merges on the customer's page.")
}

func (r *Registry) undo(ctx context.Context, row linkRow, links []linkRow, who, why string) error {
	var holding []graph.Link
	for i := range links {
		if links[i].undoneUS == 0 {
			holding = append(holding, links[i].link)
		}
	}
	stays, leaves := r.graph.Split(graph.Sides(holding, row.link))
	if row.link.Via != Nobody {
		r.graph.Share(row.link.Via, r.place())
	}
	properties := map[string]any{"merge": row.id, "into": keyText(stays), "from": keyText(leaves), "who": who, "why": why}
	s := step{
		restate: []uint32{stays, leaves}, undone: true,
		told: []message{{name: "Customers Unmerged", key: stays, properties: properties}, {name: "Customers Unmerged", key: leaves, properties: properties}},
		also: func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, "profile.UndoLink", row.id, r.clock().UnixMicro(), who, why)
			return err
		},
	}
	if err := r.commit(ctx, &s); err != nil {
		return err
	}
	r.wake()
	return nil
}

// MergePreview is what a merge would do.
type MergePreview struct {
	Into       string     `json:"into" doc:"the customer that would be left"`
	From       string     `json:"from" doc:"the customer that would be taken in"`
	Identities []Identity `json:"identities"`
	Conflicts  []string   `json:"conflicts" doc:"in sentences"`
	Orders     int64      `json:"orders" doc:"of both"`
	Events     int64      `json:"events" doc:"of both"`
	Consents   []Consent  `json:"consents" doc:"of both, by the most restrictive rule"`
	Refused    string     `json:"refused,omitempty" doc:"why they cannot be merged"`
	keys       [2]uint32
}

// PreviewMerge says what merging two people would do, changing nothing.
func (r *Registry) PreviewMerge(ctx context.Context, a, b string) (*MergePreview, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	x, err := r.origin(ctx, a)
	if err != nil {
		return nil, err
	}
	y, err := r.origin(ctx, b)
	if err != nil {
		return nil, err
	}
	p := &MergePreview{Identities: []Identity{}, Conflicts: []string{}, Consents: []Consent{}}
	into, from := r.graph.Person(x), r.graph.Person(y)
	if into == from {
		p.Refused = fmt.Sprintf("%s and %s are one customer already.", a, b)
	} else {
		into, from = r.graph.Elder(into, from)
	}
	p.keys = [2]uint32{into, from}
	return p, wrap("preview a merge", r.store.View(ctx, func(tx *store.Tx) error { return r.preview(ctx, tx, p, into, from) }))
}

func (r *Registry) preview(ctx context.Context, tx *store.Tx, p *MergePreview, into, from uint32) (err error) {
	if p.Into, err = r.shown(ctx, tx, into); err != nil {
		return err
	}
	if p.From, err = r.shown(ctx, tx, from); err != nil {
		return err
	}
	members := r.graph.Members(into)
	mine, err := r.person(ctx, tx, members)
	if err != nil {
		return err
	}
	if into != from {
		others := r.graph.Members(from)
		theirs, err := r.person(ctx, tx, others)
		if err != nil {
			return err
		}
		p.differ(&mine, &theirs)
		for _, k := range r.graph.Excess(into, from) {
			p.Conflicts = append(p.Conflicts, fmt.Sprintf("Together they have more identities of the kind %s than the %d that one person may have.", r.graph.Book().Name(k), r.graph.Book().Limit(k)))
		}
		members = slices.Concat(members, others)
	}
	if p.Identities, err = r.identities(ctx, tx, members); err != nil {
		return err
	}
	held, err := consentsOf(ctx, tx, members)
	p.Consents = listConsents(held)
	return err
}

// differ notes what the two are said to be called and reached by.
func (p *MergePreview) differ(a, b *contact) {
	for _, f := range []struct {
		name string
		a, b said
	}{{"name", a.name, b.name}, {"e-mail", a.email, b.email}, {"phone", a.phone, b.phone}, {"birthday", a.birthday, b.birthday}} {
		if f.a.text == "" || f.b.text == "" || f.a.text == f.b.text {
			continue
		}
		left := f.a
		left.later(f.b)
		p.Conflicts = append(p.Conflicts, fmt.Sprintf("The %s is %q here and %q there; %q would be shown.", f.name, f.a.text, f.b.text, left.text))
	}
}
