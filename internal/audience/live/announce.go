package live

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/zeebo/xxh3"
)

// The names of what the engine tells.
const (
	EnteredEvent = "Segment Entered"
	LeftEvent    = "Segment Left"
)

type told struct {
	Type       string      `json:"type"`
	Event      string      `json:"event"`
	MessageID  string      `json:"messageId"`
	Timestamp  string      `json:"timestamp"`
	Context    toldContext `json:"context"`
	Properties toldMove    `json:"properties"`
}

type toldContext struct {
	ExternalIDs []toldID `json:"externalIds"`
}

type toldID struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	Collection string `json:"collection"`
	Encoding   string `json:"encoding"`
}

type toldMove struct {
	Segment string `json:"segment"`
	Name    string `json:"name"`
	Reason  Reason `json:"reason"`
	Event   string `json:"event,omitempty"`
}

// announcement is a transition as an event of our own. Its message id follows from what moved whom, so that what is told twice
// counts once.
func (e *Engine) announcement(t *Transition) ([]byte, error) {
	name := LeftEvent
	if t.Entered {
		name = EnteredEvent
	}
	segment := Segment{Name: t.Segment}
	for _, s := range e.slugs {
		if s.Slug == t.Segment {
			segment = s
		}
	}
	seed := append([]byte(t.Segment), name...)
	seed = binary.LittleEndian.AppendUint32(seed, t.Customer)
	if t.Place != 0 {
		seed = binary.LittleEndian.AppendUint64(seed, t.Place)
	} else {
		seed = binary.LittleEndian.AppendUint64(seed, uint64(t.AtUS))
	}
	h := xxh3.Hash128(seed).Bytes()
	text, err := json.Marshal(told{
		Type: "track", Event: name, MessageID: "segment:" + hex.EncodeToString(h[:]), Timestamp: time.UnixMicro(t.AtUS).UTC().Format("2006-01-02T15:04:05.000000Z"),
		Context:    toldContext{[]toldID{{strconv.FormatUint(uint64(t.Customer), 10), "key", "users", "none"}}},
		Properties: toldMove{t.Segment, segment.Name, t.Reason, t.Event},
	})
	if err != nil {
		return nil, fmt.Errorf("announce: %w", err)
	}
	return text, nil
}

// tellPiece is how many events are handed over at once, and go into one message of the log.
const tellPiece = 1_000

// Tell hands over what waits in the outbox. What a crash makes it tell again has the same message ids.
func (e *Engine) Tell(ctx context.Context) error {
	for {
		var events [][]byte
		upTo, err := e.Recall.Told(tellPiece, func(b []byte) error {
			events = append(events, b)
			return nil
		})
		if err != nil || len(events) == 0 {
			return err
		}
		if e.Announce != nil {
			if err := e.Announce(ctx, events); err != nil {
				return fmt.Errorf("announce: %w", err)
			}
		}
		if err := e.Recall.DropTold(upTo); err != nil {
			return err
		}
		e.counts.told.Add(int64(len(events)))
	}
}

// telling tells as soon as there is something, until ctx ends.
func (e *Engine) telling(ctx context.Context) {
	signal(e.spoken) // what waited before the start
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.spoken:
		}
		if err := e.Tell(ctx); err != nil && ctx.Err() == nil {
			e.Log.ErrorContext(ctx, "transitions of segments are not told yet", "error", err.Error())
			select {
			case <-ctx.Done():
				return
			case <-time.After(retryAfter):
				signal(e.spoken)
			}
		}
	}
}
