package calibrate

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// oracle is testdata/oracle.json, made by testdata/oracle.py.
type oracle struct {
	P, Q, Y, Weight, Grid []float64
	Isotonic, Platt, Beta []float64
	IsotonicWeighted      []float64 `json:"isotonic_weighted"`
	LogLoss               float64   `json:"log_loss"`
	LogLossWeighted       float64   `json:"log_loss_weighted"`
	Brier                 float64
	AUC                   [2]float64
	AUCCov                [2][2]float64 `json:"auc_cov"`
	ECEWidth              float64       `json:"ece_width"`
	Venn                  [][2]float64
}

func readOracle(t testing.TB) *oracle {
	t.Helper()
	raw, err := os.ReadFile("testdata/oracle.json")
	if err != nil {
		t.Fatal(err)
	}
	o := &oracle{}
	if err := json.Unmarshal(raw, o); err != nil {
		t.Fatal(err)
	}
	return o
}

func near(t testing.TB, what string, got, want, abs float64) {
	t.Helper()
	if !(math.Abs(got-want) <= abs) {
		t.Errorf("%s: got %.12g, want %.12g (off by %.3g)", what, got, want, math.Abs(got-want))
	}
}

// fitted fits or fails.
func fitted(t testing.TB, method Method, scores, y []float64, opts Options) *Map {
	t.Helper()
	m, err := Fit(method, scores, y, opts)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestMapsOfPeers compares with scikit-learn and betacal.
func TestMapsOfPeers(t *testing.T) {
	o := readOracle(t)
	platt, beta := fitted(t, Sigmoid, o.P, o.Y, Options{}), fitted(t, Beta, o.P, o.Y, Options{})
	for i, p := range o.Grid {
		near(t, "sigmoid", platt.Apply(p), o.Platt[i], 1e-6)
		near(t, "beta", beta.Apply(p), o.Beta[i], 1e-4)
	}
	for _, c := range []struct{ weights, want []float64 }{{nil, o.Isotonic}, {o.Weight, o.IsotonicWeighted}} {
		steps, err := IsotonicSteps(o.P, o.Y, c.weights)
		if err != nil {
			t.Fatal(err)
		}
		iso := &Map{Method: Isotonic}
		iso.corners(steps)
		for i, p := range o.Grid {
			near(t, "isotonic", iso.Apply(p), c.want[i], 1e-9)
		}
	}
}

// TestMeasuresOfPeers compares log-loss, Brier score, areas and ECE.
func TestMeasuresOfPeers(t *testing.T) {
	o := readOracle(t)
	m, err := Measure(o.P, o.Y)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "log-loss", m.LogLoss, o.LogLoss, 1e-12)
	near(t, "Brier", m.Brier, o.Brier, 1e-12)
	near(t, "AUC", m.AUC.Value, o.AUC[0], 1e-12)
	near(t, "SE of AUC", m.AUC.SE, math.Sqrt(o.AUCCov[0][0]), 1e-12)
	near(t, "ECE", m.ECE, o.ECEWidth, 1e-12)
	weighted, err := LogLoss(o.P, o.Y, o.Weight)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "weighted log-loss", weighted, o.LogLossWeighted, 1e-12)
	d, err := CompareAUC(o.P, o.Q, o.Y, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "difference", d.Value, o.AUC[0]-o.AUC[1], 1e-12)
	near(t, "its SE", d.SE, math.Sqrt(o.AUCCov[0][0]+o.AUCCov[1][1]-2*o.AUCCov[0][1]), 1e-12)
	if !(m.AUC.Low < m.AUC.Value && m.AUC.Value < m.AUC.High && m.AUC.High < 1) {
		t.Errorf("%+v", m.AUC)
	}
}

// TestVennAbersOfPeer compares both answers with the venn-abers package.
func TestVennAbersOfPeer(t *testing.T) {
	o := readOracle(t)
	v, err := FitVennAbers(o.P, o.Y)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range o.Grid {
		p, low, high := v.Interval(s)
		near(t, "low", low, o.Venn[i][0], 1e-9)
		near(t, "high", high, o.Venn[i][1], 1e-9)
		if !(low <= p && p <= high) {
			t.Errorf("%v outside %v…%v", p, low, high)
		}
	}
}
