package profile

import (
	"context"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/profile/dossier"
	"github.com/dangol/dangol/internal/store"
)

// Sheet is one table of what is known of a person.
type Sheet = dossier.Sheet

// Exporting is whose data other rooms are asked for.
type Exporting struct {
	Key        uint32
	Origins    []uint32
	Identities []event.Identity
}

// Exporter gives what one room knows of a person.
type Exporter func(ctx context.Context, e Exporting) ([]Sheet, error)

// Dossier is everything that is known of a person.
type Dossier = dossier.Dossier

// Gather collects everything that is known of a person, of all rooms.
func (s *Service) Gather(ctx context.Context, ref string) (*Dossier, error) {
	d, e, err := s.registry.dossier(ctx, ref)
	if err != nil {
		return nil, err
	}
	now, err := s.asItIs(ctx, int64(e.Key))
	if err != nil {
		return nil, wrap("export a customer", err)
	}
	d.Sheets = append(d.Sheets, now...)
	for _, more := range s.joined.Exporters {
		sheets, err := more(ctx, e)
		if err != nil {
			return nil, wrap("export a customer", err)
		}
		d.Sheets = append(d.Sheets, sheets...)
	}
	return d, nil
}

// asItIs is what is said of her and where she is now; what led to it is in the events.
func (s *Service) asItIs(ctx context.Context, key int64) ([]Sheet, error) {
	said := Sheet{Name: "attributes", Columns: []string{"name", "value", "at", "source"}}
	list, err := s.attributes(ctx, key)
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		said.Rows = append(said.Rows, []any{a.Name, a.Value, a.At, a.Source})
	}
	in := Sheet{Name: "segments", Columns: []string{"id", "name", "since"}}
	segments, err := s.memberships(ctx, key)
	if err != nil {
		return nil, err
	}
	for _, m := range segments {
		in.Rows = append(in.Rows, []any{m.ID, m.Name, m.Since})
	}
	return []Sheet{said, in}, nil
}

// dossier begins with what the room itself keeps.
func (r *Registry) dossier(ctx context.Context, ref string) (*Dossier, Exporting, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o, err := r.origin(ctx, ref)
	if err != nil {
		return nil, Exporting{}, err
	}
	key := r.graph.Person(o)
	e := Exporting{Key: key, Origins: r.graph.Members(key)}
	d := &Dossier{At: r.clock().UTC()}
	err = r.store.View(ctx, func(tx *store.Tx) error {
		d.Sheets, e.Identities = nil, nil
		if d.Customer, err = r.shown(ctx, tx, key); err != nil {
			return err
		}
		identities, err := r.identities(ctx, tx, e.Origins)
		if err != nil {
			return err
		}
		list := Sheet{Name: "identities", Columns: []string{"kind", "value", "first_seen_at", "last_seen_at", "source", "shared"}}
		for _, i := range identities {
			list.Rows = append(list.Rows, []any{i.Kind, i.Value, i.First, i.Last, i.Source, i.Shared})
			e.Identities = append(e.Identities, event.Identity{Kind: i.Kind, Value: i.Value})
		}
		d.Sheets = append(d.Sheets, list)
		return r.dossierMore(ctx, tx, d, e.Origins, identities)
	})
	return d, e, wrap("export a customer", err)
}

func (r *Registry) dossierMore(ctx context.Context, tx *store.Tx, d *Dossier, members []uint32, identities []Identity) error {
	contacts := Sheet{Name: "contacts", Columns: []string{"source", "name", "email", "phone", "birthday"}}
	consents := Sheet{Name: "consents", Columns: []string{"purpose", "channel", "state", "at", "source", "proof"}}
	changes := Sheet{Name: "changes", Columns: []string{"at", "who", "what", "why"}}
	for _, o := range members {
		b, found, err := readBrought(ctx, tx, o)
		if err != nil {
			return err
		}
		if found {
			contacts.Rows = append(contacts.Rows, []any{importSource(b.importID), b.name, b.email, b.phone, ""})
		}
		c, err := readContact(ctx, tx, o)
		if err != nil {
			return err
		}
		if c != (contact{}) {
			contacts.Rows = append(contacts.Rows, []any{"events", c.name.text, c.email.text, c.phone.text, c.birthday.text})
		}
		err = tx.Each(ctx, "profile.EachConsent", store.Args{int64(o)}, func(scan store.Scan) error {
			var b borne
			err := scan(&b.number, &b.made, &b.purpose, &b.channel, &b.state, &b.atUS, &b.source, &b.proof)
			if b.made == int64(o) {
				consents.Rows = append(consents.Rows, []any{b.purpose, b.channel, b.state, time.UnixMicro(b.atUS).UTC(), b.source, b.proof})
			}
			return err
		})
		if err != nil {
			return err
		}
		list, err := changesOf(ctx, tx, o)
		if err != nil {
			return err
		}
		for _, c := range list {
			changes.Rows = append(changes.Rows, []any{c.At, c.Who, c.What, c.Why})
		}
	}
	list, err := r.suppressed(ctx, tx, identities)
	if err != nil {
		return err
	}
	suppressions := Sheet{Name: "suppressions", Columns: []string{"channel", "address", "reason", "at", "who"}}
	for _, s := range list {
		suppressions.Rows = append(suppressions.Rows, []any{s.Channel, s.Address, s.Reason, s.At, s.Who})
	}
	history, err := r.merges(ctx, tx, members)
	if err != nil {
		return err
	}
	merges := Sheet{Name: "merges", Columns: []string{"id", "from", "into", "at", "cause", "who", "why", "undone_at"}}
	for _, m := range history {
		merges.Rows = append(merges.Rows, []any{m.ID, m.From, m.Into, m.At, m.Cause, m.Who, m.Why, m.UndoneAt})
	}
	d.Sheets = append(d.Sheets, contacts, consents, suppressions, merges, changes)
	return nil
}
