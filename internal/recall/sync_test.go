package recall

import (
	"bytes"
	"context"
	"testing"

	"github.com/dangol/dangol/internal/query/rule"
)

// TestALaterCommitSyncsWhatEarlierOnesWrote: commits that do not wait for the disk fill several segments; each is synced before the
// engine's tables, which name their ends, are made durable.
func TestALaterCommitSyncsWhatEarlierOnesWrote(t *testing.T) {
	t.Parallel()
	r, err := Open(context.Background(), t.TempDir(), Options{CacheMB: 16})
	if err != nil {
		t.Fatal(err)
	}
	value := rule.ValueOf(string(bytes.Repeat([]byte{'x'}, heavyBytes/2)))
	write := func(durable bool, people int) {
		t.Helper()
		c := r.Begin(1)
		defer c.Discard()
		for who := range people {
			c.Add(uint32(who), &Fact{Strand: 1, AtUS: 1, Place: uint64(who), Origin: uint32(who), Values: []rule.Value{value}})
		}
		end := c.EndSoon
		if durable {
			end = c.End
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
	}
	waiting := func() (files int, folder bool) { return len(r.people.unsynced.files), r.people.unsynced.folder }
	write(false, segmentBytes/(heavyBytes/2)+10)
	if files, folder := waiting(); files != 2 || !folder {
		t.Fatalf("%d segments wait for the disk, the folder: %v", files, folder)
	}
	write(true, 0)
	if files, folder := waiting(); files != 0 || folder {
		t.Errorf("after a commit that waited %d segments do, the folder: %v", files, folder)
	}
	write(false, 1)
	if err := r.saveIndex(); err != nil {
		t.Fatal(err)
	}
	if files, _ := waiting(); files != 0 {
		t.Errorf("%d segments are not synced before the index is kept", files)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}
