package profile

import (
	"testing"

	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/profile/identity"
	"github.com/dangol/dangol/internal/profile/likeness"
	"github.com/dangol/dangol/internal/store"
)

// TestASearchUnderWayWritesNothingOfOneErased: what a search has read of somebody is not written once she is erased.
func TestASearchUnderWayWritesNothingOfOneErased(t *testing.T) {
	t.Parallel()
	d := openDesk(t, Joined{})
	d.say(
		`identify user=1 email=kim@x.kr {"email":"kim@x.kr"}`, `identify user=2 email=kim@x.kr {"email":"kim@x.kr"}`,
		`identify user=5 {"phone":"+66 81 234 5678"}`, `identify user=6 {"phone":"+66812345678"}`,
	)
	r := d.registry
	s := &suggesting{registry: r, progress: &job.Progress{}, phones: identity.NewPhones(), pairs: likeness.NewPairs()}
	err := r.store.View(t.Context(), func(tx *store.Tx) error {
		if err := s.gather(t.Context(), tx); err != nil {
			return err
		}
		s.pairs.Sift()
		return s.gather(t.Context(), tx)
	})
	if err != nil {
		t.Fatal(err)
	}
	s.pairs.Compare()
	if n := s.pairs.Len(); n != 2 {
		t.Fatalf("%d pairs", n)
	}
	if _, err := d.Erase(t.Context(), "2", "minji", "asked"); err != nil {
		t.Fatal(err)
	}
	if err := r.keepFound(t.Context(), s, [2]int64{}); err != nil {
		t.Fatal(err)
	}
	var kept []string
	err = r.store.View(t.Context(), func(tx *store.Tx) error {
		kept, err = store.Collect(t.Context(), tx, "profile.EachDuplicate", store.Args{10}, func(scan store.Scan) (reasons string, err error) {
			var id string
			var a, b int64
			var score float64
			err = scan(&id, &a, &b, &reasons, &score)
			return reasons, err
		})
		return err
	})
	if err != nil || len(kept) != 1 {
		t.Errorf("kept are %q, %v", kept, err)
	}
}
