package profile

import (
	"context"
	"encoding/json"

	"github.com/dangol/dangol/internal/profile/identity"
	"github.com/dangol/dangol/internal/store"
)

func writeRules(b *identity.Book, from uint64, also func(context.Context, *store.Tx) error) func(context.Context, *store.Tx) error {
	return func(ctx context.Context, tx *store.Tx) error {
		rules, err := json.Marshal(b.Rules)
		if err != nil {
			return err
		}
		numbers, err := json.Marshal(b.Numbers)
		if err != nil {
			return err
		}
		var version int64
		if _, err := tx.One(ctx, "profile.NextRules", nil, &version); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "profile.InsertRules", version, int64(from), string(rules), string(numbers), b.Region()); err != nil {
			return err
		}
		if also == nil {
			return nil
		}
		return also(ctx, tx)
	}
}

// Rules returns how identities are told apart.
func (r *Registry) Rules(ctx context.Context) (identity.Rules, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return identity.Rules{}, err
	}
	rules := r.graph.Book().Rules
	if rules.Region == "" {
		rules.Region = r.graph.Book().Region()
	}
	return rules, nil
}

// PutRules changes how identities are told apart, from the next event on.
func (r *Registry) PutRules(ctx context.Context, rules identity.Rules, who string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return err
	}
	return r.putRules(ctx, rules, r.graph.Book().Region(), &step{audits: []audit{{who: who, what: "identity rules", subject: -1}}})
}
