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
	people   map[string]time.Time // by customer, when her probe was sent
	early    map[string]time.Time // by customer, when she was seen to enter before her probe was
	waits    []time.Duration      // until a probe was seen
	entries  []time.Duration      // until the person whose first it was entered the segment
	n        int
}

const (
	probeName  = "Bench Probe"
	probeEvery = 100 * time.Millisecond
)

func newProbes(url, key string) *probes {
	return &probes{url: url, key: key, sent: map[string]time.Time{}, people: map[string]time.Time{}, early: map[string]time.Time{}}
}

// run sends and looks until ctx ends.
func (p *probes) run(ctx context.Context) *sync.WaitGroup {
	var g sync.WaitGroup
	g.Go(func() { p.look(ctx, probeName, p.saw) })
	g.Go(func() { p.look(ctx, "Segment Entered", p.sawEntry) })
	g.Go(func() { every(ctx, probeEvery, func() { p.send(ctx) }) })
	return &g
}

// every calls work again and again until ctx ends.
func every(ctx context.Context, pause time.Duration, work func()) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			work()
		}
	}
}

func (p *probes) send(ctx context.Context) {
	p.mu.Lock()
	p.n++
	id := fmt.Sprintf("probe-%d-%d", time.Now().UnixNano(), p.n)
	p.sent[id] = time.Now()
	p.mu.Unlock()
	body := fmt.Sprintf(`{"event":%q,"userId":%q,"messageId":%q,"properties":{}}`, probeName, id, id)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"/v1/track", strings.NewReader(body))
	if err != nil {
		return
	}
	r.Header.Set("Authorization", "Bearer "+p.key)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK { // it is not to be seen
		p.mu.Lock()
		p.n--
		delete(p.sent, id)
		p.mu.Unlock()
	}
}

// seen is what the live stream tells of an event.
type seen struct {
	MessageID  string `json:"message_id"`
	Customer   string `json:"customer"`
	Properties struct {
		Segment string `json:"segment"`
	} `json:"properties"`
}

// look follows the live stream of one event.
func (p *probes) look(ctx context.Context, name string, saw func(*seen, time.Time)) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/v1/events/live?recent=0&name="+url.QueryEscape(name), http.NoBody)
	if err != nil {
		return
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return
	}
	defer func() { _ = answer.Body.Close() }()
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		now, e := time.Now(), seen{}
		if json.Unmarshal([]byte(data), &e) != nil {
			continue
		}
		p.mu.Lock()
		saw(&e, now)
		p.mu.Unlock()
	}
}

func (p *probes) saw(e *seen, now time.Time) {
	began, waits := p.sent[e.MessageID]
	if !waits {
		return
	}
	delete(p.sent, e.MessageID)
	p.waits = append(p.waits, now.Sub(began))
	if entered, early := p.early[e.Customer]; early {
		p.entries = append(p.entries, entered.Sub(began))
		return
	}
	p.people[e.Customer] = began
}

func (p *probes) sawEntry(e *seen, now time.Time) {
	if e.Properties.Segment != probed {
		return
	}
	if began, known := p.people[e.Customer]; known {
		delete(p.people, e.Customer)
		p.entries = append(p.entries, now.Sub(began))
		return
	}
	p.early[e.Customer] = now
}

func spread(waits []time.Duration) quantiles {
	slices.Sort(waits)
	at := func(share float64) time.Duration {
		if len(waits) == 0 {
			return 0
		}
		return waits[min(len(waits)-1, int(share*float64(len(waits))))]
	}
	return quantiles{at(0.50), at(0.95), at(0.99), at(1)}
}
