package recall_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/dangol/dangol/internal/recall"
)

// TestWhoMovesAsASegmentBeginsMovesAfterItsBeginning, by one commit.
func TestWhoMovesAsASegmentBeginsMovesAfterItsBeginning(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "recall")
	r := open(t, folder)
	c := r.Begin(5_000_000)
	first := roaring.BitmapOf(1, 2, 3)
	c.Start(20, first)
	c.Enter(20, 7)
	c.Leave(20, 2)
	must(t, c.End())
	for range 2 {
		if got := r.Members(20).ToArray(); !slices.Equal(got, []uint32{1, 3, 7}) || r.Revision(20) != 1 {
			t.Errorf("members are %v at revision %d", got, r.Revision(20))
		}
		if at, known, err := r.Since(20, 7); at != 5_000_000 || !known || err != nil {
			t.Errorf("7 is in it since %d, %v, %v", at, known, err)
		}
		if _, known, err := r.Since(20, 1); known || err != nil {
			t.Errorf("1 was there when it began: %v, %v", known, err)
		}
		must(t, r.History(20, 0, func(h recall.Hour) error {
			if h.Size != 3 || h.Entered != 1 || h.Left != 1 {
				t.Errorf("%+v", h)
			}
			return nil
		}))
		must(t, r.Close())
		r = open(t, folder)
	}
	must(t, r.Close())
}
