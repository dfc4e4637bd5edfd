package bus

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
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
	b.o.Log.WarnContext(ctx, "the event log ends before what was read of it; it goes on behind", "last", last, "floor", floor)
	s, err := b.State(ctx)
	if err != nil {
		return err
	}
	e, err := b.current()
	if err != nil {
		return err
	}
	if s.Messages == 0 { // nothing that a slower consumer may still need
		if err := e.purge(ctx, floor); err != nil {
			return b.unavailable(err)
		}
		b.advance(floor)
		return nil
	}
	for b.durable.Load() < floor {
		if err := e.fill(ctx, min(floor-b.durable.Load(), skipAtOnce)); err != nil {
			return b.unavailable(err)
		}
	}
	return nil
}

// fill publishes n messages without content, which readers leave out.
func (e *engine) fill(ctx context.Context, n uint64) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	answers := make([]<-chan ack, n)
	for i := range answers {
		var err error
		if answers[i], err = e.acks.publish(nil); err != nil {
			return err
		}
	}
	for _, answer := range answers {
		select {
		case a := <-answer:
			if a.err != nil {
				return a.err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// The watch over the engine: how often it looks, and how long it waits between two attempts to start it again.
const (
	watchEvery    = time.Second
	longestPause  = 10 * time.Second
	engineStopped = "the event log's engine stopped writing; it is started again"
)

// watch looks whether the engine still writes. After a failed write, as on a full disk, it would answer nobody until the
// end of the process; so it is started again until it writes.
func (b *Bus) watch(ctx context.Context) {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	var seen uint64
	for {
		select {
		case <-b.closing:
			return
		case <-ticker.C:
		}
		e, last := b.engine.Load(), b.durable.Load()
		stuck := e != nil && e.acks.any() && last == seen
		seen = last
		if !stuck {
			continue
		}
		if err := e.failure(); err != nil {
			b.o.Log.ErrorContext(ctx, engineStopped, "error", err)
			b.stop()
			if !b.restart(ctx) {
				return
			}
		}
	}
}

// restart tries until the engine runs and has written something; false means that the log is being closed.
func (b *Bus) restart(ctx context.Context) bool {
	for pause := watchEvery; ; pause = min(2*pause, longestPause) {
		err := syncFiles(b.o.Dir)
		if err == nil {
			err = b.revive(ctx)
		}
		if err == nil {
			b.o.Log.InfoContext(ctx, "the event log writes again")
			return true
		}
		b.o.Log.WarnContext(ctx, "the event log cannot be started yet", "error", err)
		select {
		case <-b.closing:
			return false
		case <-time.After(pause):
		}
	}
}

// revive starts an engine and lets it write a filler before anybody else uses it.
func (b *Bus) revive(ctx context.Context) error {
	e, err := startEngine(ctx, b.o, b.advance)
	if err != nil {
		return err
	}
	info, err := e.info(ctx)
	if err == nil {
		b.advance(info.LastSeq)
		probe, cancel := context.WithTimeout(ctx, 2*watchEvery)
		err = e.fill(probe, 1)
		cancel()
	}
	if err != nil {
		e.stop()
		return err
	}
	b.engine.Store(e)
	return nil
}
