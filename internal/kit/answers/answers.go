// Package answers remembers answers that are pure functions of a question and the versions of the data it stands on.
package answers

import (
	"context"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"
)

// Memory holds the answers asked for last.
type Memory struct {
	kept   *lru.Cache[string, any]
	asking singleflight.Group
}

// New returns a memory of at most n answers; n is positive.
func New(n int) *Memory {
	kept, err := lru.New[string, any](n)
	if err != nil {
		panic(err) // n is a positive constant of the caller
	}
	return &Memory{kept: kept}
}

// Of answers from memory, or computes and remembers. The key names the question and the versions of the data. Callers who
// ask the same at once wait for one computation, which a caller who leaves does not stop; failures are not remembered.
// What is returned is shared: callers do not change it.
func Of[T any](ctx context.Context, m *Memory, key string, compute func(context.Context) (T, error)) (T, error) {
	var none T
	if v, ok := m.kept.Get(key); ok {
		return v.(T), nil
	}
	done := m.asking.DoChan(key, func() (any, error) {
		v, err := compute(context.WithoutCancel(ctx))
		if err == nil {
			m.kept.Add(key, v)
		}
		return v, err
	})
	select {
	case <-ctx.Done():
		return none, ctx.Err()
	case r := <-done:
		if r.Err != nil {
			return none, r.Err
		}
		return r.Val.(T), nil
	}
}
