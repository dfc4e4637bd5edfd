package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
)

// EventsInput chooses events. It is exported because the router fills only exported fields, embedded ones too.
type EventsInput struct {
	Name     string `query:"name" maxLength:"200"`
	Customer string `query:"customer" maxLength:"300" doc:"any identity: 42, user:42, email:kim@example.com"`
	Source   string `query:"source" maxLength:"100"`
	Fate     string `query:"fate" enum:"accepted,quarantined" doc:"duplicates are seen only while they come"`
	Before   string `query:"before" maxLength:"20" doc:"place from next of the page before"`
	Limit    int    `query:"limit" default:"50" minimum:"1" maximum:"500"`
}

type eventsOutput struct {
	Body struct {
		Items []Event `json:"items"`
		Next  string  `json:"next" doc:"before of the next page; empty on the last"`
	}
}

type quarantineInput struct {
	Reason string `query:"reason" maxLength:"100"`
	Source string `query:"source" maxLength:"100"`
	Before string `query:"before" maxLength:"20"`
	Limit  int    `query:"limit" default:"50" minimum:"1" maximum:"500"`
}

type quarantineOutput struct {
	Body struct {
		Items    []Quarantined    `json:"items"`
		ByReason map[string]int64 `json:"by_reason"`
		Next     string           `json:"next"`
	}
}

type replayInput struct {
	Body struct {
		Places []string       `json:"places,omitempty" maxItems:"10000"`
		Reason string         `json:"reason,omitempty" doc:"every event of this reason, instead of places"`
		Patch  map[string]any `json:"patch,omitempty" doc:"merged into each event (RFC 7396): null removes a field"`
	}
}

type replayOutput struct {
	Body struct {
		Replayed int `json:"replayed" doc:"what cannot be used yet comes back to the quarantine"`
	}
}

type deadOutput struct {
	Body struct {
		Items []DeadLetter `json:"items"`
	}
}

type reviveInput struct {
	Body struct {
		Seqs []string `json:"seqs" minItems:"1" maxItems:"100"`
	}
}

// Resolve turns an identity into a customer's key.
type Resolve func(ctx context.Context, ref string) (key uint32, id string, err error)

// Names tells by what customers are known best, of those who are known by anything but our own number.
type Names func(ctx context.Context, keys []uint32) (map[uint32]string, error)

func placeGiven(text, field string) (uint64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fault.New(fault.Invalid, "flow.bad_place", "this is no place in the log").
			At(fault.Place{Field: field, Value: text}).Then("Use the place of an event, or next of the page before.")
	}
	return n, nil
}

// Register adds the operations on events.
func Register(api *rest.API, f *Flow, resolve Resolve, names Names) {
	rest.Register(api, rest.Op{ID: "list-events", Method: http.MethodGet, Path: "/v1/events", Tag: "Events", Summary: "Events and what became of them, newest first", Needs: rest.Read},
		func(ctx context.Context, in *EventsInput) (*eventsOutput, error) {
			return listEvents(ctx, f, resolve, names, in)
		})
	rest.Register(api, rest.Op{ID: "list-timeline", Method: http.MethodGet, Path: "/v1/customers/{id}/timeline", Tag: "Customers", Summary: "Everything one customer did, newest first", Needs: rest.Read},
		func(ctx context.Context, in *struct {
			ID string `path:"id" maxLength:"300"`
			EventsInput
		},
		) (*eventsOutput, error) {
			in.Customer, in.Fate = in.ID, Accepted
			return listEvents(ctx, f, resolve, names, &in.EventsInput)
		})
	rest.Register(api, rest.Op{ID: "count-events", Method: http.MethodGet, Path: "/v1/events/summary", Tag: "Events", Summary: "How many events of which name there are, and whether all are through", Needs: rest.Read},
		func(ctx context.Context, _ *struct{}) (*struct{ Body Summary }, error) {
			s, err := f.Summarise(ctx)
			return &struct{ Body Summary }{s}, err
		})
	registerAside(api, f)
	registerRaw(api, f)
}

func listEvents(ctx context.Context, f *Flow, resolve Resolve, names Names, in *EventsInput) (*eventsOutput, error) {
	before, err := placeGiven(in.Before, "before")
	if err != nil {
		return nil, err
	}
	key := int64(-1)
	if in.Customer != "" {
		k, _, err := resolve(ctx, in.Customer)
		if err != nil {
			return nil, err
		}
		key = int64(k)
	}
	items, err := f.Events(ctx, Filter{Name: in.Name, Source: in.Source, Fate: in.Fate, Before: before, Limit: in.Limit}, key)
	if err != nil {
		return nil, err
	}
	recognise(ctx, items, names)
	out := &eventsOutput{}
	out.Body.Items = append([]Event{}, items...)
	if len(items) == in.Limit {
		out.Body.Next = items[len(items)-1].Place
	}
	return out, nil
}

// recognise says by what the people of events are known that name them by our own number alone: what we tell ourselves does.
func recognise(ctx context.Context, events []Event, names Names) {
	var nameless []int
	var keys []uint32
	for i := range events {
		if key, ok := events[i].nameless(); ok {
			nameless, keys = append(nameless, i), append(keys, key)
		}
	}
	if len(keys) == 0 {
		return
	}
	known, _ := names(ctx, keys) // without, they stay numbers
	for at, i := range nameless {
		events[i].Person = known[keys[at]]
	}
}

// nameless tells whose an event is that brought nothing but our number.
func (e *Event) nameless() (key uint32, ok bool) {
	number, ours := strings.CutPrefix(e.Customer, ourName)
	if !ours || slices.ContainsFunc(e.Identities, func(ref string) bool { return !strings.HasPrefix(ref, ourName) }) {
		return 0, false
	}
	n, err := strconv.ParseUint(number, 10, 32)
	return uint32(n), err == nil
}

