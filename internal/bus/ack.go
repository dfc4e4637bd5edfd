package bus

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"
)

var errFull = errors.New("maximum bytes exceeded")

// codeFull is what the engine answers when the stream has reached its limit and keeps the old.
const codeFull = 10077

type ack struct {
	seq uint64
	err error
}

// acks sends messages to the stream and hands each sender the engine's answer. All answers come by one subscription, so
// that many messages are under way on one connection without a goroutine or a subscription each.
type acks struct {
	conn    *nats.Conn
	prefix  string
	advance func(seq uint64)

	mu      sync.Mutex
	next    uint64
	waiting map[uint64]chan ack
}

func listenAcks(conn *nats.Conn, advance func(uint64)) (*acks, error) {
	a := &acks{conn: conn, prefix: nats.NewInbox() + ".", advance: advance, waiting: map[uint64]chan ack{}}
	s, err := conn.Subscribe(a.prefix+"*", a.receive)
	if err != nil {
		return nil, err
	}
	return a, s.SetPendingLimits(-1, -1)
}

// publish hands payload to the engine; the channel gets its answer.
func (a *acks) publish(payload []byte) (<-chan ack, error) {
	answer := make(chan ack, 1)
	a.mu.Lock()
	a.next++
	token := a.next
	a.waiting[token] = answer
	a.mu.Unlock()
	if err := a.conn.PublishRequest(subject, a.prefix+strconv.FormatUint(token, 36), payload); err != nil {
		a.mu.Lock()
		delete(a.waiting, token)
		a.mu.Unlock()
		return nil, err
	}
	return answer, nil
}

// any tells whether somebody waits.
func (a *acks) any() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.waiting) > 0
}

// fail answers all who wait.
func (a *acks) fail(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for token, answer := range a.waiting {
		answer <- ack{err: err}
		delete(a.waiting, token)
	}
}

func (a *acks) receive(m *nats.Msg) {
	token, err := strconv.ParseUint(strings.TrimPrefix(m.Subject, a.prefix), 36, 64)
	if err != nil {
		return
	}
	got := readAck(m)
	if got.err == nil {
		a.advance(got.seq)
	}
	a.mu.Lock()
	answer := a.waiting[token]
	delete(a.waiting, token)
	a.mu.Unlock()
	if answer != nil {
		answer <- got
	}
}

func readAck(m *nats.Msg) ack {
	if status := m.Header.Get("Status"); status != "" {
		return ack{err: fmt.Errorf("engine: status %s", status)} // no stream listens
	}
	var body struct {
		Seq   uint64 `json:"seq"`
		Error *struct {
			Code        int    `json:"err_code"`
			Description string `json:"description"`
		} `json:"error"`
	}
	err := json.Unmarshal(m.Data, &body)
	switch {
	case err != nil:
		return ack{err: fmt.Errorf("engine: %w", err)}
	case body.Error != nil && body.Error.Code == codeFull:
		return ack{err: errFull}
	case body.Error != nil:
		return ack{err: fmt.Errorf("engine: %s (%d)", body.Error.Description, body.Error.Code)}
	case body.Seq == 0:
		return ack{err: errors.New("engine: an acknowledgement without a number")}
	}
	return ack{seq: body.Seq}
}
