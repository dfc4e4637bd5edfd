package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/dangol/dangol/test/bench/load"
)

// lookers open customers' pages, ask why they are in a segment or not, and how many a rule holds of, as somebody at the console does while events
// come.
type lookers struct {
	server    *server
	o         options
	mu        sync.Mutex
	took      map[string][]time.Duration
	estimates int // of the counts
	failed    int
}

// run looks until ctx ends; the first looks are of a server that nobody has asked yet, and count like the others.
func (l *lookers) run(ctx context.Context) *sync.WaitGroup {
	var g sync.WaitGroup
	customer := func() string { return fmt.Sprintf("%s%d", l.o.Prefix, load.FirstCustomer+rand.IntN(l.o.Customers)) }
	g.Go(func() { l.each(ctx, "page", l.o.look, l.get(func() string { return "/v1/customers/" + customer() })) })
	g.Go(func() {
		l.each(ctx, "why", l.o.look, l.get(func() string {
			return fmt.Sprintf("/v1/segments/bench-%02d/why/%s", rand.IntN(max(1, l.o.segments)), customer())
		}))
	})
	g.Go(func() { l.each(ctx, "count", l.o.count, l.count()) })
	return &g
}

func (l *lookers) each(ctx context.Context, kind string, rate float64, look func(ctx context.Context) error) {
	if rate <= 0 {
		return
	}
	every(ctx, time.Duration(float64(time.Second)/rate), func() {
		began := time.Now()
		err := look(ctx)
		if ctx.Err() != nil {
			return
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if err == nil {
			l.took[kind] = append(l.took[kind], time.Since(began))
		} else {
			l.failed++
		}
	})
}

func (l *lookers) get(path func() string) func(ctx context.Context) error {
	return func(ctx context.Context) error { return l.server.call(ctx, http.MethodGet, path(), nil, nil) }
}

// count asks one rule after the other how many it holds of, as the builder does. Once in two seconds is so seldom that nothing is counted already.
func (l *lookers) count() func(ctx context.Context) error {
	next := 0
	return func(ctx context.Context) error {
		rule := load.Fifty[next%len(load.Fifty)]
		next++
		var answer struct {
			Estimate *json.RawMessage `json:"estimate"`
		}
		err := l.server.call(ctx, http.MethodPost, "/v1/segments/preview", []byte(`{"rule":`+rule+`,"now_only":true,"soon":true}`), &answer)
		if answer.Estimate != nil {
			l.estimates++
		}
		return err
	}
}
