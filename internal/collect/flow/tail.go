package flow

import (
	"encoding/json"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dangol/dangol/internal/event"
)

// The fates of events.
const (
	Accepted  = "accepted"
	SetAside  = "quarantined"
	Duplicate = "duplicate"
)

// Event is one event as people look at it.
type Event struct {
	Place      string          `json:"place" doc:"where it stands in the log; its identity"`
	MessageID  string          `json:"message_id"`
	Type       string          `json:"type"`
	Name       string          `json:"name"`
	At         time.Time       `json:"at" doc:"when it happened, corrected for the sender's clock"`
	ReceivedAt time.Time       `json:"received_at"`
	Source     string          `json:"source"`
	Customer   string          `json:"customer" doc:"key:N of the person; empty when it belongs to no one"`
	Fate       string          `json:"fate" enum:"accepted,quarantined,duplicate"`
	Reason     string          `json:"reason" doc:"why it was set aside"`
	Sentence   string          `json:"sentence"`
	Next       string          `json:"next"`
	Identities []string        `json:"identities"`
	Properties json.RawMessage `json:"properties"`
	Context    json.RawMessage `json:"context"`
}

func viewOf(f *event.Fact, who Who, fate string) Event {
	e := Event{
		Place: strconv.FormatUint(f.Place, 10), MessageID: f.MessageID, Type: f.Type.String(), Name: f.Name,
		At: time.UnixMicro(f.AtUS).UTC(), ReceivedAt: time.UnixMicro(f.ReceivedUS).UTC(), Source: f.Source, Fate: fate,
		Identities: []string{}, Properties: object(f.Props), Context: object(f.Context),
	}
	if who.Customer != Nobody {
		e.Customer = "key:" + strconv.FormatUint(uint64(who.Customer), 10)
	}
	for _, i := range f.Identities {
		e.Identities = append(e.Identities, i.Kind+":"+i.Value)
	}
	return e
}

// object is a copy of raw, which may share memory with a whole message of the log.
func object(raw []byte) json.RawMessage {
	if !json.Valid(raw) {
		return json.RawMessage("{}")
	}
	return append(json.RawMessage(nil), raw...)
}

func viewOfAside(a *aside) Event {
	received := time.UnixMicro(a.header.ReceivedUS).UTC()
	return Event{
		Place: strconv.FormatUint(a.place, 10), Type: a.header.Type.String(), Name: a.name, At: received, ReceivedAt: received, Source: a.header.Source,
		Fate: SetAside, Reason: a.Reason, Sentence: a.Sentence, Next: a.Next, Identities: []string{}, Properties: object(a.raw), Context: json.RawMessage("{}"),
	}
}

// match says whether an event is one that is looked for.
func (q *Filter) match(e *Event) bool {
	return (q.Name == "" || strings.EqualFold(e.Name, q.Name)) && (q.Source == "" || e.Source == q.Source) &&
		(q.Fate == "" || e.Fate == q.Fate) && (q.Customer == "" || e.Customer == q.Customer)
}

// The tail's sizes: what a newcomer is shown, how far a slow reader may fall behind, and how many of one step are shown.
const (
	tailKept    = 200
	tailWaiting = 512
	tailPerStep = 200
)

// tail hands the newest events to whoever looks, and never waits for them.
type tail struct {
	mu      sync.Mutex
	kept    []Event // oldest first
	looking map[*looker]struct{}
}

type looker struct {
	filter  Filter
	events  chan Event
	skipped int64
}

func newTail() tail { return tail{looking: map[*looker]struct{}{}} }

func (t *tail) publish(facts []event.Fact, whose []Who, asides []aside, twice []event.Fact) {
	t.mu.Lock()
	defer t.mu.Unlock()
	// Nobody reads thousands of rows a second: of a large step the newest are shown, what went wrong first.
	for i := max(0, len(twice)-tailPerStep/4); i < len(twice); i++ {
		t.show(viewOf(&twice[i], Who{Nobody, Nobody}, Duplicate))
	}
	for i := max(0, len(asides)-tailPerStep/2); i < len(asides); i++ {
		t.show(viewOfAside(&asides[i]))
	}
	for i := max(0, len(facts)-tailPerStep); i < len(facts); i++ {
		t.show(viewOf(&facts[i], whose[i], Accepted))
	}
}

func (t *tail) show(e Event) {
	if t.kept = append(t.kept, e); len(t.kept) > 2*tailKept {
		t.kept = append([]Event(nil), t.kept[len(t.kept)-tailKept:]...)
	}
	for l := range t.looking {
		if !l.filter.match(&e) {
			continue
		}
		select {
		case l.events <- e:
		default:
			l.skipped++
		}
	}
}

// Look begins to follow the newest events; recent of those that just came are given first. stop ends it.
func (f *Flow) Look(q Filter, recent int) (events <-chan Event, stop func()) {
	t := &f.tail
	l := &looker{filter: q, events: make(chan Event, tailWaiting)}
	t.mu.Lock()
	defer t.mu.Unlock()
	var matching []Event
	for i := range t.kept {
		if q.match(&t.kept[i]) {
			matching = append(matching, t.kept[i])
		}
	}
	for _, e := range matching[max(0, len(matching)-min(recent, tailWaiting)):] {
		l.events <- e
	}
	t.looking[l] = struct{}{}
	return l.events, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.looking, l)
	}
}
