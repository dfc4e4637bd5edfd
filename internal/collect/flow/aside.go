package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/store"
)

// What is kept aside at most; the oldest go first.
const (
	maxQuarantine = 200_000
	dropAtOnce    = 10_000
	maxRaw        = 64 << 10
	maxBeside     = 2 << 20 // a webhook's body with its headers
)

// asideOf sets aside a fact that decoded, and whose message id is therefore taken.
func asideOf(f *event.Fact, t event.Trouble) aside {
	return aside{place: f.Place, header: event.Header{ReceivedUS: f.ReceivedUS, Source: f.Source}, raw: callOf(f), name: f.Name, Trouble: t, claimed: true}
}

// callOf is a call that would give the fact again.
func callOf(f *event.Fact) []byte {
	external := []map[string]string{}
	for _, i := range f.Identities {
		external = append(external, map[string]string{"type": i.Kind, "id": i.Value})
	}
	var about map[string]json.RawMessage
	if json.Unmarshal(f.Context, &about) != nil || about == nil {
		about = map[string]json.RawMessage{}
	}
	about["externalIds"] = encode(external)
	call := map[string]any{
		"type": f.Type.String(), "messageId": f.MessageID, "timestamp": time.UnixMicro(f.AtUS).UTC().Format(time.RFC3339Nano), "context": about,
	}
	for _, i := range f.Identities {
		switch i.Kind {
		case event.KindUser:
			call["userId"] = i.Value
		case event.KindAnonymous:
			call["anonymousId"] = i.Value
		}
	}
	switch f.Type {
	case event.Identify, event.Group:
		call["traits"] = json.RawMessage(f.Props)
	default:
		call["properties"] = json.RawMessage(f.Props)
	}
	if f.Type == event.Track {
		call["event"] = f.Name
	}
	return encode(call)
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return []byte("{}") // only of raw JSON that was checked before
	}
	return b
}

// Aside is what another way in, such as a webhook, could not turn into events.
type Aside struct {
	Source, Reason, Sentence, Next string
	Raw                            []byte
}

// beside marks the places of what came by another way: those of the log are smaller.
const beside = 1 << 62

// SetAside keeps what came by another way and could not be used.
func (f *Flow) SetAside(ctx context.Context, a Aside) error {
	now := f.Clock().UnixMicro()
	return f.setAside(ctx, []aside{{
		place: uint64(now) | beside, header: event.Header{ReceivedUS: now, Source: a.Source}, raw: a.Raw,
		Trouble: event.Trouble{Reason: a.Reason, Sentence: a.Sentence, Next: a.Next},
	}})
}

func (f *Flow) setAside(ctx context.Context, asides []aside) error {
	if len(asides) == 0 {
		return nil
	}
	err := f.Records.In(ctx, func(tx *store.Tx) error {
		for i := range asides {
			a := &asides[i]
			raw := a.raw
			if limit := a.limit(); len(raw) > limit {
				raw = raw[:limit]
			}
			_, err := tx.Exec(ctx, "flow.PutQuarantine", int64(a.place), a.header.ReceivedUS, a.header.Source, a.header.Type.String(), a.name,
				a.Reason, a.Sentence, a.Next, text(raw), text(a.header.Shared), a.claimed)
			if err != nil {
				return err
			}
		}
		var n int64
		if _, err := tx.One(ctx, "flow.CountQuarantine", nil, &n); err != nil || n <= maxQuarantine {
			return err
		}
		_, err := tx.Exec(ctx, "flow.DropOldest", n-maxQuarantine+dropAtOnce)
		return err
	})
	if err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	return nil
}

// limit is how much of it is kept. What came by another way must stay whole to be taken again.
func (a *aside) limit() int {
	if a.place >= beside {
		return maxBeside
	}
	return maxRaw
}

// text is raw as the record store can hold it.
func text(raw []byte) string {
	return strings.ReplaceAll(strings.ToValidUTF8(string(raw), "\uFFFD"), "\x00", "\uFFFD")
}

// Quarantined is an event that could not be used.
type Quarantined struct {
	Place      string    `json:"place"`
	ReceivedAt time.Time `json:"received_at"`
	Source     string    `json:"source"`
	Type       string    `json:"type" doc:"by the address it was sent to; empty where the event says its own"`
	Name       string    `json:"name"`
	Reason     string    `json:"reason" doc:"stable"`
	Sentence   string    `json:"sentence"`
	Next       string    `json:"next" doc:"what to do"`
	Raw        string    `json:"raw" doc:"as it was sent"`
	place      int64
	receivedUS int64
	shared     string
	claimed    bool
}

func scanQuarantined(scan store.Scan) (q Quarantined, err error) {
	err = scan(&q.place, &q.receivedUS, &q.Source, &q.Type, &q.Name, &q.Reason, &q.Sentence, &q.Next, &q.Raw, &q.shared, &q.claimed)
	q.Place, q.ReceivedAt = strconv.FormatInt(q.place, 10), time.UnixMicro(q.receivedUS).UTC()
	return q, err
}

