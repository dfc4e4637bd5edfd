package profile

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/profile/graph"
	"github.com/dangol/dangol/internal/profile/identity"
	"github.com/dangol/dangol/internal/store"
	"github.com/dangol/dangol/internal/warehouse"
)

// What is noted of an import's customers before it commits.
const (
	noteTouched = "touched" // met by events, merged or erased: the warehouse is told again
	noteCommon  = "common"  // has an identity of somebody else
)

// keepAtOnce is how many customers are written in one transaction: events are resolved in between.
const keepAtOnce = 10_000

// People resolves the customers of one import: known ids to their origins, new ids to new ones. New customers are visible to events
// at once; one whom an event meets is adopted, and stays if the import is taken back. It is used by one goroutine.
type People struct {
	registry   *Registry
	generation int
	id         int64 // of the import, from Keep on
	im         graph.Importing
	fresh      []warehouse.Person // by rising key
	kept       int                // of fresh, in the records by now
	noted      int                // of im.Common, likewise
	touched    []uint32
	last       string
	epoch      int64
	whose      [2]uint32
	known      int64
}

// People begins an import.
func (r *Registry) People(ctx context.Context) (*People, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return nil, err
	}
	if err := r.locate(ctx, true); err != nil {
		return nil, err
	}
	if p := r.importing; p != nil && p.id == 0 {
		// It ended before it had anything to keep.
		r.graph.Drop(slices.DeleteFunc(keysOf(p.fresh), func(o uint32) bool { return !r.graph.Provisional(o) }))
		r.graph.Reset()
	} else if p != nil {
		return nil, fault.New(fault.Conflict, "profile.importing", "another import is not settled").Then("Try again when it is done.")
	}
	r.importing = &People{registry: r, generation: r.generation, known: r.graph.Sizes().People}
	return r.importing, nil
}

func keysOf(people []warehouse.Person) []uint32 {
	keys := make([]uint32, len(people))
	for i := range people {
		keys[i] = people[i].Key
	}
	return keys
}

// Whose returns the line's customer, and the origin under which her lines go.
func (p *People) Whose(l *event.OrderLine) (customer, origin uint32) {
	r := p.registry
	if l.Customer == p.last && p.epoch == r.epoch.Load() && p.last != "" { // lines of an order mostly follow each other
		return p.whose[0], p.whose[1]
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.generation != p.generation || r.graph == nil {
		return Nobody, Nobody // Keep will say so
	}
	o, fresh := r.graph.Customer(graph.Met{User: l.Customer, Email: l.Email, Phone: l.Phone, Market: l.Market, Currency: l.Currency}, r.place(), &p.im)
	p.last, p.epoch = strings.Clone(l.Customer), r.epoch.Load()
	if fresh {
		p.fresh = append(p.fresh, warehouse.Person{Key: o, ID: p.last, Name: strings.Clone(l.Name), Email: strings.Clone(l.Email), Phone: strings.Clone(l.Phone)})
	}
	p.whose = [2]uint32{r.graph.Person(o), o}
	return p.whose[0], o
}

// Key is Whose for those who need not know the origin.
func (p *People) Key(l *event.OrderLine) uint32 {
	customer, _ := p.Whose(l)
	return customer
}

// Known counts the people that were known when the import began.
func (p *People) Known() int { return int(p.known) }

// Fresh returns the customers met for the first time, but for those whom events have met meanwhile.
func (p *People) Fresh() []warehouse.Person {
	r := p.registry
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.generation != p.generation || r.graph == nil || len(r.graph.Changes.Adopted)+len(p.touched) == 0 {
		return p.fresh
	}
	return slices.DeleteFunc(slices.Clone(p.fresh), func(w warehouse.Person) bool { return !r.graph.Provisional(w.Key) })
}

// provisionalValue is the value of an identity of the import at hand.
func (r *Registry) provisionalValue(n uint32) string {
	p := r.importing
	if p == nil {
		return ""
	}
	if v, found := p.im.Values[n]; found {
		return v
	}
	k := r.graph.Known(n)
	i, found := slices.BinarySearchFunc(p.fresh, k.Origin, func(w warehouse.Person, o uint32) int { return int(w.Key) - int(o) })
	if !found {
		return ""
	}
	switch k.Kind {
	case identity.Email:
		return r.graph.Spell(k, p.fresh[i].Email)
	case identity.Phone:
		return r.graph.Spell(k, p.fresh[i].Phone)
	}
	return p.fresh[i].ID
}

// lostImport says that the graph was read anew since the import began: what the import learnt is not in it.
func lostImport() error {
	return fault.New(fault.Unavailable, "profile.lost_import", "the records of customers could not be written while the file was read").
		Then("Look at the disk and the log, and import the file again.")
}

// KeepMet writes the customers met so far where they are enough for a transaction. Whoever reads the file calls it now and then:
// while the warehouse is busy with the lines, the records cost no time of their own.
func (p *People) KeepMet(ctx context.Context, importID int64) error {
	if len(p.fresh)-p.kept < p.registry.keepAtOnce {
		return nil
	}
	p.registry.mu.Lock()
	defer p.registry.mu.Unlock()
	return p.keepPart(ctx, importID)
}

// Keep writes the other customers that came with the import at hand, before its lines commit. People are those of Fresh.
func (r *Registry) Keep(ctx context.Context, importID int64, _ []warehouse.Person) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.importing
	if p == nil {
		return lostImport()
	}
	for {
		if err := p.keepPart(ctx, importID); err != nil {
			return err
		}
		if p.kept == len(p.fresh) {
			return nil
		}
		// Whoever waits for the registry goes before the next part.
		r.mu.Unlock()
		r.mu.Lock()
	}
}

