package bus_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/bus"
	"github.com/dangol/dangol/internal/kit/fault"
)

// TestFullDisk fills a small disk: what was acknowledged stays, what cannot be written is refused, and the log writes
// again by itself once there is room.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=24m"); err != nil {
		t.Skipf("a small disk can be mounted by root only: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	ballast := filepath.Join(disk, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 8<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(disk, "log")
	b := open(t, bus.Options{Dir: dir})
	early, err := b.Read(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	payload := bytes.Repeat([]byte("x"), 300<<10)
	acknowledged := map[uint64]bool{}
	var failed error
	for range 200 {
		ctx, cancel := context.WithTimeout(t.Context(), soon)
		seq, err := b.Publish(ctx, payload)
		cancel()
		if err != nil {
			failed = err
			break
		}
		acknowledged[seq] = true
	}
	if f := fault.From(failed); f.Code != fault.Unavailable || f.Reason != "bus.unavailable" {
		t.Fatalf("on a full disk: %v", failed)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(4 * soon); ; time.Sleep(50 * time.Millisecond) { // the watch over the engine has no signal
		seq, err := b.Publish(t.Context(), payload)
		if err == nil {
			acknowledged[seq] = true
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("with room again: %v", err)
		}
	}
	seen := 0
	for early.After() < b.Last() { // a reader outlives the engine that it began with
		some, err := early.Next(t.Context(), 10, 8<<20, 0)
		if err != nil {
			t.Fatal(err)
		}
		seen += len(some)
	}
	if seen < len(acknowledged) {
		t.Errorf("the early reader saw %d of %d", seen, len(acknowledged))
	}
	for range 2 {
		found := map[uint64]bool{}
		for _, m := range readAll(t, b, 0) {
			found[m.Seq] = bytes.Equal(m.Data, payload)
		}
		for seq := range acknowledged {
			if !found[seq] {
				t.Errorf("message %d is gone", seq)
			}
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		b = open(t, bus.Options{Dir: dir})
	}
}
