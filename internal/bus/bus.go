package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dangol/dangol/internal/kit/fault"
)

// MaxMessage is the largest payload of a message in bytes.
const MaxMessage = 8 << 20

const (
	streamName      = "log"
	subject         = "log"
	defaultMaxBytes = 64 << 30
	// callTimeout bounds what is asked of the engine beside publishing: its answers come from this process.
	callTimeout = 30 * time.Second
)

// Options say where the log is kept.
type Options struct {
	Dir      string // made when missing; nothing else may live in it
	MaxBytes int64  // the log refuses new messages beyond it; 0 means 64 GiB
	// Floor is the furthest offset that any consumer has committed. When the tail of the log was lost, so that it ends
	// before the floor, numbers up to the floor are skipped: a consumer would take messages under them for done.
	Floor uint64
	Log   *slog.Logger
}

// Bus is the open log.
type Bus struct {
	o      Options
	engine atomic.Pointer[engine] // nil while it is being started again

	closing   chan struct{}
	closeOnce sync.Once
	watching  sync.WaitGroup
	mark      *mark
	ended     error         // of closing
	durable   atomic.Uint64 // the last sequence number on disk
	mu        sync.Mutex
	grown     chan struct{} // closed and replaced when durable rises
}

// Message is one message of the log.
type Message struct {
	Seq  uint64
	Data []byte // belongs to the receiver
	AtUS int64  // when it entered
}

// State tells how much the log holds.
type State struct {
	First, Last uint64 // sequence numbers; Last is the last one on disk, also when it was trimmed since
	Messages    uint64
	Bytes       int64
}

// Open opens the log in a folder, alone.
func Open(ctx context.Context, o Options) (*Bus, error) {
	if o.MaxBytes == 0 {
		o.MaxBytes = defaultMaxBytes
	}
	// What a killed process wrote may be in the machine's memory only; readers may rely on what they are shown.
	if err := syncFiles(o.Dir); err != nil {
		return nil, fmt.Errorf("bus: sync %s: %w", o.Dir, err)
	}
	if err := forgetIndexAfterDamage(o.Dir); err != nil {
		return nil, fmt.Errorf("bus: %w", err)
	}
	b := &Bus{o: o, closing: make(chan struct{}), grown: make(chan struct{})}
	if err := b.openMark(); err != nil {
		return nil, fmt.Errorf("bus: %w", err)
	}
	err := b.start(ctx)
	if err == nil {
		err = b.checkTail(ctx)
	}
	if fault.From(err).Reason == reasonDamaged {
		o.Log.WarnContext(ctx, "the end of the event log is damaged; what can be read is kept", "error", err)
		b.stop()
		if err = forgetIndexAfterDamage(o.Dir); err == nil {
			err = b.start(ctx)
		}
	}
	if err == nil {
		err = b.Skip(ctx, max(o.Floor, b.checkMark(ctx)))
	}
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	b.watching.Go(func() { b.watch(context.WithoutCancel(ctx)) })
	return b, nil
}

// start starts the engine and takes what it finds for being on disk.
func (b *Bus) start(ctx context.Context) error {
	e, err := startEngine(ctx, b.o, b.advance)
	if err != nil {
		return err
	}
	b.engine.Store(e)
	info, err := e.info(ctx)
	if err != nil {
		return b.unavailable(err)
	}
	b.advance(info.LastSeq)
	return nil
}

func (b *Bus) stop() {
	if e := b.engine.Swap(nil); e != nil {
		e.stop()
	}
}

// current is the running engine.
func (b *Bus) current() (*engine, error) {
	if e := b.engine.Load(); e != nil {
		return e, nil
	}
	return nil, b.unavailable(errNoEngine)
}

var errNoEngine = errors.New("the engine is being started again")

// Close ends publishing and reading and closes the files.
func (b *Bus) Close() error {
	b.closeOnce.Do(func() {
		close(b.closing)
		b.watching.Wait()
		b.stop()
		b.ended = b.mark.close()
	})
	return b.ended
}

// Publish appends payload and returns its sequence number once it is on disk. Many may call it at once; what one caller
// hands over while another's is being written waits in the engine, so that the disk is never idle. When ctx ends first,
// the message may be in the log or not.
func (b *Bus) Publish(ctx context.Context, payload []byte) (uint64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	wait, err := b.Begin(payload)
	if err != nil {
		return 0, err
	}
	return wait(ctx)
}

// Begin hands payload over, of which it keeps nothing, and returns what waits for it to be on disk. Messages get their
// numbers in the order in which their Begin was called.
func (b *Bus) Begin(payload []byte) (wait func(context.Context) (uint64, error), err error) {
	if len(payload) > MaxMessage {
		return nil, fault.Newf(fault.TooLarge, "bus.too_large", "a message of the log has at most %d bytes; this one has %d", MaxMessage, len(payload))
	}
	e, err := b.current()
	if err != nil {
		return nil, err
	}
	answer, err := e.acks.publish(payload)
	if err != nil {
		return nil, b.unavailable(err)
	}
	return func(ctx context.Context) (uint64, error) {
		select {
		case a := <-answer:
			if a.err != nil {
				return 0, b.unavailable(a.err)
			}
			return a.seq, nil
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-b.closing:
			return 0, closed()
		}
	}, nil
}

// advance notes that everything up to seq is on disk and wakes those who wait for it. The engine writes one message
// after the other, so an acknowledgement speaks for all before it.
func (b *Bus) advance(seq uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if seq > b.durable.Load() {
		b.mark.raise(seq)
		b.durable.Store(seq)
		close(b.grown)
		b.grown = make(chan struct{})
	}
}

// growth returns the last number on disk and a channel that is closed when there is more.
func (b *Bus) growth() (uint64, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.durable.Load(), b.grown
}

// Last is the last sequence number on disk.
func (b *Bus) Last() uint64 { return b.durable.Load() }

// State tells how much the log holds.
func (b *Bus) State(ctx context.Context) (State, error) {
	last := b.durable.Load()
	e, err := b.current()
	if err != nil {
		return State{Last: last}, err
	}
	info, err := e.info(ctx)
	if err != nil {
		return State{Last: last}, b.unavailable(err)
	}
	return State{First: info.FirstSeq, Last: max(last, b.durable.Load()), Messages: info.Msgs, Bytes: int64(info.Bytes)}, nil
}

// Trim removes the messages up to and including upTo.
func (b *Bus) Trim(ctx context.Context, upTo uint64) error {
	if last := b.durable.Load(); upTo > last {
		return fault.Newf(fault.Invalid, "bus.trim_beyond", "the log ends at %d and cannot be trimmed up to %d", last, upTo)
	}
	if upTo == 0 {
		return nil
	}
	e, err := b.current()
	if err != nil {
		return err
	}
	if err := e.trim(ctx, upTo); err != nil {
		return b.unavailable(err)
	}
	return nil
}

// unavailable turns the engine's errors into faults.
func (b *Bus) unavailable(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	select {
	case <-b.closing:
		return closed()
	default:
	}
	if errors.Is(err, errFull) {
		return fault.New(fault.Unavailable, "bus.full", "the event log has reached its size limit and takes in nothing more").
			Then("Raise the limit, or let the consumers catch up so that the log can be trimmed.").Because(err)
	}
	return fault.New(fault.Unavailable, "bus.unavailable", "the event log does not answer").
		Then("Look for a full disk or a disk error in the server's log.").Because(err)
}

func closed() error { return fault.New(fault.Unavailable, "bus.closed", "the event log is closed") }
