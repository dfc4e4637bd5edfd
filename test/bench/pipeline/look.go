package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/dangol/dangol/test/bench/load"
)

// lookers open customers' pages and ask why they are in a segment or not, as somebody at the console does while events come.
type lookers struct {
	url    string
	o      options
	mu     sync.Mutex
	took   map[string][]time.Duration
	failed int
}

// run looks until ctx ends; the first looks are of a server that nobody has asked yet, and count like the others.
func (l *lookers) run(ctx context.Context) *sync.WaitGroup {
	var g sync.WaitGroup
	if l.o.look <= 0 {
		return &g
	}
	customer := func() string { return fmt.Sprintf("%s%d", l.o.Prefix, load.FirstCustomer+rand.IntN(l.o.Customers)) }
	g.Go(func() { l.each(ctx, "page", func() string { return "/v1/customers/" + customer() }) })
	g.Go(func() {
		l.each(ctx, "why", func() string {
			return fmt.Sprintf("/v1/segments/bench-%02d/why/%s", rand.IntN(max(1, l.o.segments)), customer())
		})
	})
	return &g
}

func (l *lookers) each(ctx context.Context, kind string, path func() string) {
	every(ctx, time.Duration(float64(time.Second)/l.o.look), func() {
		began := time.Now()
		ok := l.get(ctx, path())
		if ctx.Err() != nil {
			return
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if ok {
			l.took[kind] = append(l.took[kind], time.Since(began))
		} else {
			l.failed++
		}
	})
}

func (l *lookers) get(ctx context.Context, path string) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, l.url+path, http.NoBody)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	defer func() { _ = answer.Body.Close() }()
	_, err = io.Copy(io.Discard, answer.Body)
	return err == nil && answer.StatusCode == http.StatusOK
}
