package gbdt

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/kit/datatest"
)

// TestModelsOfOthers reads models with missing values, zeros as missing, categories, random forests and dropped trees,
// and compares margins and contributions with what the program that trained them said (testdata/make.py).
func TestModelsOfOthers(t *testing.T) {
	_, probe := numbers(t, "testdata/probe.csv", false)
	paths, err := filepath.Glob("testdata/[lx]gb_*.[tj]*")
	if err != nil || len(paths) != 8 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		read, tolerance := ReadLightGBM, 1e-12
		rows := probe
		if strings.HasPrefix(name, "xgb") {
			read, tolerance = ReadXGBoost, 1e-6 // its sums are of 32 bits
			rows = slicesOf(probe)
			for _, row := range rows[50:] {
				row[2] = 39
			}
		}
		m, err := read(bytes.NewReader(text))
		if err != nil {
			t.Error(name, err)
			continue
		}
		again, err := Read(bytes.NewReader(saved(t, m)))
		if err != nil {
			t.Fatal(name, err)
		}
		_, want := numbers(t, "testdata/"+name+".csv", false)
		dst := make([]float64, m.Width())
		for i, row := range want {
			margin, err := m.Margin(rows[i])
			if err != nil {
				t.Fatal(err)
			}
			near(t, name+" margin", margin, row[0], tolerance)
			if own, _ := again.Margin(rows[i]); own != margin {
				t.Errorf("%s: margin %v, saved and read again %v", name, margin, own)
			}
			base, err := m.Explain(dst, rows[i])
			if err != nil {
				t.Fatal(err)
			}
			near(t, name+" base", base, row[5], tolerance)
			for f, v := range dst {
				near(t, name+" contribution", v, row[1+f], tolerance)
			}
		}
	}
}

func slicesOf(rows [][]float64) [][]float64 {
	out := make([][]float64, len(rows))
	for i, row := range rows {
		out[i] = append([]float64(nil), row...)
	}
	return out
}

// peerScores are what LightGBM reached.
type peerScores struct {
	Count, Sum float64
	Telco      struct {
		AUC     float64 `json:"auc"`
		LogLoss float64 `json:"log_loss"`
		Folds   string  `json:"folds"`
	}
}

func lightGBM(t *testing.T) (p peerScores) {
	t.Helper()
	text, err := os.ReadFile("testdata/lightgbm.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestCountsBesideLightGBM: the loss on held-out rows is as low as LightGBM's with the same settings.
func TestCountsBesideLightGBM(t *testing.T) {
	names, rows := numbers(t, "testdata/counts.csv", true)
	peer := lightGBM(t)
	fit, held := table(t, names[:3], rows[:4000]), table(t, names[:3], rows[4000:])
	for _, c := range []struct {
		objective Objective
		column    int
		loss      func(mean, y float64) float64
		peer      float64
	}{
		{Poisson, 3, func(p, y float64) float64 { return p - y*math.Log(p) }, peer.Count},
		{Tweedie, 4, func(p, y float64) float64 { return math.Pow(p, 0.6)/0.6 + y*math.Pow(p, -0.4)/0.4 }, peer.Sum},
	} {
		y := make([]float64, 4000)
		for i := range y {
			y[i] = rows[i][c.column]
		}
		m := train(t, Set{Data: fit, Labels: y}, Options{Objective: c.objective, TweediePower: 1.4, MaxLeaves: 8, LearningRate: 0.05})
		p := make([]float64, 2000)
		if err := m.PredictAll(p, held); err != nil {
			t.Fatal(err)
		}
		loss, mean, actual := 0.0, 0.0, 0.0
		for i, v := range p {
			loss += c.loss(v, rows[4000+i][c.column]) / 2000
			mean, actual = mean+v/2000, actual+rows[4000+i][c.column]/2000
		}
		t.Logf("%s: loss %.5f, LightGBM %.5f; mean %.3f of %.3f", c.objective, loss, c.peer, mean, actual)
		if loss > c.peer+0.004*math.Abs(c.peer) {
			t.Errorf("%s: loss %.5f, LightGBM %.5f", c.objective, loss, c.peer)
		}
	}
}

// TestTelcoBesideLightGBM: five stratified folds, the settings of the tuned peer.
func TestTelcoBesideLightGBM(t *testing.T) {
	names, rows := numbers(t, datatest.Path(t, "references/telco_onehot.csv"), true)
	text, err := os.ReadFile(datatest.Path(t, "telco/Telco-Customer-Churn.csv"))
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float64, len(rows))
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		if strings.HasSuffix(strings.TrimSpace(line), "Yes") {
			y[i] = 1
		}
	}
	peer := lightGBM(t).Telco
	margin := make([]float64, len(rows))
	for fold := range 5 {
		var in, out []int
		for i := range rows {
			if int(peer.Folds[i]-'0') == fold {
				out = append(out, i)
			} else {
				in = append(in, i)
			}
		}
		pick := func(list []int) (*Data, []float64) {
			chosen, labels := make([][]float64, len(list)), make([]float64, len(list))
			for k, i := range list {
				chosen[k], labels[k] = rows[i], y[i]
			}
			return table(t, names, chosen), labels
		}
		d, labels := pick(in)
		m := train(t, Set{Data: d, Labels: labels}, Options{Trees: 300, LearningRate: 0.03, MaxLeaves: 8})
		for _, i := range out {
			if margin[i], err = m.Margin(rows[i]); err != nil {
				t.Fatal(err)
			}
		}
	}
	loss := 0.0
	for i, f := range margin {
		loss += (&Options{Objective: Binary}).loss(y[i], f) / float64(len(y))
	}
	a := auc(margin, y, nil)
	t.Logf("AUC %.4f, log-loss %.4f; LightGBM %.4f, %.4f", a, loss, peer.AUC, peer.LogLoss)
	if a < peer.AUC-0.0015 || loss > peer.LogLoss+0.0015 {
		t.Errorf("AUC %.4f, log-loss %.4f; LightGBM %.4f, %.4f", a, loss, peer.AUC, peer.LogLoss)
	}
}
