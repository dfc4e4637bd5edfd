package btyd

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/kit/datatest"
)

// TestStress fits small simulated companies, weekly and daily, with every
// model and looks for a better maximum from many random starts. Set
// DANGOL_TEST_STRESS to the number of companies for a long run.
func TestStress(t *testing.T) {
	sets, err := strconv.Atoi(os.Getenv("DANGOL_TEST_STRESS"))
	starts := 15
	if err != nil {
		sets, starts = 10, 5
	}
	if testing.Short() {
		sets = 2
	}
	worst, shown, determined := 0.0, 0, 0
	for set := range sets {
		rng := rand.New(rand.NewPCG(uint64(set), 42))
		p := randomProcess(rng)
		n := 150 + rng.IntN(1851)
		step := []float64{1, 7}[set%2]
		longest := 30 + 800*rng.Float64()
		patterns := simulated(rng, p, n, longest, step)
		for _, model := range models {
			f, err := Fit(model, patterns, Options{})
			var e *Error
			if errors.As(err, &e) && e.Reason == NoRepeatCustomers {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			shown++
			for _, w := range f.Warnings {
				if w.Reason == NotConverged {
					t.Errorf("set %d (%s, n %d, step %v) %s: %s %+v", set, p.Model, n, step, model, w.Message, f.Check)
				}
			}
			for _, q := range f.Parameters(Day) {
				if q.Determined {
					determined++
				}
				if q.Determined && !(q.Low > 0 && q.Low < q.Value && q.Value < q.High) || math.IsNaN(q.SE) || !(q.Value > 0) {
					t.Errorf("set %d %s: %+v", set, model, q)
				}
			}
			if gap := bestOfMany(rng, model, patterns, starts) - f.LogLik; gap > 0.01 {
				t.Errorf("set %d (%s %v, n %d, step %v) %s: another start is better by %.4f: %v", set, p.Model, p.Params, n, step, model, gap, f.Params)
			} else {
				worst = math.Max(worst, gap)
			}
		}
	}
	t.Logf("%d fits of %d companies, largest gap %.2g, %d of %d parameters determined", shown, sets, worst, determined, 4*shown)
}

// randomProcess draws a process such as companies have.
func randomProcess(rng *rand.Rand) Process {
	log := func(low, high float64) float64 {
		return math.Exp(math.Log(low) + rng.Float64()*math.Log(high/low))
	}
	p := Process{Model: models[rng.IntN(len(models))]}
	r := log(0.15, 3)
	p.Params = [4]float64{r, r * log(5, 200), log(0.2, 3), log(0.5, 10)}
	if p.Model == ParetoNBD {
		p.Params[3] = p.Params[2] * log(20, 1000)
	}
	return p
}

// bestOfMany climbs from random starts.
func bestOfMany(rng *rand.Rand, model Model, patterns []Pattern, starts int) float64 {
	grouped, _ := Group(patterns)
	o := newSample(grouped).objective(model, Options{})
	best := math.Inf(-1)
	for range starts {
		theta := o.centre
		for j := range theta {
			theta[j] += 3 * (2*rng.Float64() - 1)
		}
		if top := o.climb(theta, precisely); top.slope.f > best {
			best = math.Max(best, o.likelihood(top.theta).f)
		}
	}
	return best
}

// TestRecovery: with many customers the parameters come back.
func TestRecovery(t *testing.T) {
	for _, p := range []Process{
		{BGNBD, [4]float64{0.8, 25, 0.7, 2.5}},
		{MBGNBD, [4]float64{0.8, 25, 0.7, 2.5}},
		{ParetoNBD, [4]float64{0.8, 25, 0.7, 90}},
	} {
		patterns := simulated(rand.New(rand.NewPCG(7, 7)), p, 20_000, 400, 0.01)
		f, err := Fit(p.Model, patterns, Options{Level: 0.999})
		if err != nil {
			t.Fatal(err)
		}
		for j, q := range f.Parameters(Day) {
			if p.Params[j] < q.Low || p.Params[j] > q.High {
				t.Errorf("%s %s: true %v, interval %v to %v", p.Model, q.Name, p.Params[j], q.Low, q.High)
			}
		}
	}
}

// TestWarnings: each warning appears where it should.
func TestWarnings(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	has := func(list []Warning, reason Reason) bool {
		return slices.ContainsFunc(list, func(w Warning) bool { return w.Reason == reason })
	}
	few, err := Fit(BGNBD, simulated(rng, Process{BGNBD, [4]float64{0.5, 20, 1, 3}}, 60, 100, 1), Options{})
	if err != nil || !has(few.Warnings, FewRepeatCustomers) || few.Supported() {
		t.Errorf("few customers: %v %+v", err, few)
	}
	loyal := simulated(rng, Process{BGNBD, [4]float64{1, 20, 1e-9, 1}}, 3000, 300, 1)
	for _, model := range models {
		f, err := Fit(model, loyal, Options{})
		if err != nil || !has(f.Warnings, NoDropout) || f.SupportsAlive() || !f.Supported() {
			t.Errorf("loyal customers, %s: %v %+v", model, err, f)
		}
	}
	_, err = Fit(MBGNBD, []Pattern{{T: 10, N: 5}}, Options{})
	var e *Error
	if !errors.As(err, &e) || e.Reason != NoRepeatCustomers {
		t.Errorf("nobody came back: %v", err)
	}
	for _, bad := range []Pattern{{X: -1}, {X: 1, Tx: 5, T: 4, N: 1}, {X: 0, Tx: 3, T: 4, N: 1}, {X: 2, Tx: 0, T: 4, N: 1}, {X: 1, Tx: 1, T: math.NaN(), N: 1}, {X: 1, Tx: 1, T: 2, N: -1}} {
		if _, err := Fit(BGNBD, []Pattern{{X: 1, Tx: 1, T: 2, N: 1}, bad}, Options{}); !errors.As(err, &e) || e.Reason != InvalidPattern || e.Index != 1 {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	heavy, err := FitSpend(simulatedSpend(rng, Spend{5, 0.7, 10}, 3000), Options{})
	if err != nil || !has(heavy.Warnings, SpendMeanUndefined) || heavy.Supported() {
		t.Errorf("heavy tail: %v %+v", err, heavy)
	}
	rising := simulatedSpend(rng, Spend{30, 30, 100}, 2000)
	for i := range rising {
		rising[i].Mean *= float64(rising[i].X)
	}
	if f, err := FitSpend(rising, Options{}); err != nil || !has(f.Warnings, SpendCorrelated) || f.Supported() {
		t.Errorf("correlated: %v %+v", err, f)
	}
}

// TestOnlineRetail: on these orders all three models collapse to the NBD, and
// say so.
func TestOnlineRetail(t *testing.T) {
	patterns := calibrated(loadOnlineRetail(t), "2011-08-31")
	for _, model := range models {
		f, err := Fit(model, patterns, Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s %v LL %.4f %v", model, f.Params, f.LogLik, f.Warnings)
		if f.SupportsAlive() {
			t.Errorf("%s: claims to see customers leave", model)
		}
	}
}

func calibrated(logs map[string][]int32, until string) []Pattern {
	at, _ := time.Parse("2006-01-02", until)
	var out []Pattern
	for _, days := range logs {
		if h, ok := Summarise(days, int32(at.Unix()/86400)); ok {
			out = append(out, h)
		}
	}
	return out
}

// loadOnlineRetail gives each customer's days with a purchase: positive
// quantity and price, not a cancellation.
func loadOnlineRetail(t testing.TB) map[string][]int32 {
	t.Helper()
	f, err := os.Open(datatest.Path(t, "online_retail/online_retail.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	in := csv.NewReader(z)
	in.ReuseRecord = true
	head, err := in.Read()
	if err != nil {
		t.Fatal(err)
	}
	col := map[string]int{}
	for i, name := range head {
		col[strings.TrimPrefix(name, "\ufeff")] = i
	}
	days := map[string][]int32{}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		quantity, _ := strconv.ParseFloat(row[col["Quantity"]], 64)
		price, _ := strconv.ParseFloat(row[col["UnitPrice"]], 64)
		id := row[col["CustomerID"]]
		if id == "" || quantity <= 0 || price <= 0 || strings.HasPrefix(row[col["InvoiceNo"]], "C") {
			continue
		}
		day := strings.Fields(row[col["InvoiceDate"]])[0]
		at, err := time.Parse("2006-01-02", day)
		if err != nil {
			if at, err = time.Parse("1/2/2006", day); err != nil {
				t.Fatal(err)
			}
		}
		days[strings.Clone(id)] = append(days[id], int32(at.Unix()/86400))
	}
	for id, list := range days {
		slices.Sort(list)
		days[id] = slices.Compact(list)
	}
	return days
}