func (p *People) keepPart(ctx context.Context, importID int64) error {
	r := p.registry
	if r.importing != p || r.graph == nil || p.generation != r.generation {
		return lostImport()
	}
	first := p.id == 0
	p.id = importID
	part := p.fresh[p.kept:min(p.kept+r.keepAtOnce, len(p.fresh))]
	common := len(p.im.Common)
	if err := r.keep(ctx, p, part, first); err != nil {
		return fmt.Errorf("keep customers: %w", err)
	}
	p.kept, p.noted = p.kept+len(part), common
	return nil
}

func (r *Registry) keep(ctx context.Context, p *People, part []warehouse.Person, first bool) error {
	var apart []graph.Known
	part = slices.DeleteFunc(slices.Clone(part), func(w warehouse.Person) bool { return r.graph.Person(w.Key) == Nobody }) // erased since
	for i := range part {
		apart = append(apart, r.graph.Written(part[i].Key)...)
	}
	s := step{also: func(ctx context.Context, tx *store.Tx) error {
		now := r.clock().UnixMicro()
		b, err := tx.Batch(ctx, "profile.InsertCustomer")
		if err != nil {
			return err
		}
		for i := range part {
			w := &part[i]
			if err := b.Add(int64(w.Key), w.ID, w.Name, w.Email, w.Phone, p.id, now); err != nil {
				return err
			}
		}
		if err := b.Close(); err != nil {
			return err
		}
		if b, err = tx.Batch(ctx, "profile.InsertIdentity"); err != nil {
			return err
		}
		for _, k := range apart {
			if err := b.Add(int64(k.Number), r.graph.Book().Name(k.Kind), p.im.Values[k.Number], importSource(p.id), now); err != nil {
				return err
			}
		}
		if err := b.Close(); err != nil {
			return err
		}
		return p.note(ctx, tx, first)
	}}
	return r.commit(ctx, &s)
}

// note keeps what must be settled when the import has committed. Once it has a number, whom events touch is noted by the step that
// does it.
func (p *People) note(ctx context.Context, tx *store.Tx, first bool) error {
	b, err := tx.Batch(ctx, "profile.InsertNote")
	if err != nil {
		return err
	}
	if first {
		for _, o := range p.touched {
			if err := b.Add(p.id, noteTouched, int64(o), int64(0)); err != nil {
				return err
			}
		}
	}
	for _, c := range p.im.Common[p.noted:] {
		if err := b.Add(p.id, noteCommon, int64(c.Origin), int64(c.Number)); err != nil {
			return err
		}
	}
	return b.Close()
}

func importSource(id int64) string {
	if id == 0 {
		return "import"
	}
	return fmt.Sprintf("import %d", id)
}

