package warehouse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"
)

// checkpoints notice when the engine moves its log into its file, by the log growing shorter.
type checkpoints struct {
	log              int64 // its size when last looked
	followed, inFile Offsets
}

func (c *checkpoints) note(path string, reached Offsets) {
	before := c.followed
	c.followed = reached
	size, here := logSize(path)
	switch {
	case !here:
		c.inFile = reached
	case size < c.log:
		c.inFile.Log, c.inFile.Journal = max(c.inFile.Log, before.Log), max(c.inFile.Journal, before.Journal)
	}
	c.log = size
}

// logSize is the size of the engine's log, where there is one.
func logSize(path string) (size int64, here bool) {
	if path == "" {
		return 0, false
	}
	i, err := os.Stat(path + ".wal")
	if err != nil {
		return 0, !errors.Is(err, fs.ErrNotExist)
	}
	return i.Size(), i.Size() > 0
}

// Kept says how far what was followed would outlive the loss of the engine's log: the event log and the journal may be shortened up
// to there.
func (w *Warehouse) Kept() Offsets {
	w.following.Lock()
	defer w.following.Unlock()
	return w.kept.inFile
}

// checkpointPause is how long a checkpoint waits before it looks again whether anybody writes.
const checkpointPause = 50 * time.Millisecond

// Checkpoint moves the engine's log into its file, and drops what a mended log left (see mendLog): after it what was deleted is in
// neither. It waits for an import under way, until ctx ends, and returns how many files it dropped.
func (w *Warehouse) Checkpoint(ctx context.Context) (dropped int64, err error) {
	for {
		done, err := w.tryCheckpoint(ctx)
		if err != nil {
			return 0, fmt.Errorf("warehouse checkpoint: %w", err)
		}
		if done {
			break
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(checkpointPause):
		}
	}
	if w.path == "" {
		return 0, nil
	}
	switch err := os.Remove(w.path + ".wal" + damagedEnding); {
	case err == nil:
		return 1, nil
	case !errors.Is(err, fs.ErrNotExist):
		return 0, fmt.Errorf("damaged log of the warehouse: %w", err)
	}
	return 0, nil
}

// tryCheckpoint reports false where somebody else writes.
func (w *Warehouse) tryCheckpoint(ctx context.Context) (done bool, err error) {
	w.following.Lock()
	defer w.following.Unlock()
	reached, err := w.Followed(ctx)
	if err != nil {
		return false, err
	}
	// The engine is not to be stopped in the middle of it.
	if _, err = w.db.ExecContext(context.WithoutCancel(ctx), "CHECKPOINT"); err != nil {
		if strings.Contains(err.Error(), "other write transactions") {
			return false, nil
		}
		return false, err
	}
	w.kept.note(w.path, reached)
	w.kept.inFile = reached
	return true, nil
}

// The engine moves its log into its file by itself when the log has grown so large. When the disk is full at that moment, it takes
// nothing more until the process is started again; so it waits while there is not room for more than it needs.
const (
	checkpointMB   = 128
	checkpointRoom = 768 << 20
)

// spare holds the engine's own checkpoints back while the disk has little room. It is called under following.
func (w *Warehouse) spare(ctx context.Context) {
	if w.path == "" {
		return
	}
	var s syscall.Statfs_t
	if syscall.Statfs(w.path, &s) != nil {
		return
	}
	log, _ := logSize(w.path)
	short := int64(s.Bavail)*s.Bsize < checkpointRoom+log
	if short == w.sparing {
		return
	}
	threshold := checkpointMB
	if short {
		threshold = 1 << 20
	}
	if _, err := w.db.ExecContext(ctx, fmt.Sprintf(`SET checkpoint_threshold = '%dMB'`, threshold)); err == nil {
		w.sparing = short
	}
}
