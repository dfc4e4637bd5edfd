package recall_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/recall"
)

// said is a log that a test reads while others write.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *said) has(words string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Contains(s.text.String(), words)
}

// TestAStopDoesNotWaitForRoom fills the disk while somebody commits, and stops: the commit fails instead of waiting, and the next
// start finds the state of some commit.
func TestAStopDoesNotWaitForRoom(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "disk")
	must(t, os.Mkdir(folder, 0o700))
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=40m"); err != nil {
		t.Skipf("NOT TESTED: a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
	log := &said{}
	r, err := recall.Open(context.Background(), filepath.Join(folder, "recall"), recall.Options{CacheMB: 16, Log: slog.New(slog.NewTextHandler(log, nil))})
	must(t, err)
	ended := make(chan error, 1)
	go func() {
		for i := uint64(1); ; i++ {
			c := r.Begin(int64(i))
			err := c.Keep("blob", bytes.Repeat([]byte{byte(i)}, 1<<20))
			c.Follow(recall.Offsets{Log: i})
			if err == nil {
				err = c.End()
			}
			c.Discard()
			if err != nil {
				ended <- err
				return
			}
		}
	}()
	ballast, err := os.Create(filepath.Join(folder, "ballast"))
	must(t, err)
	for size := int64(1 << 20); syscall.Fallocate(int(ballast.Fd()), 0, 0, size) == nil; size += 1 << 20 {
	}
	must(t, ballast.Close())
	for looks := 0; !log.has("waits for room"); looks++ {
		if looks > 1000 {
			t.Fatal("nobody met the full disk")
		}
		time.Sleep(10 * time.Millisecond)
	}
	r.Release()
	select {
	case err := <-ended:
		if f := fault.From(err); f.Code != fault.Unavailable && !strings.Contains(fmt.Sprint(err), "no space") {
			t.Errorf("the commit failed by %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the commit still waits")
	}
	closed := make(chan error, 1)
	go func() { closed <- r.Close() }()
	select {
	case err := <-closed:
		t.Log("closed:", err)
	case <-time.After(20 * time.Second):
		t.Fatal("the folder does not close")
	}
	if !log.has("the server stops while the disk is full") {
		t.Error("it is not said that the stop cut it off")
	}
}

// TestClaimsGoOnWhileTheirDiskIsFull: runs that cannot be written or merged wait in memory and the engine, far too many wait for room,
// and none is lost, with a stop in between or without.
func TestClaimsGoOnWhileTheirDiskIsFull(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "recall")
	disk := filepath.Join(folder, "claims")
	must(t, os.MkdirAll(disk, 0o700))
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=1500k"); err != nil {
		t.Skipf("NOT TESTED: a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	const run, size = 6000, 1000
	log := &said{}
	start := func() *recall.Recall {
		r, err := recall.Open(context.Background(), folder, recall.Options{CacheMB: 16, Log: slog.New(slog.NewTextHandler(log, nil))}.WithRuns(run))
		must(t, err)
		return r
	}
	at := 0
	claim := func(r *recall.Recall) error {
		ids, places := make([]string, size), make([]uint64, size)
		for i := range ids {
			ids[i], places[i] = fmt.Sprint("id", at+i), uint64(at+i)
		}
		n, err := r.Claim(ids, places, make([]bool, size))
		if n != 0 {
			t.Errorf("of ids from %d on %d are known", at, n)
		}
		return err
	}
	r := start()
	go func() { // the claim that waits is let go by a stop
		for !log.has("waits for room") {
			time.Sleep(5 * time.Millisecond)
		}
		time.Sleep(100 * time.Millisecond)
		r.Release()
	}()
	for ; !log.has("waits for room"); at += size {
		if at > 100*run {
			t.Fatal("the disk does not fill up")
		}
		if err := claim(r); err != nil {
			if f := fault.From(err); f.Reason != "recall.not_written" {
				t.Errorf("the claim failed by %v", err)
			}
		}
	}
	must(t, r.Close())
	if !log.has("could not merge") || !log.has("keeps message ids in memory") {
		t.Error("it is not said that the disk is full")
	}
	must(t, syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, "size=20m"))
	r = start()
	for until := at + 10*run; at < until; at += size {
		must(t, claim(r))
	}
	if n := r.Runs(); n >= 8 {
		t.Errorf("%d runs wait to be merged", n)
	}
	for at -= size; at >= 0; at -= size {
		must(t, claim(r)) // each is its own first
	}
	must(t, r.Close())
}
