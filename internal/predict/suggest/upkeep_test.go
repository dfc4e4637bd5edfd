package suggest

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/job"
)

// lastDayIs is what the days say once more was sold; the warehouse keeps its own by imports.
type lastDayIs day.Day

func (d lastDayIs) AsOf(_ context.Context, asked day.Day) (day.Day, error) {
	if asked != day.Unknown {
		return asked, nil
	}
	return day.Day(d), nil
}

// later lets what was sold in the last days be sold again so many days later, by the same customers.
func (x *world) later(days int) {
	x.t.Helper()
	x.run(fmt.Sprintf(`INSERT INTO line SELECT l.* REPLACE (order_key + %[1]d00000000 AS order_key, line_hash + %[1]d00000000 AS line_hash, at_us + %[1]d * 86400000000 AS at_us, day + %[1]d AS day) FROM line l WHERE day > %[2]d AND day <= %[3]d`,
		days, lastDay-days, lastDay), derive)
	x.days = lastDayIs(lastDay + days)
}

func TestWhatSellsMovesAwayAndTheModelLearnsAnew(t *testing.T) {
	t.Parallel()
	x := newWorld(t)
	x.train()
	if d, err := x.drifted(t.Context()); err != nil || d.Status != "unknown" || d.PSI != nil {
		t.Fatalf("nothing was sold since: %+v, %v", d, err)
	}
	x.later(12)
	d, err := x.drifted(t.Context())
	if err != nil || d.Status != "steady" || *d.PSI > watched || *d.NewShare != 0 || d.Lines < mixLines || *d.AsOf != lastDay+12 {
		t.Fatalf("the same things were sold: %+v (%v), %v", d, d.PSI, err)
	}
	jobs := job.NewLine(clock.Clock(time.Now), slog.New(slog.DiscardHandler))
	defer jobs.Close()
	settle := func() int64 {
		x.Analysed(t.Context(), jobs)
		for jobs.Active() > 0 {
			time.Sleep(5 * time.Millisecond)
		}
		for _, j := range jobs.List(9) {
			if j.Problem != nil {
				t.Fatalf("%s: %+v", j.Kind, j.Problem)
			}
		}
		c, err := x.Card(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		return c.Version
	}
	if v := settle(); v != 1 {
		t.Fatalf("learnt anew after 12 days of the same: version %d", v)
	}
	x.run(`INSERT INTO product VALUES (2000, 'fresh', 'Fresh', 'tea')`,
		fmt.Sprintf(line+`SELECT c, 77000000 + c, 77000000 + c, %[1]d * 86400000000, %[1]d, 1, 2000, 1000, 500, 500, 1, 'f' || c, -2147483648, -2147483648, 1, c FROM range(%[2]d) a(c)`, lastDay+12, customers), derive)
	if d, err = x.drifted(t.Context()); err != nil || d.Status != "drifting" || *d.NewShare < strange {
		t.Fatalf("a new product: %+v, %v", d, err)
	}
	view, err := x.View(t.Context())
	if err != nil || view.Drift.Status != "drifting" || view.Drift.PSI == nil {
		t.Errorf("%+v, %v", view.Drift, err)
	}
	if v := settle(); v != 2 {
		t.Fatalf("version %d after what sells had changed", v)
	}
	c, err := x.Card(t.Context(), 2)
	if err != nil || c.AsOf != lastDay+12 || c.Seed != defaultSeed {
		t.Errorf("%+v, %v", c, err)
	}
	if _, known := x.now.Load().brain.model.Item("fresh"); !known {
		t.Error("the new product is still unknown")
	}
}

// TestDriftByHand compares with sums made by hand.
func TestDriftByHand(t *testing.T) {
	t.Parallel()
	before, since := map[uint32]int64{}, map[uint32]int64{}
	for k := range uint32(mixBest) {
		before[k], since[k] = 100, 10
	}
	known := func(key uint32) bool { return key < 100 }
	same := compare(before, since, known, 1)
	if same.Status != "steady" || *same.PSI > 0.02 {
		t.Errorf("%+v, PSI %v", same, *same.PSI)
	}
	// Twenty products of a twentieth each lose half of their share to one that is not known: (0.5 - 1) ln 0.5 = 0.347 of theirs, and the rest.
	since[500] = 200
	moved := compare(before, since, known, 1)
	p0, q0 := 0.5/2011, 200.5/411
	want := 20*((10.5/411-100.5/2011)*logRatio(10.5/411, 100.5/2011)) + (q0-p0)*logRatio(q0, p0) + (0.5/411-0.5/2011)*logRatio(0.5/411, 0.5/2011)
	if moved.Status != "drifting" || *moved.NewShare != 0.5 || math.Abs(*moved.PSI-want) > 1e-12 {
		t.Errorf("%+v, PSI %v, not %v", moved, *moved.PSI, want)
	}
	if few := compare(before, map[uint32]int64{1: 3}, known, 1); few.Status != "unknown" || few.Lines != 3 {
		t.Errorf("%+v", few)
	}
}

func logRatio(a, b float64) float64 { return math.Log(a / b) }
