package clv

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"github.com/dangol/dangol/models/btyd"
	"github.com/dangol/dangol/models/gbdt"
)

// invented are customers of a process; those of odd places order by the
// calendar.
func invented(n int, until int32, regular bool) []History {
	rng := rand.New(rand.NewPCG(uint64(n), 7))
	process := btyd.Process{Model: btyd.ParetoNBD, Params: [4]float64{1.2, 40, 0.7, 150}}
	spend := btyd.Spend{P: 6, Q: 4, V: 15}
	list := make([]History, n)
	for i := range list {
		h := &list[i]
		h.Days = []int32{int32(rng.IntN(int(until) / 2))}
		if regular && i%2 == 1 {
			every := 20 + rng.IntN(60)
			for stay := rng.IntN(20); stay > 0; stay-- {
				h.Days = append(h.Days, h.Days[len(h.Days)-1]+int32(every-2+rng.IntN(5)))
			}
		} else {
			for _, at := range process.Simulate(rng, float64(until-h.Days[0])) {
				if day := h.Days[0] + int32(at) + 1; day > h.Days[len(h.Days)-1] {
					h.Days = append(h.Days, day)
				}
			}
		}
		h.Amounts = spend.Simulate(rng, len(h.Days))
	}
	return list
}

// judged compares predictions with what came.
func judged(t *testing.T, m *Model, customers []History, day int32, traits Traits) (rmse, base, sum, inside float64) {
	t.Helper()
	out, err := m.Predict(customers, day, traits)
	if err != nil {
		t.Fatal(err)
	}
	n, expected, came := 0.0, 0.0, 0.0
	for i, h := range customers {
		p, ok := h.pattern(day)
		if ok != out[i].Known {
			t.Fatalf("customer %d: known %v", i, out[i].Known)
		}
		if !ok {
			continue
		}
		y, _ := h.came(day, day+m.Horizon)
		o := out[i]
		if !(o.Orders > 0) || o.OrdersLow < 0 || o.OrdersHigh < o.OrdersLow || o.SpendLow < 0 || o.SpendHigh < o.SpendLow || o.Spend < 0 {
			t.Fatalf("customer %d: %+v", i, o)
		}
		e := m.Ordering.ConditionalExpected(p, float64(m.Horizon))
		n++
		rmse += (o.Orders - y) * (o.Orders - y)
		base += (e - y) * (e - y)
		expected += o.Orders
		came += y
		if o.OrdersLow <= y && y <= o.OrdersHigh {
			inside++
		}
	}
	return math.Sqrt(rmse / n), math.Sqrt(base / n), expected / came, inside / n
}

