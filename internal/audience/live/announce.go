package live

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
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

// outboxed is how a transition waits in the outbox: what is told is made of it when it is told.
func (t *Transition) outboxed() []byte {
	b := make([]byte, 0, 40+len(t.Segment)+len(t.Event))
	b = binary.AppendUvarint(b, uint64(t.Customer))
	b = binary.AppendVarint(b, t.AtUS)
	b = binary.AppendUvarint(b, t.Place)
	if t.Entered {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	for _, text := range []string{t.Segment, string(t.Reason), t.Event} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	return b
}

var errOutbox = errors.New("what waits in the outbox cannot be read")

// unboxed reads what outboxed wrote.
func unboxed(b []byte) (t Transition, err error) {
	customer, n := binary.Uvarint(b)
	if n <= 0 {
		return t, errOutbox
	}
	b = b[n:]
	if t.AtUS, n = binary.Varint(b); n <= 0 {
		return t, errOutbox
	}
	b = b[n:]
	if t.Place, n = binary.Uvarint(b); n <= 0 || len(b) <= n {
		return t, errOutbox
	}
	t.Customer, t.Entered, b = uint32(customer), b[n] == 1, b[n+1:]
	var texts [3]string
	for i := range texts {
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return t, errOutbox
		}
		texts[i], b = string(b[n:n+int(size)]), b[n+int(size):]
	}
	t.Segment, t.Reason, t.Event = texts[0], Reason(texts[1]), texts[2]
	return t, nil
}

// announcement is a transition as an event of our own. Its message id follows from what moved whom, so that what is told twice
// counts once.
func announcement(t *Transition, name string) ([]byte, error) {
	event := LeftEvent
	if t.Entered {
		event = EnteredEvent
	}
	seed := append([]byte(t.Segment), event...)
	seed = binary.LittleEndian.AppendUint32(seed, t.Customer)
	if t.Place != 0 {
		seed = binary.LittleEndian.AppendUint64(seed, t.Place)
	} else {
		seed = binary.LittleEndian.AppendUint64(seed, uint64(t.AtUS))
	}
	h := xxh3.Hash128(seed).Bytes()
	text, err := json.Marshal(told{
		Type: "track", Event: event, MessageID: "segment:" + hex.EncodeToString(h[:]), Timestamp: time.UnixMicro(t.AtUS).UTC().Format("2006-01-02T15:04:05.000000Z"),
		Context:    toldContext{[]toldID{{strconv.FormatUint(uint64(t.Customer), 10), "key", "users", "none"}}},
		Properties: toldMove{t.Segment, name, t.Reason, t.Event},
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
		names := e.names()
		var events [][]byte
		upTo, err := e.Recall.Told(tellPiece, func(b []byte) error {
			t, err := unboxed(b)
			if err != nil {
				return err
			}
			text, err := announcement(&t, names[t.Segment])
			events = append(events, text)
			return err
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

// names are what people call the segments, by slug.
func (e *Engine) names() map[string]string {
	e.mu.Lock()
	defer e.mu.Unlock()
	names := make(map[string]string, len(e.slugs))
	for _, s := range e.slugs {
		names[s.Slug] = s.Name
	}
	return names
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
