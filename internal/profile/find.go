package profile

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/profile/graph"
	"github.com/dangol/dangol/internal/profile/identity"
	"github.com/dangol/dangol/internal/store"
)

// Find looks a person up by any of her identities: "42" or "user:42", "email:kim@example.com", "phone:+821012345678",
// "anon:…", "key:7". It returns her key and the id by which she is shown.
func (r *Registry) Find(ctx context.Context, ref string) (key uint32, id string, err error) {
	err = r.with(ctx, func(tx *store.Tx) error {
		o, err := r.origin(ctx, ref)
		if err == nil {
			key = r.graph.Person(o)
			id, err = r.shown(ctx, tx, key)
		}
		return err
	})
	return key, id, err
}

// Names tells by what customers are known best. Who was erased, or is known by nothing but our number, is left out.
func (r *Registry) Names(ctx context.Context, keys []uint32) (map[uint32]string, error) {
	names := make(map[uint32]string, len(keys))
	return names, r.with(ctx, func(tx *store.Tx) (err error) {
		for _, key := range keys {
			person := r.graph.Person(key)
			if person == Nobody || err != nil {
				continue
			}
			if best, found := r.graph.Best(person); found {
				names[key], err = r.called(ctx, tx, best)
			}
		}
		return err
	})
}

// Spelling writes identities as the records have them; false is of what is none. One goroutine uses it.
func (r *Registry) Spelling(ctx context.Context) (func(event.Identity) (string, bool), error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return nil, err
	}
	return r.graph.Book().Spelling(), nil
}

// Key is Find for those who ask thousands of times a second: from memory alone, and somebody unknown is no fault.
func (r *Registry) Key(ctx context.Context, ref string) (key uint32, known bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if key, known, err = r.lookUp(ctx, ref); known {
		key = r.graph.Person(key)
	}
	return key, known, err
}

// origin finds the origin that a ref names; the caller holds the lock.
func (r *Registry) origin(ctx context.Context, ref string) (uint32, error) {
	o, found, err := r.lookUp(ctx, ref)
	if err == nil && !found {
		err = unknownCustomer(strings.TrimSpace(ref))
	}
	return o, err
}

func (r *Registry) lookUp(ctx context.Context, ref string) (origin uint32, found bool, err error) {
	if err := r.ready(ctx); err != nil {
		return 0, false, err
	}
	ref = strings.TrimSpace(ref)
	if k, found := r.graph.Find(event.KindUser, ref); found {
		return k.Origin, true, nil
	}
	kind, value, cut := strings.Cut(ref, ":")
	if kind = strings.ToLower(kind); kind == "anon" {
		kind = event.KindAnonymous
	}
	if !cut && strings.Contains(ref, "@") {
		kind, value, cut = event.KindEmail, ref, true
	}
	if o, ok := graph.ParseKey(event.Identity{Kind: kind, Value: value}); ok && r.graph.Person(o) != Nobody {
		return o, true, nil
	}
	if k, found := r.graph.Find(kind, value); cut && found {
		return k.Origin, true, nil
	}
	return 0, false, nil
}

func unknownCustomer(ref string) error {
	return fault.Newf(fault.NotFound, "profile.unknown_customer", "there is no customer %q", ref).
		At(fault.Place{Field: "id", Value: ref}).Then("Search with `dangol report customers` or in the console, or name her as user:42, email:kim@example.com, phone:+821012345678 or anon:….")
}

// shown is the id by which a person is shown.
func (r *Registry) shown(ctx context.Context, tx *store.Tx, key uint32) (string, error) {
	best, found := r.graph.Best(key)
	if !found {
		return "key:" + keyText(key), nil
	}
	return r.called(ctx, tx, best)
}

// called is an identity as people write it.
func (r *Registry) called(ctx context.Context, tx *store.Tx, k graph.Known) (string, error) {
	if k.Unwritten {
		return identity.Ref(r.graph.Book().Name(k.Kind), r.provisionalValue(k.Number)), nil
	}
	value, _, err := r.text(ctx, tx, k)
	return identity.Ref(r.graph.Book().Name(k.Kind), value), err
}

// Identity is one name by which a person is known.
type Identity struct {
	Kind   string    `json:"kind"`
	Value  string    `json:"value"`
	First  time.Time `json:"first_seen_at"`
	Last   time.Time `json:"last_seen_at" doc:"to the hour"`
	Source string    `json:"source" doc:"the key, hook or import by which it came"`
	Shared bool      `json:"shared" doc:"several people were met with it, so it joins nobody any more"`
	number uint32
}

// identities lists those of a person, strongest first; the caller holds the lock.
func (r *Registry) identities(ctx context.Context, tx *store.Tx, members []uint32) ([]Identity, error) {
	all := []Identity{}
	b := r.graph.Book()
	var known []graph.Known
	for _, o := range members {
		known = append(known, r.graph.Of(o)...)
	}
	slices.SortFunc(known, func(x, y graph.Known) int {
		return cmp.Or(cmp.Compare(b.Priority(x.Kind), b.Priority(y.Kind)), cmp.Compare(x.Number, y.Number))
	})
	for _, k := range known {
		if k.Unwritten {
			all = append(all, Identity{Kind: b.Name(k.Kind), Value: r.provisionalValue(k.Number), Source: "import", Shared: k.Shared, number: k.Number})
			continue
		}
		value, s, err := r.text(ctx, tx, k)
		if err != nil {
			return nil, err
		}
		i := Identity{Kind: b.Name(k.Kind), Value: value, First: time.UnixMicro(s.fromUS).UTC(), Source: s.name, Shared: k.Shared, number: k.Number}
		if i.Last = time.UnixMicro(int64(k.SeenHour) * hourUS).UTC(); i.Last.Before(i.First) {
			i.Last = i.First
		}
		all = append(all, i)
	}
	return all, nil
}

// with runs f on the records with the graph at hand; nothing changes meanwhile.
func (r *Registry) with(ctx context.Context, f func(tx *store.Tx) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return err
	}
	return r.store.View(ctx, f)
}

// wrap names what failed, but for faults, which name themselves.
func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

// page fills in who a person is, and returns her key.
func (r *Registry) page(ctx context.Context, ref string, p *Page) (int64, error) {
	var key uint32
	err := r.with(ctx, func(tx *store.Tx) error {
		o, err := r.origin(ctx, ref)
		if err != nil {
			return err
		}
		key = r.graph.Person(o)
		members := r.graph.Members(key)
		if p.ID, err = r.shown(ctx, tx, key); err != nil {
			return err
		}
		c, err := r.person(ctx, tx, members)
		if err != nil {
			return err
		}
		p.Name, p.Email, p.Phone = c.name.text, c.email.text, c.phone.text
		if p.Identities, err = r.identities(ctx, tx, members); err != nil {
			return err
		}
		held, err := consentsOf(ctx, tx, members)
		if err != nil {
			return err
		}
		p.Consents = listConsents(held)
		if p.Suppressed, err = r.suppressed(ctx, tx, p.Identities); err != nil {
			return err
		}
		p.Merges, err = r.merges(ctx, tx, members)
		return err
	})
	return int64(key), wrap("customer", err)
}
