package recall_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestScrubLeavesNothingOfEarlierValues: what was kept under a name before is in no file any more, neither a table nor a log.
func TestScrubLeavesNothingOfEarlierValues(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "recall")
	r := open(t, folder)
	keep := func(value string) {
		t.Helper()
		c := r.Begin(1)
		defer c.Discard()
		for name := range 50 {
			must(t, c.Keep(fmt.Sprint("name/", name), fmt.Appendf(nil, "%s %d", value, name)))
		}
		must(t, c.End())
	}
	for range 3 { // so that a log is in use that was another before
		keep("kim.secret@example.com")
		if _, err := r.Scrub(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	keep("nobody")
	if _, err := r.Scrub(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	found := func() (in []string) {
		must(t, filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			if bytes.Contains(b, []byte("kim.secret")) {
				in = append(in, path)
			}
			return nil
		}))
		return in
	}
	for looks := 0; len(found()) > 0; looks++ { // the engine drops its tables beside
		if looks > 200 {
			t.Fatalf("she is in %v", found())
		}
		time.Sleep(10 * time.Millisecond)
	}
	must(t, r.Close())
	r = open(t, folder)
	if b, err := r.Kept("name/7"); err != nil || string(b) != "nobody 7" {
		t.Errorf("%q %v", b, err)
	}
	must(t, r.Close())
}
