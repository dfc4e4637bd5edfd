package btyd

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/dangol/dangol/internal/kit/datatest"
)

// apparel are the 600 customers of CLVTools' apparel data (GPL-3, which is why
// they are not here), as of week 104, with Gender and Channel.
func apparel(t *testing.T) []Described {
	t.Helper()
	f, err := os.Open(datatest.Path(t, "clvtools/apparel_cbs.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	list := make([]Described, 0, len(rows)-1)
	for _, row := range rows[1:] {
		v := make([]float64, len(row))
		for j, text := range row {
			v[j] = number(t, text)
		}
		who := []float64{v[4], v[5]}
		list = append(list, Described{Pattern{X: int(v[1]), Tx: v[2], T: v[3], N: 1}, who, who})
	}
	return list
}

// TestApparel reproduces CLVTools 0.12.1 with Gender and Channel.
func TestApparel(t *testing.T) {
	customers := apparel(t)
	names := CovariateOptions{Ordering: []string{"Gender", "Channel"}, Leaving: []string{"Gender", "Channel"}}
	f, err := FitCovariates(ParetoNBD, customers, names)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "LL", f.LogLikelihood(Week), -5821.06271, 0, 1e-4)
	near(t, "plain LL", f.PlainLogLik+f.Repeats*math.Log(7), -5848.09783, 0, 1e-4)
	for j, want := range []float64{1.837843, 92.912348, .591999, 49.622730} {
		p := f.Parameters(Week)[j]
		near(t, p.Name, p.Value, want, 3e-3, 0) // CLVTools stops a little before the summit
	}
	for j, want := range []float64{.285874, .624124} {
		near(t, "ordering "+f.Ordering[j].Name, f.Ordering[j].Value, want, 3e-3, 0)
	}
	for j, want := range []float64{-.642993, .790679} {
		near(t, "leaving "+f.Leaving[j].Name, f.Leaving[j].Value, want, 3e-3, 0)
	}
	if f.Evidence > 1e-9 {
		t.Errorf("evidence %v", f.Evidence)
	}
	// Customer 10: Gender 1, Channel 0, 2 orders, the last in week 99.57.
	p, err := f.For([]float64{1, 0}, []float64{1, 0})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "alpha of customer 10", p.Params[1]/7, 69.8085180544164, 1e-3, 0)
	near(t, "P(alive) of customer 10", p.PAlive(customers[9].Pattern), 0.986052889819999, 1e-3, 0)
	t.Logf("%+v\n%+v\n%+v", f.Parameters(Week), f.Ordering, f.Leaving)
}

// TestCovariateReference compares with an independent fit, of one yes-or-no and
// one continuous covariate: testdata/covariates.py made both.
func TestCovariateReference(t *testing.T) {
	raw, err := os.ReadFile("testdata/covariates.json")
	if err != nil {
		t.Fatal(err)
	}
	var reference struct {
		Customers [][5]float64
		Fits      map[Model]struct {
			Params, Ordering, Leaving []float64
			LL                        float64
		}
	}
	if err := json.Unmarshal(raw, &reference); err != nil {
		t.Fatal(err)
	}
	var customers []Described
	for _, v := range reference.Customers {
		customers = append(customers, Described{Pattern{X: int(v[0]), Tx: v[1], T: v[2], N: 1}, v[3:5], v[3:4]})
	}
	for model, want := range reference.Fits {
		f, err := FitCovariates(model, customers, CovariateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		near(t, string(model)+" LL", f.LogLik, want.LL, 0, 1e-4)
		for j, v := range want.Params {
			near(t, string(model)+" parameter", f.Params[j], v, 2e-3, 0)
		}
		for j, v := range want.Ordering {
			near(t, string(model)+" ordering", f.Ordering[j].Value, v, 2e-3, 1e-4)
		}
		near(t, string(model)+" leaving", f.Leaving[0].Value, want.Leaving[0], 2e-3, 1e-4)
		if !f.Supported() || f.Check.Slope > 1e-6 {
			t.Errorf("%s: %v %+v", model, f.Warnings, f.Check)
		}
	}
}

// described are simulated customers, half of whom order twice as often and
// leave half as soon.
func described(n int, seed uint64) []Described {
	rng := rand.New(rand.NewPCG(seed, 11))
	list := make([]Described, n)
	for i := range list {
		v := []float64{float64(i % 2)}
		p := Process{ParetoNBD, [4]float64{1, 40 * math.Exp(-math.Ln2*v[0]), 0.8, 150 * math.Exp(math.Ln2*v[0])}}
		list[i] = Described{simulated(rng, p, 1, 400, 1)[0], v, v}
	}
	return list
}

// TestCovariateRecovery: effects are found again, and a ridge draws them in.
func TestCovariateRecovery(t *testing.T) {
	customers := described(2500, 1)
	f, err := FitCovariates(ParetoNBD, customers, CovariateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		e    Effect
		want float64
	}{{f.Ordering[0], math.Ln2}, {f.Leaving[0], -math.Ln2}} {
		if math.Abs(c.e.Value-c.want) > 3*c.e.SE || !(c.e.SE < 0.3) {
			t.Errorf("%+v, not %v", c.e, c.want)
		}
	}
	ridge, err := FitCovariates(ParetoNBD, customers, CovariateOptions{Ridge: 500})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := math.Abs(ridge.Ordering[0].Value), math.Abs(f.Ordering[0].Value); a > 0.9*b || ridge.LogLik > f.LogLik+1e-6 || ridge.LogLik < f.PlainLogLik {
		t.Errorf("ridge: effect %v of %v, LL %v of %v", a, b, ridge.LogLik, f.LogLik)
	}
	none := make([]Described, len(customers))
	for i, c := range customers {
		none[i] = Described{Pattern: c.Pattern}
	}
	plain, err := FitCovariates(ParetoNBD, none, CovariateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "LL without covariates", plain.LogLik, plain.PlainLogLik, 0, 1e-6)
}

// TestCovariateErrors: bad input is named.
func TestCovariateErrors(t *testing.T) {
	good := described(50, 2)
	for name, spoil := range map[string]func(*Described){
		"NaN":   func(d *Described) { d.Ordering = []float64{math.NaN()} },
		"count": func(d *Described) { d.Leaving = nil },
	} {
		bad := described(50, 2)
		spoil(&bad[7])
		_, err := FitCovariates(BGNBD, bad, CovariateOptions{})
		var e *Error
		if !errors.As(err, &e) || e.Reason != InvalidCovariate || e.Index != 7 {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range good {
		good[i].Ordering = []float64{3}
	}
	if _, err := FitCovariates(BGNBD, good, CovariateOptions{}); err == nil {
		t.Error("a covariate that is the same for everyone")
	}
	f, err := FitCovariates(ParetoNBD, described(200, 3), CovariateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.For(nil, nil); err == nil {
		t.Error("too few covariates")
	}
}