// Filter chooses events.
type Filter struct {
	Name, Customer, Source, Fate, Reason string
	Before                               uint64 // place; 0 is the newest
	Limit                                int
}

// Quarantine lists what is set aside, newest first, with how many there are by reason.
func (f *Flow) Quarantine(ctx context.Context, q Filter) (items []Quarantined, byReason map[string]int64, err error) {
	before := int64(q.Before)
	if before == 0 {
		before = 1<<63 - 1
	}
	byReason = map[string]int64{}
	err = f.Records.View(ctx, func(tx *store.Tx) error {
		var err error
		if items, err = store.Collect(ctx, tx, "flow.EachQuarantined", store.Args{before, q.Reason, q.Source, q.Name, q.Limit}, scanQuarantined); err != nil {
			return err
		}
		return tx.Each(ctx, "flow.CountReasons", nil, func(scan store.Scan) error {
			var reason string
			var n int64
			err := scan(&reason, &n)
			byReason[reason] = n
			return err
		})
	})
	if err != nil {
		return nil, nil, fmt.Errorf("quarantine: %w", err)
	}
	return items, byReason, nil
}

// maxReplay bounds one replay.
const maxReplay = 10_000

// Replay sends quarantined events again: those of places, or all of a reason. patch is merged into each. Their time stays the
// time of the first try. They leave the quarantine once they are in the log; what cannot be used still comes back to it.
func (f *Flow) Replay(ctx context.Context, places []uint64, reason string, patch map[string]any) (int, error) {
	if len(places) == 0 && reason == "" {
		return 0, fault.New(fault.Invalid, "flow.nothing_to_replay", "neither places nor a reason say what to replay").
			Then(`Send {"places":[…]} or {"reason":"no_identity"}; GET /v1/quarantine lists both.`)
	}
	if len(places) > maxReplay {
		return 0, fault.Newf(fault.TooLarge, "flow.replay_limit", "at most %d events are replayed at once", maxReplay).Then("Replay by reason, or in parts.")
	}
	chosen, err := f.chosen(ctx, places, reason)
	if err != nil {
		return 0, err
	}
	bySource := map[string][][]byte{}
	for i := range chosen {
		if chosen[i].place >= beside {
			if err := f.again(ctx, &chosen[i], patch); err != nil {
				return 0, err
			}
			continue
		}
		call, err := mended(&chosen[i], patch)
		if err != nil {
			return 0, err
		}
		bySource[chosen[i].Source] = append(bySource[chosen[i].Source], call)
	}
	for source, calls := range bySource {
		for len(calls) > 0 {
			n := min(len(calls), event.GroupLimit)
			if err := f.Put(ctx, source, calls[:n]); err != nil {
				return 0, err
			}
			calls = calls[n:]
		}
	}
	err = f.Records.In(ctx, func(tx *store.Tx) error {
		for i := range chosen {
			if _, err := tx.Exec(ctx, "flow.DropQuarantined", chosen[i].place); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("replay: %w", err)
	}
	return len(chosen), nil
}

// again hands what another way set aside back to it.
func (f *Flow) again(ctx context.Context, q *Quarantined, patch map[string]any) error {
	if len(patch) > 0 || f.Again == nil {
		return fault.New(fault.Invalid, "flow.mend_at_source", "what a webhook sent is mended by its mapping, not here").
			At(fault.Place{Field: "places", Value: q.Place}).Then("Change the webhook's mapping, then replay without a patch.")
	}
	return f.Again(ctx, q.Source, []byte(q.Raw))
}

func (f *Flow) chosen(ctx context.Context, places []uint64, reason string) (chosen []Quarantined, err error) {
	if reason != "" && len(places) == 0 {
		chosen, _, err = f.Quarantine(ctx, Filter{Reason: reason, Limit: maxReplay})
		return chosen, err
	}
	err = f.Records.View(ctx, func(tx *store.Tx) error {
		for _, p := range places {
			found, err := store.Collect(ctx, tx, "flow.FindQuarantined", store.Args{int64(p)}, scanQuarantined)
			if err != nil {
				return err
			}
			if len(found) == 0 {
				return fault.Newf(fault.NotFound, "flow.not_quarantined", "there is no quarantined event at %d", p).
					At(fault.Place{Field: "places", Value: strconv.FormatUint(p, 10)}).Then("See GET /v1/quarantine; it may have been replayed already.")
			}
			chosen = append(chosen, found[0])
		}
		return nil
	})
	return chosen, err
}

// mended is the call to send for a quarantined event.
func mended(q *Quarantined, patch map[string]any) ([]byte, error) {
	call := map[string]any{}
	if err := json.Unmarshal([]byte(q.Raw), &call); err != nil && len(patch) == 0 {
		return nil, fault.New(fault.Invalid, "flow.cannot_mend", "this cannot be read as JSON, so it cannot be sent again").
			At(fault.Place{Field: "places", Value: q.Place}).Then("Mend it where it comes from and let it be sent again.").Because(err)
	}
	shared := map[string]any{}
	if q.shared != "" && json.Unmarshal([]byte(q.shared), &shared) == nil {
		for _, name := range []string{"context", "integrations"} {
			if inherited, ok := shared[name].(map[string]any); ok {
				own, _ := call[name].(map[string]any)
				call[name] = merged(inherited, own)
			}
		}
	}
	if q.Type != "" {
		call["type"] = q.Type
	}
	if call["timestamp"] == nil {
		call["timestamp"] = q.ReceivedAt.Format(time.RFC3339Nano)
	}
	delete(call, "sentAt") // with it the time would be counted from today
	if id, _ := call["messageId"].(string); id == "" {
		call["messageId"] = "replay:" + q.Place
	} else if q.claimed {
		call["messageId"] = id + "#" + q.Place
	}
	return json.Marshal(merged(call, patch))
}

// merged lays the patch over the call: objects are merged, null removes, anything else replaces (RFC 7396).
func merged(call, patch map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range call {
		out[k] = v
	}
	for k, v := range patch {
		inner, isObject := v.(map[string]any)
		below, wasObject := out[k].(map[string]any)
		switch {
		case v == nil:
			delete(out, k)
		case isObject && wasObject:
			out[k] = merged(below, inner)
		default:
			out[k] = v
		}
	}
	return out
}

// storedAlready is said of a dead letter that only the audience could not take.
const storedAlready = "%s (Its events are stored and are not sent again. Only the segments did not follow them; they are compared with all events every half hour, and mended. Replaying takes this off the list.)"

// bury keeps a message on which a stage fails each time, so that the others can go on. Where the warehouse has its events already,
// the audience is the stage that fails, and a comparison mends what it missed.
func (f *Flow) bury(ctx context.Context, b *batch, cause error) error {
	if len(b.messages) == 0 {
		return errors.New("nothing to bury") // the journal alone fails; it is tried until it works
	}
	m := &b.messages[0]
	kept, err := f.Warehouse.Followed(ctx)
	if err != nil {
		return fmt.Errorf("dead letter: %w", err)
	}
	problem, stored := cause.Error(), kept.Log >= m.Seq
	if stored {
		problem = fmt.Sprintf(storedAlready, problem)
	}
	err = f.Records.In(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "flow.PutDeadLetter", int64(m.Seq), m.AtUS, int64(len(b.facts)+len(b.asides)), text([]byte(problem)), m.Data, stored)
		return err
	})
	if err != nil {
		return fmt.Errorf("dead letter: %w", err)
	}
	f.Log.ErrorContext(ctx, "a message is a dead letter: a stage failed on it each time", "seq", m.Seq, "events", len(b.facts), "stored", stored, "error", cause.Error())
	b.facts, b.asides = nil, nil
	return nil
}

