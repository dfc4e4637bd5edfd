package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/dangol/dangol/internal/kit/fault"
)

const startTimeout = 10 * time.Minute // reading a large log again after a crash

// engine is the running server with a connection to it.
type engine struct {
	server *server.Server
	conn   *nats.Conn
	stream jetstream.JetStream
	acks   *acks
}

func startEngine(ctx context.Context, o Options, advance func(uint64)) (*engine, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("bus: %w", err)
	}
	s, err := server.NewServer(&server.Options{
		ServerName: "dangol", DontListen: true, NoSigs: true, NoSystemAccount: true, DisableJetStreamBanner: true,
		JetStream: true, StoreDir: o.Dir, SyncAlways: true,
		// The stream has the limit; the engine's own reserves must not come before it.
		JetStreamMaxStore: 2*o.MaxBytes + 1<<30, JetStreamMaxMemory: 64 << 20,
		MaxPayload: MaxMessage, MaxPending: 4 * MaxMessage,
	})
	if err != nil {
		return nil, fmt.Errorf("bus: %w", err)
	}
	s.SetLoggerV2(quiet{o.Log}, false, false, false)
	s.Start()
	e := &engine{server: s}
	if !s.ReadyForConnections(startTimeout) || !s.JetStreamEnabled() {
		e.stop()
		return nil, fault.New(fault.Internal, "bus.cannot_start", "the event log cannot be opened").
			At(fault.Place{File: o.Dir}).Then("Look for the cause in the server's log; a backup can be restored with `dangol restore`.")
	}
	if err := e.connect(ctx, o, advance); err != nil {
		e.stop()
		return nil, err
	}
	return e, nil
}

// connect joins the server and finds or makes the stream.
func (e *engine) connect(ctx context.Context, o Options, advance func(uint64)) (err error) {
	e.conn, err = nats.Connect("", nats.InProcessServer(e.server), nats.NoReconnect(), nats.Name("bus"), nats.NoCallbacksAfterClientClose())
	if err != nil {
		return fmt.Errorf("bus: connect: %w", err)
	}
	if e.stream, err = jetstream.New(e.conn); err != nil {
		return fmt.Errorf("bus: %w", err)
	}
	if e.acks, err = listenAcks(e.conn, advance); err != nil {
		return fmt.Errorf("bus: %w", err)
	}
	return e.prepare(ctx, o)
}

// prepare finds the stream, or makes it where there is none yet.
func (e *engine) prepare(ctx context.Context, o Options) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	config := jetstream.StreamConfig{
		Name: streamName, Subjects: []string{subject}, Storage: jetstream.FileStorage, Retention: jetstream.LimitsPolicy,
		Discard: jetstream.DiscardNew, MaxBytes: o.MaxBytes, MaxMsgSize: MaxMessage, AllowDirect: true,
		Replicas: 1, MaxConsumers: 1, Compression: jetstream.NoCompression,
	}
	_, err := e.stream.Stream(ctx, streamName)
	switch {
	case err == nil:
		_, err = e.stream.UpdateStream(ctx, config)
	case errors.Is(err, jetstream.ErrStreamNotFound):
		if err := clearUnbegun(o.Dir); err != nil {
			return err
		}
		_, err = e.stream.CreateStream(ctx, config)
	}
	if err != nil {
		return fmt.Errorf("bus: stream: %w", err)
	}
	return nil
}

// clearUnbegun removes a stream that was cut off while it was made, so that the engine does not know it: its blocks are empty, and what
// numbers were given is known elsewhere. Where anything is in them nothing is changed.
func clearUnbegun(dir string) error {
	blocks, err := filesOf(dir, blockType)
	for _, name := range blocks {
		if i, statErr := os.Stat(name); statErr != nil || i.Size() > 0 {
			err = errors.Join(err, statErr)
			return fault.New(fault.Internal, reasonDamaged, "the event log's files are there but cannot be read").
				At(fault.Place{File: dir}).Then("Restore the data folder from a backup; nothing was changed.").Because(err)
		}
	}
	if err == nil && len(blocks) > 0 {
		err = os.RemoveAll(filepath.Dir(filepath.Dir(blocks[0])))
	}
	if err != nil {
		return fmt.Errorf("bus: %w", err)
	}
	return nil
}

func (e *engine) stop() {
	if e.acks != nil {
		e.acks.fail(errNoEngine)
	}
	if e.conn != nil {
		e.conn.Close()
	}
	e.server.Shutdown()
	e.server.WaitForShutdown()
}

// info tells the stream's state; with details also which numbers are missing in its middle.
func (e *engine) info(ctx context.Context, details ...jetstream.StreamInfoOpt) (jetstream.StreamState, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	s, err := e.stream.Stream(ctx, streamName)
	if err != nil {
		return jetstream.StreamState{}, err
	}
	if len(details) == 0 {
		return s.CachedInfo().State, nil
	}
	full, err := s.Info(ctx, details...)
	if err != nil {
		return jetstream.StreamState{}, err
	}
	return full.State, nil
}

// purge removes what is up to a number; when that is behind the end, the next message gets the number after it.
func (e *engine) purge(ctx context.Context, upTo uint64) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	s, err := e.stream.Stream(ctx, streamName)
	if err != nil {
		return err
	}
	return s.Purge(ctx, jetstream.WithPurgeSequence(upTo+1))
}

// trimAtOnce is how many bytes are removed at once, about: nothing is written meanwhile, and to remove one of the engine's files of 8 MB takes
// some milliseconds. A gibibyte held up those who send for a second.
const trimAtOnce = 32 << 20

// trim removes what is up to a number, some of it at a time.
func (e *engine) trim(ctx context.Context, upTo uint64) error {
	state, err := e.info(ctx)
	if err != nil {
		return err
	}
	if state.Bytes > trimAtOnce {
		piece := max(1, state.Msgs*trimAtOnce/state.Bytes)
		for at := state.FirstSeq + piece; at < upTo; at += piece {
			if err := e.purge(ctx, at); err != nil {
				return err
			}
		}
	}
	return e.purge(ctx, upTo)
}

// failure tells why the engine writes no more; after a failed write it never does again, and answers nothing.
func (e *engine) failure() error {
	if h := e.server.Healthz(&server.HealthzOptions{}); h.Status != "ok" {
		return fmt.Errorf("engine: %s", h.Error)
	}
	return nil
}

// quiet passes on what the engine says: its notices are details, its warnings and errors are ours too.
type quiet struct{ log *slog.Logger }

const said = "event log engine"

func (q quiet) Noticef(format string, v ...any) { q.log.Debug(said, "detail", sentence{format, v}) }
func (q quiet) Warnf(format string, v ...any)   { q.log.Warn(said, "detail", sentence{format, v}) }
func (q quiet) Fatalf(format string, v ...any)  { q.log.Error(said, "detail", sentence{format, v}) }
func (q quiet) Errorf(format string, v ...any)  { q.log.Error(said, "detail", sentence{format, v}) }
func (q quiet) Debugf(string, ...any)           {}
func (q quiet) Tracef(string, ...any)           {}

// sentence is put together only when it is logged.
type sentence struct {
	format string
	v      []any
}

// LogValue is the sentence.
func (s sentence) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf(s.format, s.v...)) }