const ourName = "key:"

func registerAside(api *rest.API, f *Flow) {
	rest.Register(api, rest.Op{ID: "list-quarantine", Method: http.MethodGet, Path: "/v1/quarantine", Tag: "Events", Summary: "Events that could not be used, with the reason and what to do", Needs: rest.Read},
		func(ctx context.Context, in *quarantineInput) (*quarantineOutput, error) {
			before, err := placeGiven(in.Before, "before")
			if err != nil {
				return nil, err
			}
			items, by, err := f.Quarantine(ctx, Filter{Reason: in.Reason, Source: in.Source, Before: before, Limit: in.Limit})
			out := &quarantineOutput{}
			out.Body.Items, out.Body.ByReason = append([]Quarantined{}, items...), by
			if len(items) == in.Limit {
				out.Body.Next = items[len(items)-1].Place
			}
			return out, err
		})
	rest.Register(api, rest.Op{ID: "replay-quarantine", Method: http.MethodPost, Path: "/v1/quarantine/replay", Tag: "Events", Summary: "Send quarantined events again, mended", Needs: rest.Write},
		func(ctx context.Context, in *replayInput) (*replayOutput, error) {
			places := make([]uint64, len(in.Body.Places))
			for i, text := range in.Body.Places {
				p, err := placeGiven(text, "places")
				if err != nil {
					return nil, err
				}
				places[i] = p
			}
			n, err := f.Replay(ctx, places, in.Body.Reason, in.Body.Patch)
			out := &replayOutput{}
			out.Body.Replayed = n
			return out, err
		})
	rest.Register(api, rest.Op{ID: "list-dead-letters", Method: http.MethodGet, Path: "/v1/dead-letters", Tag: "Events", Summary: "Messages on which a stage failed each time", Needs: rest.Read},
		func(ctx context.Context, _ *struct{}) (*deadOutput, error) {
			items, err := f.DeadLetters(ctx, 200)
			out := &deadOutput{}
			out.Body.Items = append([]DeadLetter{}, items...)
			return out, err
		})
	rest.Register(api, rest.Op{ID: "replay-dead-letters", Method: http.MethodPost, Path: "/v1/dead-letters/replay", Tag: "Events", Summary: "Send the events of dead letters again", Needs: rest.Write},
		func(ctx context.Context, in *reviveInput) (*replayOutput, error) {
			out := &replayOutput{}
			for _, text := range in.Body.Seqs {
				seq, err := placeGiven(text, "seqs")
				if err != nil {
					return nil, err
				}
				n, err := f.Revive(ctx, seq)
				if err != nil {
					return nil, err
				}
				out.Body.Replayed += n
			}
			return out, nil
		})
}

// How the live stream keeps its connection.
const (
	keepAlive    = 15 * time.Second
	recentAtOnce = 50
	atOnce       = 128 // events that are named and sent together
)

// Live streams the newest events as server-sent events, one JSON object a message.
func Live(f *Flow, resolve Resolve, names Names) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := rest.Allow(r.Context(), rest.Read); err != nil {
			rest.WriteProblem(w, err)
			return
		}
		q := Filter{Name: r.URL.Query().Get("name"), Source: r.URL.Query().Get("source"), Fate: r.URL.Query().Get("fate")}
		if q.Fate != "" && q.Fate != Accepted && q.Fate != SetAside && q.Fate != Duplicate {
			rest.WriteProblem(w, fault.New(fault.Invalid, "flow.bad_fate", "no event has this fate").
				At(fault.Place{Field: "fate", Value: q.Fate}).Then("Ask for accepted, quarantined or duplicate, or leave it away."))
			return
		}
		if ref := r.URL.Query().Get("customer"); ref != "" {
			key, _, err := resolve(r.Context(), ref)
			if err != nil {
				rest.WriteProblem(w, err)
				return
			}
			q.Customer = fmt.Sprintf("key:%d", key)
		}
		recent := recentAtOnce
		if text := r.URL.Query().Get("recent"); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				rest.WriteProblem(w, fault.New(fault.Invalid, "flow.bad_recent", "recent is not a number of events").At(fault.Place{Field: "recent", Value: text}))
				return
			}
			recent = n
		}
		events, stop := f.Look(q, recent)
		defer stop()
		stream(w, r, events, names)
	})
}

func stream(w http.ResponseWriter, r *http.Request, events <-chan Event, names Names) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	out := http.NewResponseController(w)
	beat := time.NewTicker(keepAlive)
	defer beat.Stop()
	if _, err := w.Write([]byte(": events as they come\n\n")); err != nil || out.Flush() != nil {
		return
	}
	for {
		var text []byte
		select {
		case <-r.Context().Done():
			return
		case <-beat.C:
			text = []byte(": still here\n\n")
		case e := <-events:
			text = lines(r.Context(), gather(e, events), names)
		}
		if _, err := w.Write(text); err != nil || len(events) == 0 && out.Flush() != nil {
			return
		}
	}
}

// gather takes what else has come already, so that a run of events is named and sent at once.
func gather(first Event, events <-chan Event) []Event {
	run := []Event{first}
	for len(run) < atOnce {
		select {
		case e := <-events:
			run = append(run, e)
		default:
			return run
		}
	}
	return run
}

// lines are events as the stream has them.
func lines(ctx context.Context, run []Event, names Names) (text []byte) {
	recognise(ctx, run, names)
	for i := range run {
		b, err := json.Marshal(&run[i])
		if err != nil {
			continue
		}
		text = append(append(append(text, "id: "+run[i].Place+"\ndata: "...), b...), "\n\n"...)
	}
	return text
}
