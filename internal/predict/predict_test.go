package predict

import (
	"bufio"
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/audience"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/datatest"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/profile"
	"github.com/dangol/dangol/internal/warehouse"
	"github.com/dangol/dangol/models/btyd"
)

// cdnow puts the whole of CDNOW into a warehouse, as an import does.
func cdnow(t *testing.T) *warehouse.Warehouse {
	t.Helper()
	f, err := os.Open(datatest.Path(t, "cdnow/CDNOW_master.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	w, err := warehouse.Open(t.Context(), "", warehouse.Options{MemoryMB: 512})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	keys := map[string]uint32{}
	_, err = w.Take(t.Context(), 1, 1, func(in *warehouse.Intake) ([]warehouse.Person, error) {
		lines := bufio.NewScanner(f)
		for n := 0; lines.Scan(); n++ {
			cell := strings.Fields(lines.Text())
			if cell[0] == "customer_id" {
				continue
			}
			at, err := time.Parse("20060102", cell[1])
			if err != nil {
				return nil, err
			}
			paid, err := market.Parse(cell[3], "USD")
			if err != nil {
				return nil, err
			}
			key, known := keys[cell[0]]
			if !known {
				key = uint32(len(keys))
				keys[cell[0]] = key
			}
			l := event.OrderLine{
				Customer: cell[0], Order: cell[0] + cell[1] + string(rune('a'+n%26)), AtUS: at.UnixMicro(), Day: day.Of(at), Kind: event.Purchase, QuantityMilli: 1000,
				AmountMinor: paid.Minor, Currency: "USD", Promised: day.Unknown, Delivered: day.Unknown, PaidUntil: day.Unknown,
			}
			if err := in.Add(&l, key, paid.Minor); err != nil {
				return nil, err
			}
		}
		return nil, lines.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

var (
	calibrated = day.New(1997, time.September, 30)
	watched    = day.New(1998, time.June, 30)
)

func near(a, b, relative float64) bool { return math.Abs(a-b) <= relative*math.Abs(b) }

// The references are independent computations, listed in shared/peers/prediction.md: parameters in weeks of seven days.
func TestReportOnCDNOW(t *testing.T) {
	t.Parallel()
	s := NewService(cdnow(t))
	for _, c := range []struct {
		model      string
		likelihood float64
		parameters map[string]float64
	}{
		{"bgnbd", -95368.4439, map[string]float64{"r": .251624, "alpha": 4.788943, "a": .723433, "b": 2.161088}},
		{"mbgnbd", -95336.9583, map[string]float64{"r": .637140, "alpha": 7.310289, "a": .807474, "b": 1.228394}},
		{"paretonbd", -95415.1186, map[string]float64{"r": .597420, "alpha": 11.585658, "s": .522186, "beta": 8.827760}},
		{"auto", -95336.9583, map[string]float64{"r": .637140}},
	} {
		r, err := s.Report(t.Context(), Ask{Model: c.model, CalibrateUntil: calibrated, Unit: "week", AsOf: watched}, "USD")
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(r.LogLikelihood-c.likelihood) > 1e-4 || r.Customers != 23570 || r.Unit != "week" {
			t.Errorf("%s: log-likelihood %.4f of %d customers, want %.4f", c.model, r.LogLikelihood, r.Customers, c.likelihood)
		}
		for name, want := range c.parameters {
			if !near(r.Parameters[name], want, 2e-5) {
				t.Errorf("%s: %s = %.6f, want %.6f", c.model, name, r.Parameters[name], want)
			}
		}
		if r.Spend == nil || !near(r.Spend.P, 6.275359, 1e-4) || !near(r.Spend.Q, 3.624450, 1e-4) || !near(r.Spend.V, 14.983687, 1e-4) {
			t.Errorf("%s: spend %+v", c.model, r.Spend)
		}
		checkHoldout(t, c.model, r)
	}
	// The unit is one of scale only.
	daily, err := s.Report(t.Context(), Ask{Model: "mbgnbd", CalibrateUntil: calibrated, Unit: "day", AsOf: watched}, "USD")
	if err != nil || !near(daily.Parameters["alpha"], 7*7.310289, 2e-5) || !near(daily.Parameters["r"], .637140, 2e-5) {
		t.Errorf("in days: %v, %v", daily.Parameters, err)
	}
}

func checkHoldout(t *testing.T, model string, r *Report) {
	t.Helper()
	h := r.Holdout
	if h == nil || h.CalibrateUntil != calibrated || h.Until != watched {
		t.Fatalf("%s: holdout %+v", model, h)
	}
	weekly := 0.0
	for i, k := range h.Tracking {
		weekly += k.ActualWeekly
		if k.Week != i+1 || k.Day != day.New(1997, time.January, 1)+day.Day(7*(i+1)) || math.Abs(k.ActualCumulative-weekly) > 1e-6 {
			t.Errorf("%s: week %+v", model, k)
			break
		}
	}
	customers, actual := 0.0, 0.0
	for _, b := range h.ByFrequency {
		customers += b.Customers
		actual += b.Customers * b.ActualMean
	}
	if customers != 23570 || math.Abs(actual-h.Actual) > 1e-6 || len(h.Tracking) != 77 || h.MAE <= 0 || h.RMSE < h.MAE {
		t.Errorf("%s: %v customers with %v orders in the holdout, %v told; %d weeks; errors %v, %v", model, customers, actual, h.Actual, len(h.Tracking), h.MAE, h.RMSE)
	}
}

func TestReportFaults(t *testing.T) {
	t.Parallel()
	w, err := warehouse.Open(t.Context(), "", warehouse.Options{MemoryMB: 100})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	s := NewService(w)
	for reason, a := range map[string]Ask{
		"predict.unknown_model":        {Model: "magic", CalibrateUntil: day.Unknown, Unit: "day", AsOf: watched},
		"predict.calibration_too_late": {Model: Auto, CalibrateUntil: watched, Unit: "day", AsOf: watched},
		"predict.no_history":           {Model: Auto, CalibrateUntil: day.Unknown, Unit: "day", AsOf: watched},
	} {
		if _, err := s.Report(t.Context(), a, "USD"); fault.From(err).Reason != reason {
			t.Errorf("%+v gave %v, want %s", a, err, reason)
		}
	}
}

// history turns purchase days into what an analysis hands over; every purchase costs the same.
func histories(logs [][]int32, asOf int32, price float64) (h audience.Histories) {
	for i, days := range logs {
		p, ok := btyd.Summarise(days, asOf)
		if !ok {
			continue
		}
		h.Key, h.X, h.Tx, h.T = append(h.Key, uint32(i)), append(h.X, int32(p.X)), append(h.Tx, int32(p.Tx)), append(h.T, int32(p.T))
		mean := 0.0
		if p.X > 0 {
			mean = price * (1 + float64(i%7)/10)
		}
		h.Mean = append(h.Mean, mean)
	}
	return h
}

func score(t *testing.T, logs [][]int32, asOf int32) (audience.Scores, Report, audience.Histories) {
	t.Helper()
	h := histories(logs, asOf, 20)
	s, text, err := NewService(nil).Score(t.Context(), day.Day(asOf), h, audience.Log{Days: logs, Every: 1})
	if err != nil {
		t.Fatal(err)
	}
	var r Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return s, r, h
}

func none(list []float64) bool {
	return !slices.ContainsFunc(list, func(x float64) bool { return !math.IsNaN(x) })
}

func TestNoNumberWhereDataSupportNone(t *testing.T) {
	t.Parallel()
	var once, few [][]int32
	for i := range int32(400) {
		once = append(once, []int32{1000 + i%300})
		few = append(few, []int32{1000 + i%300})
		if i < 40 {
			few[i] = append(few[i], 1350)
		}
	}
	for name, logs := range map[string][][]int32{"nobody": {}, "one-time buyers": once, "few repeaters": few, "all on the last day": {{1400}, {1400}}} {
		s, r, h := score(t, logs, 1400)
		if !none(s.PAlive) || !none(s.PNoOrder90) || !none(s.ExpectedOrders) || !none(s.ExpectedValue) || len(s.PAlive) != len(h.Key) {
			t.Errorf("%s: numbers %+v", name, s)
		}
		if r.Model != "" || r.Process != nil || len(r.Parameters) != 0 || len(r.Warnings) == 0 {
			t.Errorf("%s: report %+v", name, r)
		}
	}
}

// lives draws customers who buy at rates of a gamma distribution until they leave; leave 0 means that nobody does.
func lives(n int, leave float64) [][]int32 {
	rng := rand.New(rand.NewPCG(7, 9))
	logs := make([][]int32, n)
	for i := range logs {
		first := int32(rng.IntN(500))
		rate := (rng.ExpFloat64() + rng.ExpFloat64()) / 120
		logs[i] = []int32{first}
		for at := float64(first); ; {
			at += rng.ExpFloat64() / rate
			if at > 1000 || rng.Float64() < leave {
				break
			}
			if d := int32(at); d > logs[i][len(logs[i])-1] {
				logs[i] = append(logs[i], d)
			}
		}
	}
	return logs
}

func TestScoresOfAShop(t *testing.T) {
	t.Parallel()
	logs := append(lives(3000, 0.2), []int32{1000}) // the last came today
	s, r, h := score(t, logs, 1000)
	if r.Process == nil || r.NoDropout || r.Spend == nil || r.Customers != 3001 {
		t.Fatalf("%+v", r)
	}
	for i := range h.Key {
		p := btyd.Pattern{X: int(h.X[i]), Tx: float64(h.Tx[i]), T: float64(h.T[i]), N: 1}
		if !(s.PAlive[i] >= 0 && s.PAlive[i] <= 1 && s.PNoOrder90[i] >= 0 && s.PNoOrder90[i] <= 1 && s.ExpectedOrders[i] >= 0 && s.ExpectedOrders[i] < 366) {
			t.Fatalf("%+v: alive %v, no order %v, orders %v", p, s.PAlive[i], s.PNoOrder90[i], s.ExpectedOrders[i])
		}
		// Twelve months of value in major units: orders at about 20 to 32 each, discounted by at most a tenth.
		if r.Spend.Supported && s.ExpectedOrders[i] > 0.01 {
			if each := s.ExpectedValue[i] / s.ExpectedOrders[i]; each < 20/1.1 || each > 32 {
				t.Fatalf("%+v: %v orders worth %v", p, s.ExpectedOrders[i], s.ExpectedValue[i])
			}
		}
		if want := r.Process.PAlive(p); math.Abs(s.PAlive[i]-want) > 1e-9 {
			t.Fatalf("%+v: alive %v, one by one %v", p, s.PAlive[i], want)
		}
	}
	if last := len(h.Key) - 1; h.T[last] != 0 || s.PAlive[last] < 0.5 || s.ExpectedOrders[last] <= 0 {
		t.Errorf("who came today: alive %v, %v orders", s.PAlive[last], s.ExpectedOrders[last])
	}
}

// Where nobody seems to leave, a chance of being active would be made up; what is expected is not.
func TestNoDropout(t *testing.T) {
	t.Parallel()
	s, r, _ := score(t, lives(2000, 0), 1000)
	if !r.NoDropout {
		t.Fatal("a sample of customers who never leave shows some who do")
	}
	if !none(s.PAlive) || none(s.ExpectedOrders) || none(s.PNoOrder90) {
		t.Errorf("alive given: %v, orders given: %v", !none(s.PAlive), !none(s.ExpectedOrders))
	}
}

type reports struct{ text string }

func (r reports) Report(context.Context) (json.RawMessage, error) {
	if r.text == "" {
		return nil, nil
	}
	return json.RawMessage(r.text), nil
}

func TestSeer(t *testing.T) {
	t.Parallel()
	_, r, _ := score(t, lives(3000, 0.2), 1000)
	r.Spend = &SpendReport{P: 6, Q: 4, V: 15, Supported: true}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	// The last purchase lies after as_of and must not be known.
	p := profile.Purchases{Days: []int32{500, 560, 700, 1200}, Minor: []int64{100, 2000, 4000, 999_999}}
	o, err := Seer{reports{string(text)}}.Look(t.Context(), 1000, p, "USD")
	if err != nil || !o.HasAlive || o.Range == nil || o.Range.ValueUpper == nil || o.Range.OrdersLower > o.Range.OrdersUpper || o.Range.ValueLower.Minor > o.Range.ValueUpper.Minor {
		t.Fatalf("%+v, %v", o, err)
	}
	without := profile.Purchases{Days: p.Days[:3], Minor: p.Minor[:3]}
	if same, err := (Seer{reports{string(text)}}).Look(t.Context(), 1000, without, "USD"); err != nil || *same.Range.ValueUpper != *o.Range.ValueUpper || same.NextIf != o.NextIf {
		t.Errorf("a later purchase changes the outlook: %+v, %v", same, err)
	}
	if o.NextIf <= 1000 {
		t.Errorf("the next order lies in the past: %v", o.NextIf)
	}
	for name, from := range map[string]reports{"no analysis": {}, "no model": {`{"model":""}`}} {
		if o, err := (Seer{from}).Look(t.Context(), 1000, p, "USD"); err != nil || o.Range != nil || o.History != nil || o.NextDay != day.Unknown {
			t.Errorf("%s: %+v, %v", name, o, err)
		}
	}
	if o, err := (Seer{reports{string(text)}}).Look(t.Context(), 400, p, "USD"); err != nil || o.Range != nil || o.History != nil {
		t.Errorf("before the first purchase: %+v, %v", o, err)
	}
}

// What would have been said on a past day knows nothing that came later.
func TestHistory(t *testing.T) {
	t.Parallel()
	_, r, _ := score(t, lives(3000, 0.2), 1000)
	days := []int32{500, 560, 700, 1200}
	for _, asOf := range []day.Day{500, 501, 619, 620, 621, 1000} {
		list := history(*r.Process, days, asOf)
		if list[0].Day != 500 || list[len(list)-1].Day != asOf || len(list) > historySteps+1 {
			t.Fatalf("as of %d: %d points from %d to %d", asOf, len(list), list[0].Day, list[len(list)-1].Day)
		}
		for i, c := range list {
			p, _ := btyd.Summarise(days, int32(c.Day))
			if c.PAlive != r.Process.PAlive(p) || c.PNoOrder90d != r.Process.ProbNoPurchase(p, 90) || i > 0 && c.Day <= list[i-1].Day {
				t.Fatalf("as of %d: %+v", asOf, c)
			}
		}
	}
}

func TestSpent(t *testing.T) {
	t.Parallel()
	p := profile.Purchases{Days: []int32{500, 560, 700, 1200}, Minor: []int64{100, 2000, 4000, 999_999}}
	for _, c := range []struct {
		until    int32
		currency string
		want     btyd.SpendPattern
	}{
		{500, "USD", btyd.SpendPattern{N: 1}}, // the first purchase is no repeat
		{560, "USD", btyd.SpendPattern{X: 1, Mean: 20, N: 1}},
		{1000, "USD", btyd.SpendPattern{X: 2, Mean: 30, N: 1}},
		{1000, "KRW", btyd.SpendPattern{X: 2, Mean: 3000, N: 1}},
		{1000, "BHD", btyd.SpendPattern{X: 2, Mean: 3, N: 1}},
	} {
		now, ok := btyd.Summarise(p.Days, c.until)
		if got := spent(p, now, c.currency); !ok || got != c.want {
			t.Errorf("until %d in %s: %+v, want %+v", c.until, c.currency, got, c.want)
		}
	}
}
