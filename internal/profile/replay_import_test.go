package profile

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/dangol/dangol/internal/event"
)

// stepImport does the next thing of an import: begins one, reads rows, keeps its customers, commits, or gives it up.
func (w *town) stepImport() {
	switch {
	case w.importing == nil:
		p, err := w.registry.People(w.ctx)
		w.must(err)
		w.importID++
		w.importing, w.imported, w.adopted, w.staged, w.common, w.kept = p, nil, map[uint32]bool{}, map[string]Resolved{}, nil, false
		w.readRows()
	case rapid.IntRange(0, 4).Draw(w.t, "give up") == 0:
		w.must(w.registry.Forget(w.ctx, w.importID))
		w.takenBack()
	case !w.kept && rapid.Bool().Draw(w.t, "more rows"):
		w.readRows()
		w.registry.keepAtOnce = rapid.IntRange(1, 3).Draw(w.t, "keep at once")
		w.must(w.importing.KeepMet(w.ctx, w.importID))
	case !w.kept:
		w.must(w.registry.Keep(w.ctx, w.importID, w.importing.Fresh()))
		w.kept = true
	default:
		w.commitImport()
		w.must(w.registry.Done(w.ctx, w.importID))
		w.settled()
	}
}

// readRows resolves rows of the file, as does the model.
func (w *town) readRows() {
	for range rapid.IntRange(1, 3).Draw(w.t, "rows") {
		l := event.OrderLine{
			Customer: rapid.SampledFrom([]string{"u1", "u2", "u3", "u4"}).Draw(w.t, "customer"),
			Email:    rapid.SampledFrom([]string{"", "E1@x.kr", "e2@x.kr", "null"}).Draw(w.t, "mail"),
		}
		customer, o := w.importing.Whose(&l)
		known := w.model.find("user", l.Customer)
		if known == nil {
			known = w.bring(&l)
		}
		if o != known.origin || customer != w.model.person(o) {
			w.t.Fatalf("the file's %s is customer %d, origin %d; want %d, %d", l.Customer, customer, o, w.model.person(known.origin), known.origin)
		}
		w.staged[fmt.Sprint(w.importID, l.Customer)] = Resolved{customer, o}
	}
}

func (w *town) bring(l *event.OrderLine) *modelID {
	m := w.model
	o := m.next
	m.next++
	m.people[o] = []uint32{o}
	w.imported = append(w.imported, o)
	user := &modelID{kind: "user", value: l.Customer, origin: o}
	m.ids = append(m.ids, user)
	mail := map[string]string{"E1@x.kr": "e1@x.kr", "e2@x.kr": "e2@x.kr"}[l.Email]
	if mail == "" {
		return user
	}
	if known := m.find("email", mail); known == nil {
		m.ids = append(m.ids, &modelID{kind: "email", value: mail, origin: o})
	} else if !known.shared {
		w.common = append(w.common, [2]any{o, known})
	}
	return user
}

// takenBack is what is left of an import that did not commit.
func (w *town) takenBack() {
	m := w.model
	freed := map[uint32]bool{}
	for _, o := range w.imported {
		if w.adopted[o] || m.person(o) == Nobody {
			continue
		}
		freed[o] = true
		delete(m.people, o)
		m.ids = slices.DeleteFunc(m.ids, func(id *modelID) bool { return id.origin == o })
	}
	for m.next > 0 && freed[m.next-1] {
		m.next--
	}
	w.importing = nil
}

// commitImport is what the warehouse does: the rows of new customers and their orders.
func (w *town) commitImport() {
	for _, p := range w.importing.Fresh() {
		w.rows[p.Key] = p.ID + "|" + p.Name
		w.imports = append(w.imports, p)
	}
	for line, r := range w.staged {
		w.orders[line] = r
	}
}

// settled is what the model makes of an import that committed.
func (w *town) settled() {
	m := w.model
	slices.SortFunc(w.common, func(a, b [2]any) int { return int(a[0].(uint32)) - int(b[0].(uint32)) })
	for _, c := range w.common {
		o, id := c[0].(uint32), c[1].(*modelID)
		switch {
		case m.person(o) == Nobody || m.find(id.kind, id.value) != id || id.shared || m.person(id.origin) == m.person(o):
		case m.fit(m.person(id.origin), m.person(o)):
			m.join(id.origin, o, id)
		default:
			id.shared = true
		}
	}
	w.importing = nil
}

// crash ends the process, and starts it again: an import on its way is settled by what the warehouse says.
func (w *town) crash() {
	committed := false
	if w.importing != nil && w.kept && rapid.Bool().Draw(w.t, "the import committed") {
		committed = true
		w.commitImport()
	}
	w.told = nil // what was announced is on the log; what was not is still in the outbox
	w.open()
	switch {
	case w.importing == nil:
	case committed:
		w.must(w.registry.Done(w.ctx, w.importID))
		w.settled()
	default:
		// The numbers of customers that were never written are known to nobody.
		w.must(w.registry.Forget(w.ctx, w.importID))
		w.takenBack()
		if !w.kept {
			w.model.next = w.registry.graphOrigins()
		}
	}
}

func (r *Registry) graphOrigins() uint32 { return r.graph.Origins() }
