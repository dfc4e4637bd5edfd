package warehouse

import (
	"os"
	"path/filepath"
	"testing"
)

// TestMendLog: the engine's log as the engine wrote it is found whole, and with a byte changed it is cut before that.
func TestMendLog(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "w.duckdb")
	w, err := Open(t.Context(), path, Options{MemoryMB: 256, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	if err := w.Follow(t.Context(), &Following{Log: 7}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path + ".wal")
	if err != nil {
		t.Fatal(err)
	}
	if n := wholeEntries(text); n != len(text) {
		t.Fatalf("%d of %d bytes are whole: the engine's log has another form than this knows", n, len(text))
	}
	copied := filepath.Join(t.TempDir(), "copy.duckdb")
	text[len(text)-3] ^= 4
	if err := os.WriteFile(copied+".wal", text, 0o600); err != nil {
		t.Fatal(err)
	}
	cut, err := mendLog(copied)
	if err != nil || cut == 0 {
		t.Fatalf("cut %d, %v", cut, err)
	}
	if err := os.WriteFile(path+".wal"+damagedEnding, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if n, err := w.Checkpoint(t.Context()); err != nil || n != 1 {
		t.Errorf("%d damaged logs were dropped, %v", n, err)
	}
	if o := w.Kept(); o.Log != 7 {
		t.Errorf("after a checkpoint %+v is kept", o)
	}
	if n, err := w.Checkpoint(t.Context()); err != nil || n != 0 {
		t.Errorf("%d damaged logs were dropped again, %v", n, err)
	}
	if again, err := mendLog(copied); err != nil || again != 0 {
		t.Errorf("the mended log is cut again: %d, %v", again, err)
	}
}
