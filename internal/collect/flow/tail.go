package flow

import (
	"encoding/json"
	"slices"
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
	Person     string          `json:"person" doc:"by what she is known best, where the event brought no name but our own number, as Segment Entered does; else empty"`
	Fate       string          `json:"fate" enum:"accepted,quarantined,duplicate"`
	Reason     string          `json:"reason" doc:"why it was set aside"`
	Sentence   string          `json:"sentence"`
	Next       string          `json:"next"`
	Identities []string        `json:"identities" doc:"what the event itself brought, as kind:value: user, anonymous, email, phone and others"`
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
		Fate: SetAside, Reason: a.Reason, Sentence: a.Sentence, Next: a.Next, Identities: brought(a.raw), Properties: object(a.raw), Context: json.RawMessage("{}"),
	}
}

// brought are the identities of a call that could not be used, as far as it can be read.
func brought(raw []byte) []string {
	type reach struct {
		Email any `json:"email"`
		Phone any `json:"phone"`
	}
	var call struct {
		User      any   `json:"userId"`
		Anonymous any   `json:"anonymousId"`
		Traits    reach `json:"traits"`
		Context   struct {
			Traits reach `json:"traits"`
		} `json:"context"`
	}
	_ = json.Unmarshal(raw, &call) // what is no JSON brought nothing; of a field of another type the others are read
	list := []string{}
	add := func(kind string, value any) {
		text := ""
		switch v := value.(type) {
		case string:
			text = v
		case float64:
			text = strconv.FormatFloat(v, 'f', -1, 64)
		}
		if text != "" && len(text) <= 255 && !slices.Contains(list, kind+":"+text) {
			list = append(list, kind+":"+text)
		}
	}
	add(event.KindUser, call.User)
	add(event.KindAnonymous, call.Anonymous)
	for _, r := range []reach{call.Traits, call.Context.Traits} {
		add(event.KindEmail, r.Email)
		add(event.KindPhone, r.Phone)
	}
	return list
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
	// Nobody reads thousands of rows a second: of a large step the newest are shown, what went wrong first. Who looks for
	// something in particular is shown that, wherever it stands.
	t.part(len(twice), tailPerStep/4, func(q *Filter, i int) bool { return q.matchFact(&twice[i], Duplicate) },
		func(i int) Event { return viewOf(&twice[i], Who{Nobody, Nobody}, Duplicate) })
	t.part(len(asides), tailPerStep/2, func(q *Filter, i int) bool {
		return (q.Name == "" || strings.EqualFold(asides[i].name, q.Name)) && (q.Fate == "" || q.Fate == SetAside)
	}, func(i int) Event { return viewOfAside(&asides[i]) })
	t.part(len(facts), tailPerStep, func(q *Filter, i int) bool { return q.matchFact(&facts[i], Accepted) && q.ofCustomer(whose[i]) },
		func(i int) Event { return viewOf(&facts[i], whose[i], Accepted) })
}

// part shows the newest of n events to everyone, and of those before them what somebody looks for; may tells cheaply what
// cannot be that.
func (t *tail) part(n, newest int, may func(q *Filter, i int) bool, view func(i int) Event) {
	older := max(0, n-newest)
	for l := range t.looking {
		if l.filter.all() {
			continue
		}
		for i := range older {
			if len(l.events) == cap(l.events) {
				break // more than is read
			}
			if may(&l.filter, i) {
				l.offer(view(i))
			}
		}
	}
	for i := older; i < n; i++ {
		t.show(view(i))
	}
}

// all says that nothing in particular is looked for.
func (q *Filter) all() bool {
	return q.Name == "" && q.Source == "" && q.Fate == "" && q.Customer == ""
}

func (q *Filter) matchFact(f *event.Fact, fate string) bool {
	return (q.Name == "" || strings.EqualFold(f.Name, q.Name)) && (q.Source == "" || f.Source == q.Source) && (q.Fate == "" || q.Fate == fate)
}

func (q *Filter) ofCustomer(w Who) bool {
	return q.Customer == "" || q.Customer == "key:"+strconv.FormatUint(uint64(w.Customer), 10)
}

func (l *looker) offer(e Event) {
	if !l.filter.match(&e) {
		return
	}
	select {
	case l.events <- e:
	default:
		l.skipped++
	}
}

func (t *tail) show(e Event) {
	if t.kept = append(t.kept, e); len(t.kept) > 2*tailKept {
		t.kept = append([]Event(nil), t.kept[len(t.kept)-tailKept:]...)
	}
	for l := range t.looking {
		l.offer(e)
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
