package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/dangol/dangol/internal/kit/fault"
)

// Reader walks the log. It holds no state in the engine: it can begin anywhere, any number of times. One goroutine uses it.
type Reader struct {
	bus   *Bus
	from  *engine // to which got belongs
	after uint64
	inbox string
	asked uint64 // questions so far
	got   *nats.Subscription
}

// Read returns a reader of the messages behind a sequence number.
func (b *Bus) Read(_ context.Context, after uint64) (*Reader, error) {
	r := &Reader{bus: b, after: after}
	return r, r.join()
}

// join listens at the running engine, which may be another one than before.
func (r *Reader) join() error {
	e, err := r.bus.current()
	if err != nil || e == r.from {
		return err
	}
	inbox := nats.NewInbox()
	got, err := e.conn.SubscribeSync(inbox + ".*")
	if err == nil {
		err = got.SetPendingLimits(-1, -1)
	}
	if err != nil {
		return r.bus.unavailable(err)
	}
	r.from, r.inbox, r.got = e, inbox, got
	return nil
}

// Close ends the reader; closing the log does so too.
func (r *Reader) Close() {
	if r.got != nil {
		_ = r.got.Unsubscribe()
	}
}

// After is the number up to which everything was read or passed over.
func (r *Reader) After() uint64 { return r.after }

// Next returns the messages that follow, at least one and at most maxMessages of about maxBytes together. When there is
// none it waits for one, at most for wait, and then returns none.
func (r *Reader) Next(ctx context.Context, maxMessages, maxBytes int, wait time.Duration) ([]Message, error) {
	var timeout <-chan time.Time
	for {
		last, grown := r.bus.growth()
		if r.after < last {
			messages, err := r.fetch(ctx, maxMessages, maxBytes)
			if err != nil || len(messages) > 0 {
				return messages, err
			}
			continue
		}
		if timeout == nil {
			t := time.NewTimer(wait)
			defer t.Stop()
			timeout = t.C
		}
		select {
		case <-grown:
		case <-timeout:
			return nil, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-r.bus.closing:
			return nil, closed()
		}
	}
}

// fetch asks for a run of messages; all of them come on one question. Nothing at all means that the run held only
// fillers, and after has moved on.
func (r *Reader) fetch(ctx context.Context, maxMessages, maxBytes int) ([]Message, error) {
	if err := r.join(); err != nil {
		return nil, err
	}
	question, err := json.Marshal(struct {
		Seq      uint64 `json:"seq"`
		Batch    int    `json:"batch"`
		MaxBytes int    `json:"max_bytes"`
	}{r.after + 1, max(maxMessages, 1), max(maxBytes, 1)})
	if err != nil {
		return nil, err
	}
	// Each question has its own address, so that the rest of an abandoned answer is never taken for the next.
	r.asked++
	inbox := r.inbox + "." + strconv.FormatUint(r.asked, 36)
	if err := r.from.conn.PublishRequest("$JS.API.DIRECT.GET."+streamName, inbox, question); err != nil {
		return nil, r.bus.unavailable(err)
	}
	return r.collect(ctx, inbox)
}

// collect takes the answer in. What is behind the last number on disk is left for later.
func (r *Reader) collect(ctx context.Context, inbox string) ([]Message, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	last := r.bus.durable.Load()
	var messages []Message
	for {
		m, err := r.got.NextMsgWithContext(ctx)
		if err != nil {
			return nil, r.bus.unavailable(err)
		}
		if m.Subject != inbox {
			continue
		}
		switch status := m.Header.Get("Status"); status {
		case "":
		case "204": // the end of the answer
			return messages, nil
		case "404":
			return messages, r.passTrimmed(ctx, last)
		default:
			return nil, r.bus.unavailable(fmt.Errorf("engine: status %s %s", status, m.Header.Get("Description")))
		}
		message, err := readMessage(m)
		if err != nil {
			return nil, r.bus.unavailable(err)
		}
		if message.Seq <= r.after || message.Seq > last {
			continue
		}
		r.after = message.Seq
		if len(message.Data) > 0 {
			messages = append(messages, message)
		}
	}
}

// passTrimmed moves on when nothing up to last is there by right: it was trimmed, or the engine found it lost when it
// opened the log. What should be there and does not come is damage.
func (r *Reader) passTrimmed(ctx context.Context, last uint64) error {
	info, err := r.from.info(ctx, jetstream.WithDeletedDetails(true))
	if err != nil {
		return r.bus.unavailable(err)
	}
	gone := make(map[uint64]bool, len(info.Deleted))
	for _, seq := range info.Deleted {
		gone[seq] = true
	}
	for seq := max(r.after+1, info.FirstSeq); info.Msgs > 0 && seq <= last; seq++ {
		if gone[seq] {
			continue
		}
		if err := noteDamage(r.bus.o.Dir); err != nil {
			return err
		}
		return fault.Newf(fault.Internal, reasonDamaged, "the event log holds messages behind %d that cannot be read", r.after).
			Then("Start the server again: it will read the log anew and keep what can be read. Look for a disk error in the server's log.")
	}
	r.after = max(r.after, last)
	return nil
}

var errUnnumbered = errors.New("engine: a message without a number")

func readMessage(m *nats.Msg) (Message, error) {
	seq, err := strconv.ParseUint(m.Header.Get("Nats-Sequence"), 10, 64)
	if err != nil || seq == 0 {
		return Message{}, errUnnumbered
	}
	at, err := time.Parse(time.RFC3339Nano, m.Header.Get("Nats-Time-Stamp"))
	if err != nil {
		return Message{}, fault.New(fault.Internal, "bus.bad_time", "a message of the log has no readable time").Because(err)
	}
	return Message{Seq: seq, Data: m.Data, AtUS: at.UnixMicro()}, nil
}
