package profile

import (
	"context"
	"fmt"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/profile/identity"
)

// Resolved says whose a fact is: her key today, and the origin under which the fact came. Either may be Nobody; the customer of a
// fact that tells of a consent that cannot be kept is Unheard.
type Resolved struct{ Customer, Origin uint32 }

// Apply resolves the facts of a batch that ends with the message seq of the log, and commits what they say of who is who together
// with that offset. Facts of messages before the offset are looked up only. Customers are those of the end of the batch.
func (r *Registry) Apply(ctx context.Context, seq uint64, facts []event.Fact) ([]Resolved, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return nil, err
	}
	offset := uint64(r.counters[counterLog])
	if err := r.locate(ctx, false); err != nil {
		return nil, err
	}
	out := make([]Resolved, len(facts))
	s := step{facts: facts}
	for i := range facts {
		f := &facts[i]
		if event.SeqOf(f.Place) <= offset {
			out[i].Origin = r.graph.Lookup(f)
			if heard, err := r.takeConsent(ctx, &s, f, out[i].Origin, true); err != nil {
				return nil, err
			} else if !heard {
				out[i].Customer = Unheard
			}
			continue
		}
		o := r.graph.Resolve(f, i)
		out[i].Origin = o
		if o == Nobody {
			continue
		}
		switch f.Type {
		case event.Identify:
			s.contacts.take(f, o, r.graph)
		case event.Track:
			if heard, _ := r.takeConsent(ctx, &s, f, o, false); !heard {
				out[i].Customer = Unheard
			}
		}
	}
	if seq > offset {
		s.seq = seq
		if err := r.commit(ctx, &s); err != nil {
			return nil, fmt.Errorf("resolve customers: %w", err)
		}
	}
	for i := range out {
		if out[i].Customer == Unheard {
			continue
		}
		out[i].Customer = r.graph.Person(out[i].Origin)
	}
	return out, nil
}

// locateEveryUS is how often the workspace's country is asked for; it changes once, with the first orders.
const locateEveryUS = 2_000_000

// locate gives the rules the workspace's country where they name none.
func (r *Registry) locate(ctx context.Context, now bool) error {
	b, at := r.graph.Book(), r.clock().UnixMicro()
	if r.region == nil || b.Rules.Region != "" || !now && at-r.locatedUS < locateEveryUS {
		return nil
	}
	r.locatedUS = at
	region, err := r.region(ctx)
	if err != nil || region == b.Region() {
		return err
	}
	return r.putRules(ctx, b.Rules, region, &step{})
}

// putRules makes rules hold from here on.
func (r *Registry) putRules(ctx context.Context, rules identity.Rules, region string, s *step) error {
	b, err := identity.NewBook(rules, r.graph.Book().Numbers, region)
	if err != nil {
		return err
	}
	from := r.place() + 1
	also := s.also
	s.also = writeRules(b, from, also)
	if err := r.commit(ctx, s); err != nil {
		return fmt.Errorf("keep the rules of identities: %w", err)
	}
	r.graph.Rule(from, b)
	return nil
}
