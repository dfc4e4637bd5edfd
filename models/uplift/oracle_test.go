package uplift

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

func near(t testing.TB, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s: got %.12g, want %.12g", what, got, want)
	}
}

// TestOracle compares with scikit-uplift; see testdata/oracle.py.
func TestOracle(t *testing.T) {
	raw, err := os.ReadFile("testdata/oracle.json")
	if err != nil {
		t.Fatal(err)
	}
	var oracle struct {
		Cases []struct {
			Score, Outcome []float64
			Treated        []int
			Qini, AUUC     float64
			QiniCurve      [2][]float64 `json:"qini_curve"`
			UpliftCurve    [2][]float64 `json:"uplift_curve"`
			At30           *float64     `json:"at_30"`
		}
	}
	if err := json.Unmarshal(raw, &oracle); err != nil {
		t.Fatal(err)
	}
	for _, c := range oracle.Cases {
		treated := make([]bool, len(c.Treated))
		for i, v := range c.Treated {
			treated[i] = v == 1
		}
		qini, err := Qini(c.Score, treated, c.Outcome)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "Qini", qini, c.Qini, 1e-12)
		auuc, err := AUUC(c.Score, treated, c.Outcome)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "AUUC", auuc, c.AUUC, 1e-12)
		if c.At30 != nil {
			at, err := UpliftAt(0.3, c.Score, treated, c.Outcome)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "uplift at 30 %", at, *c.At30, 1e-12)
		}
		for k, want := range [][2][]float64{c.QiniCurve, c.UpliftCurve} {
			curve := []func([]float64, []bool, []float64) ([]Point, error){QiniCurve, UpliftCurve}[k]
			got, err := curve(c.Score, treated, c.Outcome)
			if err != nil || len(got) != len(want[0]) {
				t.Fatalf("%d points, want %d (%v)", len(got), len(want[0]), err)
			}
			for i, p := range got {
				near(t, "people", float64(p.People), want[0][i], 0)
				near(t, "curve", p.Value, want[1][i], 1e-9)
			}
		}
	}
}
