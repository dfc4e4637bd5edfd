package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// probes are single events among the others, of which it is told when they are seen.
type probes struct {
	url, key string
	mu       sync.Mutex
	sent     map[string]time.Time // by message id, when its request began
	waits    []time.Duration
	n        int
}

const (
	probeName  = "Bench Probe"
	probeEvery = 100 * time.Millisecond
)

func newProbes(url, key string) *probes {
	return &probes{url: url, key: key, sent: map[string]time.Time{}}
}

// run sends and looks until ctx ends.
func (p *probes) run(ctx context.Context) *sync.WaitGroup {
	var g sync.WaitGroup
	g.Go(func() { p.look(ctx) })
	g.Go(func() { p.send(ctx) })
	return &g
}

func (p *probes) send(ctx context.Context) {
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		p.mu.Lock()
		p.n++
		id := fmt.Sprintf("probe-%d-%d", time.Now().UnixNano(), p.n)
		p.sent[id] = time.Now()
		p.mu.Unlock()
		body := fmt.Sprintf(`{"event":%q,"userId":"prober","messageId":%q,"properties":{}}`, probeName, id)
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"/v1/track", strings.NewReader(body))
		if err != nil {
			return
		}
		r.Header.Set("Authorization", "Bearer "+p.key)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			continue
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK { // it is not to be seen
			p.mu.Lock()
			p.n--
			delete(p.sent, id)
			p.mu.Unlock()
		}
	}
}

// look follows the live stream.
func (p *probes) look(ctx context.Context) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/v1/events/live?recent=0&name="+url.QueryEscape(probeName), http.NoBody)
	if err != nil {
		return
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return
	}
	defer func() { _ = answer.Body.Close() }()
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var e struct {
			MessageID string `json:"message_id"`
		}
		now := time.Now()
		if json.Unmarshal([]byte(data), &e) != nil {
			continue
		}
		p.mu.Lock()
		if began, waits := p.sent[e.MessageID]; waits {
			delete(p.sent, e.MessageID)
			p.waits = append(p.waits, now.Sub(began))
		}
		p.mu.Unlock()
	}
}

func (p *probes) quantiles() (q quantiles, sent, seen int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	slices.Sort(p.waits)
	at := func(share float64) time.Duration {
		if len(p.waits) == 0 {
			return 0
		}
		return p.waits[min(len(p.waits)-1, int(share*float64(len(p.waits))))]
	}
	return quantiles{at(0.50), at(0.95), at(0.99), at(1)}, p.n, len(p.waits)
}
