package store_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/dangol/dangol/internal/store"
	"github.com/dangol/dangol/internal/store/storetest"
)

// What was deleted is in no byte of the files.
func TestShred(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "records.db")
	s := storetest.OpenAt(t, path, storetest.Sample)
	secret := bytes.Repeat([]byte("kim@example.com "), 1000)
	for id, name := range map[int64]string{1: string(secret), 2: "kim@example.com", 3: "lee"} {
		if err := s.In(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), "sample.PutThing", id, name, int64(0), int64(0))
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	// One is overwritten, the other deleted with its table's other rows.
	for _, step := range []func(tx *store.Tx) error{
		func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), "sample.PutThing", int64(2), "nobody", int64(0), int64(0))
			return err
		},
		func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), "sample.PutThing", int64(1), "", int64(0), int64(0))
			return err
		},
	} {
		if err := s.In(t.Context(), step); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Shred(t.Context()); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("kim@example")) {
			t.Errorf("%s still holds what was deleted", f)
		}
	}
}
