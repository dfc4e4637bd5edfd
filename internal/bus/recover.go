package bus

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	reasonDamaged = "bus.damaged"
	// damageName marks a log in which a reader met damage: the next opening trusts no index of it.
	damageName = "damaged"
	indexName  = "index.db"
	blockType  = ".blk"
	// The end of the log that opening reads: what was written last is what a crash or a lost disk cache harms.
	tailMessages, tailBytes = 1000, 16 << 20
	// skipAtOnce is how many fillers are under way at once while numbers are skipped.
	skipAtOnce = 1024
)

// checkTail reads the last messages. The engine's index may tell of messages that the files no longer hold.
func (b *Bus) checkTail(ctx context.Context) error {
	s, err := b.State(ctx)
	if err != nil || s.Messages == 0 {
		return err
	}
	after := s.First - 1
	if s.Last > tailMessages {
		after = max(after, s.Last-tailMessages)
	}
	r, err := b.Read(ctx, after)
	if err != nil {
		return err
	}
	defer r.Close()
	for r.After() < s.Last {
		if _, err := r.Next(ctx, tailMessages, tailBytes, 0); err != nil {
			return err
		}
	}
	return nil
}

func noteDamage(dir string) error {
	return os.WriteFile(filepath.Join(dir, damageName), nil, 0o600)
}

// forgetIndexAfterDamage makes the engine read every block again, which keeps what is whole.
func forgetIndexAfterDamage(dir string) error {
	mark := filepath.Join(dir, damageName)
	if _, err := os.Stat(mark); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	indexes, err := filesOf(dir, indexName)
	if err != nil {
		return err
	}
	for _, name := range indexes {
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	return os.Remove(mark)
}

// filesOf lists the files below dir whose names end so.
func filesOf(dir, ending string) (files []string, err error) {
	err = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // the engine removes what was trimmed also after it was shut down
			return nil
		}
		if strings.HasSuffix(path, ending) {
			files = append(files, path)
		}
		return err
	})
	return files, err
}

// syncFiles makes sure that everything below dir is on disk.
func syncFiles(dir string) error {
	files, err := filesOf(dir, "")
	for _, name := range files {
		if err == nil {
			err = syncFile(name)
		}
	}
	return err
}

func syncFile(name string) error {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Skip makes the log go on behind floor, when it ends before it. It may be called until the first Publish.
func (b *Bus) Skip(ctx context.Context, floor uint64) error {
	last := b.durable.Load()
	if last >= floor {
		return nil
	}
	b.log.WarnContext(ctx, "the event log ends before what was read of it; it goes on behind", "last", last, "floor", floor)
	info, err := b.info(ctx)
	if err != nil {
		return err
	}
	if info.Msgs == 0 { // nothing that a slower consumer may still need
		s, err := b.stream.Stream(ctx, streamName)
		if err == nil {
			err = s.Purge(ctx, jetstream.WithPurgeSequence(floor+1))
		}
		if err != nil {
			return b.unavailable(err)
		}
		b.advance(floor)
		return nil
	}
	for b.durable.Load() < floor {
		if err := b.fill(ctx, min(floor-b.durable.Load(), skipAtOnce)); err != nil {
			return err
		}
	}
	return nil
}

// fill publishes n messages without content, which readers leave out.
func (b *Bus) fill(ctx context.Context, n uint64) error {
	answers := make([]<-chan ack, n)
	for i := range answers {
		var err error
		if answers[i], err = b.acks.publish(nil); err != nil {
			return b.unavailable(err)
		}
	}
	for _, answer := range answers {
		select {
		case a := <-answer:
			if a.err != nil {
				return b.unavailable(a.err)
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
