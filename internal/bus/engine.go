package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/dangol/dangol/internal/kit/fault"
)

const startTimeout = 10 * time.Minute // reading a large log again after a crash

func startEngine(o Options) (*server.Server, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("bus: %w", err)
	}
	engine, err := server.NewServer(&server.Options{
		ServerName: "dangol", DontListen: true, NoSigs: true, NoSystemAccount: true, DisableJetStreamBanner: true,
		JetStream: true, StoreDir: o.Dir, SyncAlways: true,
		// The stream has the limit; the engine's own reserves must not come before it.
		JetStreamMaxStore: 2*o.MaxBytes + 1<<30, JetStreamMaxMemory: 64 << 20,
		MaxPayload: MaxMessage, MaxPending: 4 * MaxMessage,
	})
	if err != nil {
		return nil, fmt.Errorf("bus: %w", err)
	}
	engine.SetLoggerV2(quiet{o.Log}, false, false, false)
	engine.Start()
	if !engine.ReadyForConnections(startTimeout) || !engine.JetStreamEnabled() {
		engine.Shutdown()
		engine.WaitForShutdown()
		return nil, fault.New(fault.Internal, "bus.cannot_start", "the event log cannot be opened").
			At(fault.Place{File: o.Dir}).Then("Look for the cause in the server's log; a backup can be restored with `dangol restore`.")
	}
	return engine, nil
}

// prepare finds the stream, or makes it where there is none yet.
func (b *Bus) prepare(ctx context.Context, o Options) error {
	config := jetstream.StreamConfig{
		Name: streamName, Subjects: []string{subject}, Storage: jetstream.FileStorage, Retention: jetstream.LimitsPolicy,
		Discard: jetstream.DiscardNew, MaxBytes: o.MaxBytes, MaxMsgSize: MaxMessage, AllowDirect: true,
		Replicas: 1, MaxConsumers: 1, Compression: jetstream.NoCompression,
	}
	_, err := b.stream.Stream(ctx, streamName)
	switch {
	case err == nil:
		_, err = b.stream.UpdateStream(ctx, config)
	case errors.Is(err, jetstream.ErrStreamNotFound):
		if blocks, lookErr := filesOf(o.Dir, blockType); len(blocks) > 0 || lookErr != nil {
			return fault.New(fault.Internal, reasonDamaged, "the event log's files are there but cannot be read").
				At(fault.Place{File: o.Dir}).Then("Restore the data folder from a backup; nothing was changed.").Because(lookErr)
		}
		_, err = b.stream.CreateStream(ctx, config)
	}
	if err != nil {
		return fmt.Errorf("bus: stream: %w", err)
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
