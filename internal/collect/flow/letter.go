package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/internal/store"
)

// RawEvent is an event of a dead letter, as it was sent.
type RawEvent struct {
	Place      string    `json:"place" doc:"where it stood in the log"`
	ReceivedAt time.Time `json:"received_at"`
	Source     string    `json:"source"`
	Type       string    `json:"type" doc:"by the address it was sent to; empty where the event says its own"`
	Name       string    `json:"name"`
	Identities []string  `json:"identities" doc:"kind:value, as far as it can be read"`
	Raw        string    `json:"raw" doc:"as it was sent"`
	Shared     string    `json:"shared" doc:"what the batch said for all of its events; empty where nothing"`
}

// Letter is a dead letter with its events.
type Letter struct {
	DeadLetter
	Items []RawEvent `json:"items"`
	Next  string     `json:"next" doc:"after of the next page; empty on the last"`
}

// Quarantined finds one event that is set aside.
func (f *Flow) Quarantined(ctx context.Context, place uint64) (*Quarantined, error) {
	found, err := f.chosen(ctx, []uint64{place}, "")
	if err != nil {
		return nil, err
	}
	return &found[0], nil
}

// Letter opens a dead letter: limit of its events at most, behind the one of the number after.
func (f *Flow) Letter(ctx context.Context, seq uint64, after, limit int) (*Letter, error) {
	l := Letter{Items: []RawEvent{}}
	var raw []byte
	found := false
	err := f.Records.View(ctx, func(tx *store.Tx) (err error) {
		var at int64
		found, err = tx.One(ctx, "flow.OpenDeadLetter", store.Args{int64(seq)}, &at, &l.Events, &l.Problem, &raw)
		l.Seq, l.At = strconv.FormatUint(seq, 10), time.UnixMicro(at).UTC()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("dead letter: %w", err)
	}
	if !found {
		return nil, noLetter(seq)
	}
	requests, unreadable := event.ReadGroup(raw)
	if unreadable != nil { // that may be why it is one
		l.Items = []RawEvent{{Place: strconv.FormatUint(event.PlaceOf(seq, 0), 10), ReceivedAt: l.At, Identities: []string{}, Raw: text(raw)}}
	}
	index := 0
	for i := range requests {
		r := &requests[i]
		for _, one := range r.Events {
			if index >= after && len(l.Items) < limit {
				l.Items = append(l.Items, rawEvent(&r.Header, one, event.PlaceOf(seq, index)))
			}
			index++
		}
	}
	if end := after + len(l.Items); end < index {
		l.Next = strconv.Itoa(end)
	}
	return &l, nil
}

func rawEvent(h *event.Header, raw []byte, place uint64) RawEvent {
	var call struct {
		Event any `json:"event"`
		Name  any `json:"name"`
	}
	_ = json.Unmarshal(raw, &call) // what is no JSON has no name
	name, named := call.Event.(string)
	if !named {
		name, _ = call.Name.(string)
	}
	return RawEvent{
		Place: strconv.FormatUint(place, 10), ReceivedAt: time.UnixMicro(h.ReceivedUS).UTC(), Source: h.Source, Type: h.Type.String(), Name: name,
		Identities: brought(raw), Raw: text(raw), Shared: text(h.Shared),
	}
}

func noLetter(seq uint64) error {
	return fault.Newf(fault.NotFound, "flow.no_dead_letter", "there is no dead letter %d", seq).Then("See GET /v1/dead-letters.")
}

func registerRaw(api *rest.API, f *Flow) {
	rest.Register(api, rest.Op{ID: "get-quarantined", Method: http.MethodGet, Path: "/v1/quarantine/{place}", Tag: "Events", Summary: "One event that could not be used, as it was sent", Needs: rest.Read},
		func(ctx context.Context, in *struct {
			Place string `path:"place" maxLength:"20"`
		},
		) (*struct{ Body *Quarantined }, error) {
			place, err := placeGiven(in.Place, "place")
			if err != nil {
				return nil, err
			}
			q, err := f.Quarantined(ctx, place)
			return &struct{ Body *Quarantined }{q}, err
		})
	rest.Register(api, rest.Op{ID: "get-dead-letter", Method: http.MethodGet, Path: "/v1/dead-letters/{seq}", Tag: "Events", Summary: "A dead letter with its events, as they were sent", Needs: rest.Read},
		func(ctx context.Context, in *struct {
			Seq   string `path:"seq" maxLength:"20"`
			After int    `query:"after" minimum:"0" doc:"next of the page before"`
			Limit int    `query:"limit" default:"50" minimum:"1" maximum:"500"`
		},
		) (*struct{ Body *Letter }, error) {
			seq, err := placeGiven(in.Seq, "seq")
			if err != nil {
				return nil, err
			}
			l, err := f.Letter(ctx, seq, in.After, in.Limit)
			return &struct{ Body *Letter }{l}, err
		})
}