// notes of an import.
type notes struct {
	touched []uint32
	common  []graph.Common
}

func (r *Registry) readNotes(ctx context.Context, importID int64) (n notes, err error) {
	err = r.store.View(ctx, func(tx *store.Tx) error {
		n = notes{}
		return tx.Each(ctx, "profile.EachNote", store.Args{importID}, func(scan store.Scan) error {
			var note string
			var o, number int64
			err := scan(&note, &o, &number)
			if note == noteCommon {
				n.common = append(n.common, graph.Common{Origin: uint32(o), Number: uint32(number)})
			} else {
				n.touched = append(n.touched, uint32(o))
			}
			return err
		})
	})
	return n, err
}

// broughtBy lists whom an import brought.
func (r *Registry) broughtBy(ctx context.Context, importID int64) (customers []uint32, err error) {
	err = r.store.View(ctx, func(tx *store.Tx) error {
		return tx.Each(ctx, "profile.EachImportCustomer", store.Args{importID}, func(scan store.Scan) error {
			var key int64
			err := scan(&key)
			customers = append(customers, uint32(key))
			return err
		})
	})
	return customers, err
}

// current returns the import at hand if it is that one, or has not got its number yet.
func (r *Registry) current(importID int64) *People {
	if r.importing != nil && (r.importing.id == importID || r.importing.id == 0) {
		return r.importing
	}
	return nil
}

// Forget takes back the customers of an import that did not commit, but for those whom events have met.
func (r *Registry) Forget(ctx context.Context, importID int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return err
	}
	n, err := r.readNotes(ctx, importID)
	if err != nil {
		return fmt.Errorf("forget customers: %w", err)
	}
	customers, err := r.broughtBy(ctx, importID)
	if err != nil {
		return fmt.Errorf("forget customers: %w", err)
	}
	if p := r.current(importID); p != nil {
		customers = append(customers, keysOf(p.fresh)...)
		n.touched = append(n.touched, p.touched...)
	}
	slices.Sort(customers)
	customers = slices.DeleteFunc(slices.Compact(customers), func(o uint32) bool { return !r.graph.Imported(o) })
	var rows []uint32
	for _, o := range customers {
		for _, k := range r.graph.Of(o) {
			if !k.Imported && !k.Unwritten {
				rows = append(rows, k.Number)
			}
		}
	}
	r.graph.Drop(customers)
	s := step{again: alive(r.graph, n.touched), also: func(ctx context.Context, tx *store.Tx) error {
		for _, n := range rows {
			if _, err := tx.Exec(ctx, "profile.DeleteIdentity", int64(n)); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, "profile.DropNotes", importID); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "profile.DeleteImportCustomers", importID)
		return err
	}}
	r.importing = nil
	if err := r.commit(ctx, &s); err != nil {
		return fmt.Errorf("forget customers: %w", err)
	}
	r.wake()
	return nil
}

func alive(g *graph.Graph, origins []uint32) []uint32 {
	slices.Sort(origins)
	return slices.DeleteFunc(slices.Compact(origins), func(o uint32) bool { return g.Person(o) == Nobody })
}

// Done settles an import that has committed: whom events met, merged or erased meanwhile is told to the warehouse again, because
// the import's rows came after it; and customers who have an address or a number in common with others are joined to them where the
// limits allow. It may be called again.
func (r *Registry) Done(ctx context.Context, importID int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return err
	}
	n, err := r.readNotes(ctx, importID)
	if err != nil {
		return fmt.Errorf("settle customers: %w", err)
	}
	if p := r.current(importID); p != nil {
		for i := range p.fresh {
			r.graph.Committed(p.fresh[i].Key)
		}
		r.importing = nil
	}
	if len(n.touched)+len(n.common) == 0 {
		return nil
	}
	for _, c := range n.common {
		r.graph.Dispute(c, r.place())
	}
	s := step{
		again: n.touched, cause: "import", who: importSource(importID), why: "the file gives both one address or number",
		also: func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, "profile.DropNotes", importID)
			return err
		},
	}
	if err := r.commit(ctx, &s); err != nil {
		return fmt.Errorf("settle customers: %w", err)
	}
	r.wake()
	return nil
}