// TestRegular: where half the customers order by the calendar, trees see it.
func TestRegular(t *testing.T) {
	customers := invented(2500, 700, true)
	m, err := Fit(customers, 500, 91, Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	rmse, base, sum, inside := judged(t, m, customers, 500, nil)
	t.Logf("RMSE %.4f, ordering model %.4f, sum %.3f, inside %.3f, %+v, notes %v", rmse, base, sum, inside, m.Orders.Shares, m.Notes)
	if rmse > 0.97*base || math.Abs(sum-1) > 0.1 || inside < 0.76 || inside > 0.92 {
		t.Errorf("RMSE %.4f against %.4f, sum %.3f, inside %.3f", rmse, base, sum, inside)
	}
	if m.Orders.Ordering == 1 || len(m.Orders.Tried) != len(candidates) || *m.Orders.Checked != (Window{409, 91}) {
		t.Errorf("%+v", m.Orders)
	}
	for _, w := range m.Orders.Windows {
		if w.Cut+w.Days > 500 {
			t.Errorf("window %+v reaches into the future", w)
		}
	}
}

// TestTrueProcess: where the ordering model is true, nothing is spoilt.
func TestTrueProcess(t *testing.T) {
	customers := invented(2000, 700, false)
	m, err := Fit(customers, 500, 91, Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	rmse, base, sum, inside := judged(t, m, customers, 500, nil)
	t.Logf("RMSE %.4f, ordering model %.4f, sum %.3f, inside %.3f, %+v", rmse, base, sum, inside, m.Orders.Shares)
	if rmse > 1.02*base || math.Abs(sum-1) > 0.1 {
		t.Errorf("RMSE %.4f against %.4f, sum %.3f", rmse, base, sum)
	}
}

// TestFuture: what comes after the day until which a model is fitted cannot
// change it.
func TestFuture(t *testing.T) {
	customers := invented(700, 500, true)
	cut := make([]History, len(customers))
	for i, h := range customers {
		if h.Days[0] > 400 {
			t.Fatal("a customer of the future")
		}
		n := h.seen(400)
		cut[i] = History{h.Days[:n], h.Amounts[:n]}
	}
	whole, err := Fit(customers, 400, 60, Options{})
	if err != nil {
		t.Fatal(err)
	}
	known, err := Fit(cut, 400, 60, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(saved(t, whole), saved(t, known)) {
		t.Error("the model knows the future")
	}
	// Predictions do not either.
	a, _ := whole.Predict(customers, 400, nil)
	b, _ := whole.Predict(cut, 400, nil)
	if !reflect.DeepEqual(a, b) {
		t.Error("predictions know the future")
	}
}

func saved(t *testing.T, m *Model) []byte {
	t.Helper()
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestSaved: a model predicts the same after saving and loading, and on any
// number of cores.
func TestSaved(t *testing.T) {
	customers := invented(700, 500, true)
	m, err := Fit(customers, 400, 60, Options{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	text := saved(t, m)
	cores := runtime.GOMAXPROCS(1)
	alone, err := Fit(customers, 400, 60, Options{Seed: 3})
	runtime.GOMAXPROCS(cores)
	if err != nil || !bytes.Equal(text, saved(t, alone)) {
		t.Errorf("one core gives another model (%v)", err)
	}
	var loaded Model
	if err := json.Unmarshal(text, &loaded); err != nil {
		t.Fatal(err)
	}
	a, err := m.Predict(customers, 410, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := loaded.Predict(customers, 410, nil)
	if err != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("predictions differ after loading (%v)", err)
	}
}

// TestTraits: a trait that decides is used, and asked for only as of cuts.
func TestTraits(t *testing.T) {
	customers := invented(1500, 700, false)
	// Members are told to come back every fortnight from now and then on.
	for i := range customers {
		if h := &customers[i]; i%4 == 0 && len(h.Days) > 2 {
			for day := h.Days[len(h.Days)-1] + 14; day < 700; day += 14 {
				h.Days = append(h.Days, day)
				h.Amounts = append(h.Amounts, 20)
			}
		}
	}
	latest := int32(0)
	traits := func(questions []AsOf) ([]gbdt.Column, error) {
		v, kind := make([]float64, len(questions)), make([]int32, len(questions))
		for k, q := range questions {
			latest = max(latest, q.Day)
			if q.Customer%4 == 0 {
				v[k], kind[k] = 1, 1
			}
		}
		return []gbdt.Column{gbdt.Float64("member", v), gbdt.Categorical("kind", kind, []string{"guest", "member"})}, nil
	}
	m, err := Fit(customers, 500, 91, Options{Traits: traits})
	if err != nil {
		t.Fatal(err)
	}
	if latest >= 500 {
		t.Errorf("asked for day %d", latest)
	}
	rmse, base, _, _ := judged(t, m, customers, 500, traits)
	if rmse > 0.95*base {
		t.Errorf("RMSE %.3f with the trait, %.3f without", rmse, base)
	}
	if _, err := m.Predict(customers, 500, nil); err == nil {
		t.Error("predicts without the traits it was fitted with")
	}
	broken := errors.New("broken")
	if _, err := Fit(customers, 500, 91, Options{Traits: func([]AsOf) ([]gbdt.Column, error) { return nil, broken }}); !errors.Is(err, broken) {
		t.Error(err)
	}
}

// TestFew: with few customers the ordering model predicts and says so.
func TestFew(t *testing.T) {
	for _, n := range []int{60, 90} {
		customers := invented(n, 400, false)
		m, err := Fit(customers, 300, 60, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if m.Orders.Ordering != 1 || len(m.Orders.Tried) > 0 || !slices.ContainsFunc(m.Notes, func(n Note) bool { return n.Reason == NotLearnt }) {
			t.Errorf("%d customers: %+v %v", n, m.Orders.Shares, m.Notes)
		}
		rmse, base, _, inside := judged(t, m, customers, 300, nil)
		if rmse != base || inside < 0.7 {
			t.Errorf("%d customers: RMSE %v and %v, inside %v", n, rmse, base, inside)
		}
	}
	bare := invented(800, 400, false)
	for i := range bare {
		bare[i].Amounts = nil
	}
	if m, err := Fit(bare, 300, 60, Options{}); err != nil || m.Spend != nil || m.Spending != nil {
		t.Errorf("without amounts: %v", err)
	}
}

// TestErrors: bad input is named.
func TestErrors(t *testing.T) {
	good := History{[]int32{1, 5}, []float64{1, 2}}
	for name, c := range map[string]struct {
		customers []History
		horizon   int32
		opts      Options
		reason    Reason
		index     int
	}{
		"nobody":     {nil, 30, Options{}, InvalidHistory, -1},
		"no days":    {[]History{good, {}}, 30, Options{}, InvalidHistory, 1},
		"not sorted": {[]History{good, {[]int32{5, 5}, []float64{1, 2}}}, 30, Options{}, InvalidHistory, 1},
		"amounts":    {[]History{good, {[]int32{5, 6}, []float64{1}}}, 30, Options{}, InvalidHistory, 1},
		"some":       {[]History{good, {[]int32{5, 6}, nil}}, 30, Options{}, InvalidHistory, 1},
		"NaN":        {[]History{{[]int32{5, 6}, []float64{1, math.NaN()}}}, 30, Options{}, InvalidHistory, 0},
		"horizon":    {[]History{good}, 0, Options{}, InvalidOption, -1},
		"level":      {[]History{good}, 30, Options{Level: 1.5}, InvalidOption, -1},
		"rows":       {[]History{good}, 30, Options{MostRows: 3}, InvalidOption, -1},
	} {
		_, err := Fit(c.customers, 10, c.horizon, c.opts)
		var e *Error
		if !errors.As(err, &e) || e.Reason != c.reason || e.Index != c.index {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := Fit([]History{{[]int32{1}, nil}}, 10, 30, Options{})
	var e *btyd.Error
	if !errors.As(err, &e) || e.Reason != btyd.NoRepeatCustomers {
		t.Errorf("nobody came back: %v", err)
	}
	customers := invented(500, 400, false)
	m, err := Fit(customers, 300, 60, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Predict(customers, 299, nil); err == nil {
		t.Error("predicts what it has seen")
	}
	whole := saved(t, m)
	for _, text := range []string{
		`{}`, `{"ordering":{},"orders":{},"horizon":60,"level":0.8}`,
		string(bytes.ReplaceAll(whole, []byte(`_trees"`), []byte(`_lost"`))),
	} {
		var loaded Model
		if err := json.Unmarshal([]byte(text), &loaded); err != nil {
			t.Fatal(err)
		}
		if loaded.Orders != nil && loaded.Orders.Ordering == 1 {
			continue // it had none
		}
		var e *Error
		if _, err := loaded.Predict(customers, 300, nil); !errors.As(err, &e) || e.Reason != InvalidModel {
			t.Errorf("%.60s: %v", text, err)
		}
	}
}