// DeadLetter is a message on which a stage failed each time.
type DeadLetter struct {
	Seq     string    `json:"seq"`
	At      time.Time `json:"at"`
	Events  int64     `json:"events"`
	Problem string    `json:"problem"`
}

// DeadLetters lists them, newest first.
func (f *Flow) DeadLetters(ctx context.Context, limit int) (list []DeadLetter, err error) {
	err = f.Records.View(ctx, func(tx *store.Tx) error {
		var err error
		list, err = store.Collect(ctx, tx, "flow.EachDeadLetter", store.Args{limit}, func(scan store.Scan) (d DeadLetter, err error) {
			var seq, at int64
			err = scan(&seq, &at, &d.Events, &d.Problem)
			d.Seq, d.At = strconv.FormatInt(seq, 10), time.UnixMicro(at).UTC()
			return d, err
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("dead letters: %w", err)
	}
	return list, nil
}

// Revive sends the events of a dead letter again. Their message ids were claimed by it, so they come with others. Of one whose
// events are stored nothing is sent: with other ids they would be stored twice.
func (f *Flow) Revive(ctx context.Context, seq uint64) (int, error) {
	var raw []byte
	found, stored := false, false
	err := f.Records.View(ctx, func(tx *store.Tx) error {
		var err error
		found, err = tx.One(ctx, "flow.FindDeadLetter", store.Args{int64(seq)}, &raw, &stored)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("dead letter: %w", err)
	}
	if !found {
		return 0, noLetter(seq)
	}
	sent, index := 0, 0
	var requests []event.Request
	if !stored {
		if requests, err = event.ReadGroup(raw); err != nil {
			return 0, fmt.Errorf("dead letter: %w", err)
		}
	}
	for i := range requests {
		r := &requests[i]
		var calls [][]byte
		for _, one := range r.Events {
			q := Quarantined{
				Raw: string(one), Type: r.Header.Type.String(), shared: string(r.Header.Shared), claimed: true,
				ReceivedAt: time.UnixMicro(r.Header.ReceivedUS).UTC(), Place: strconv.FormatUint(event.PlaceOf(seq, index), 10),
			}
			index++
			call, err := mended(&q, nil)
			if err != nil {
				return sent, err
			}
			calls = append(calls, call)
		}
		if err := f.Put(ctx, r.Header.Source, calls); err != nil {
			return sent, err
		}
		sent += len(calls)
	}
	err = f.Records.In(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "flow.DropDeadLetter", int64(seq))
		return err
	})
	return sent, err
}
