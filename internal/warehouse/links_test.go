package warehouse

import (
	"os"
	"path/filepath"
	"testing"
)

// A warehouse on another disk, behind a link that led nowhere at first, has its log beside its file, and is found again.
func TestWarehouseBehindALink(t *testing.T) {
	t.Parallel()
	data, disk := t.TempDir(), t.TempDir()
	link, file := filepath.Join(data, "warehouse.duckdb"), filepath.Join(disk, "warehouse.duckdb")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		w, err := Open(t.Context(), link, Options{MemoryMB: 100})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.db.ExecContext(t.Context(), `UPDATE meta SET value = value + 1 WHERE name = 'data_version'`); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(link + ".wal"); err == nil {
			t.Error("the engine's log is beside the link")
		}
		if _, err := os.Stat(file + ".wal"); err != nil {
			t.Error("the engine's log is not beside the file", err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
