package uplift

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
)

// TestFoldsAreThoseOfScikitLearn compares with testdata/deal.py, of scikit-learn 1.9.1.
func TestFoldsAreThoseOfScikitLearn(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/deal.json")
	if err != nil {
		t.Fatal(err)
	}
	var deals []struct {
		Kind         []int
		Kinds, Folds int
		Seed         uint32
		Fold         []int
	}
	if err := json.Unmarshal(text, &deals); err != nil {
		t.Fatal(err)
	}
	for _, d := range deals {
		if got := stratified(d.Kind, d.Kinds, d.Folds, d.Seed); !slices.Equal(got, d.Fold) {
			t.Errorf("%d rows, seed %d: %v, not %v", len(d.Kind), d.Seed, got, d.Fold)
		}
	}
}
