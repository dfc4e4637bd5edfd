package forecast

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var aMonday = time.Date(2021, 1, 4, 0, 0, 0, 0, time.UTC)

// bazaar is a series by day or week that grows, follows the week and the year,
// and is multiplied by what change says.
func bazaar(step Step, n int, noise float64, random *rand.Rand, change func(i int) float64) Series {
	s := Series{Start: aMonday, Step: step, Kind: Amount, Values: make([]float64, n)}
	for i := range s.Values {
		year := float64(i) / step.year()
		v := 1000 * math.Exp(0.3*year+0.2*math.Sin(2*math.Pi*year)+noise*random.NormFloat64())
		if step == Day {
			v *= []float64{1, 1.1, 1.2, 1, 1.4, 1.6, 0.7}[i%7]
		}
		s.Values[i] = v * change(i)
	}
	return s
}

func TestShiftsArePlantedOnes(t *testing.T) {
	for _, c := range []struct {
		step  Step
		n, at int
		left  float64
	}{{Day, 500, 380, 0.7}, {Day, 800, 700, 0.7}, {Week, 150, 120, 0.6}} {
		missed, more := 0, 0
		for seed := range uint64(6) {
			s := bazaar(c.step, c.n, 0.15, rand.New(rand.NewPCG(seed, 7)), func(i int) float64 {
				if i >= c.at {
					return c.left
				}
				return 1
			})
			got, err := FindShifts(s, ShiftOptions{})
			if err != nil {
				t.Fatal(err)
			}
			hit := false
			for _, x := range got.Shifts {
				hit = hit || math.Abs(float64(x.Index-c.at)) <= 4 && math.Abs(math.Log(x.After/x.Before/c.left)) < 0.2 && x.P < 0.01
			}
			if !hit {
				missed++
			}
			if len(got.Shifts) > 1 {
				more++
			}
		}
		if missed > 1 || more > 2 {
			t.Errorf("%s of %d: a fall to %v is missed in %d of 6 series, and in %d more is found than it", c.step, c.n, c.left, missed, more)
		}
	}
}

// Growth, weekdays and the year are no shifts.
func TestNoShiftsInAQuietShop(t *testing.T) {
	for _, c := range []struct {
		step Step
		n    int
	}{{Day, 300}, {Day, 800}, {Week, 60}, {Week, 150}, {Month, 36}} {
		found := 0
		for seed := range uint64(6) {
			got, err := FindShifts(bazaar(c.step, c.n, 0.15, rand.New(rand.NewPCG(seed, 8)), func(int) float64 { return 1 }), ShiftOptions{})
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range got.Shifts {
				if x.P <= 0.01 {
					found++
					t.Logf("%s of %d: %+v", c.step, c.n, x)
					break
				}
			}
		}
		if found > 1 {
			t.Errorf("%s of %d: shifts in %d of 6 series without", c.step, c.n, found)
		}
	}
}

func TestShiftsNeverPanic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.OneOf(rapid.Just(0.0), rapid.Just(math.NaN()), rapid.Float64Range(0, 1e9), rapid.Just(7.0)), 1, 120).Draw(t, "values")
		step := rapid.SampledFrom([]Step{Day, Week, Month}).Draw(t, "step")
		kind := rapid.SampledFrom([]Kind{Any, Amount, Count}).Draw(t, "kind")
		calendar := Calendar{Holidays: []Holiday{{Name: "h", Dates: []time.Time{aMonday.AddDate(0, 0, 3), aMonday.AddDate(1, 0, 3)}, Before: 2, After: 2}}}
		if rapid.Bool().Draw(t, "closed") {
			calendar.ClosedWeekdays = []time.Weekday{time.Sunday}
		}
		got, err := FindShifts(Series{Start: aMonday, Step: step, Kind: kind, Values: values}, ShiftOptions{Calendar: calendar})
		if err != nil {
			if fault := new(Error); !errors.As(err, &fault) {
				t.Fatalf("%v is no *Error", err)
			}
			return
		}
		for _, x := range got.Shifts {
			if x.Index < 1 || x.Index >= len(values) || math.IsNaN(x.Before) || math.IsNaN(x.After) || !(x.P > 0 && x.P <= 1) {
				t.Fatalf("%+v", x)
			}
		}
	})
}

func TestFurtherIntervalsAreCheckedAndNested(t *testing.T) {
	s := bazaar(Week, 120, 0.2, rand.New(rand.NewPCG(1, 9)), func(int) float64 { return 1 })
	f, err := Make(s, Options{Level: 0.8, Further: []float64{0.95}, Horizon: 8})
	if err != nil {
		t.Fatal(err)
	}
	alone, err := Make(s, Options{Level: 0.95, Horizon: 8})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range f.Points {
		wide := p.Further[0]
		if wide.Level != 0.95 || wide.Low > p.Low || wide.High < p.High {
			t.Errorf("point %d: %+v", i, p)
		}
		if one := alone.Points[i]; f.Model == alone.Model && wide.High != math.Max(one.High, p.High) {
			t.Errorf("point %d: as a further level %v, alone %v", i, wide, one)
		}
	}
	held := f.Scores[0].Held
	if len(held) != 1 || held[0].Level != 0.95 || held[0].Corrected < 0.8 {
		t.Errorf("held %+v", held)
	}
	if _, err := Make(s, Options{Further: []float64{1}}); err == nil {
		t.Error("a level of 1 was accepted")
	}
}
