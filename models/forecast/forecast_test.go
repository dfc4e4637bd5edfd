package forecast

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func air(t testing.TB) Series {
	return Series{Start: time.Date(1949, 1, 1, 0, 0, 0, 0, time.UTC), Step: Month, Kind: Count, Values: readOracle(t).Series["air"]}
}

func TestAirlinePassengers(t *testing.T) {
	s := air(t)
	whole := s.Values
	s.Values = whole[:132]
	f, err := Make(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(f.Sentence)
	missed, inside := 0.0, 0
	for h, p := range f.Points {
		missed += math.Abs(whole[132+h]/p.Mean-1) / 12
		if whole[132+h] >= p.Low && whole[132+h] <= p.High {
			inside++
		}
		if p.Low > p.Median || p.Median > p.High || p.Low != math.Floor(p.Low) {
			t.Errorf("%+v", p)
		}
	}
	if missed > 0.06 || inside < 9 || baselines[f.Model] {
		t.Errorf("%s: off by %.3f in 1960, %d of 12 in the interval", f.Model, missed, inside)
	}
	again, err := Make(s, Options{})
	if err != nil || !reflect.DeepEqual(f.Points, again.Points) || f.Sentence != again.Sentence {
		t.Error("the second time the answer is another")
	}
}

// shop is a shop by day: closed on Sundays, a year's wave, a holiday that moves
// and doubles what is sold, and sells less on the day after.
func shop(days int, random *rand.Rand) (Series, Calendar) {
	s := Series{Start: start, Step: Day, Kind: Amount, Values: make([]float64, days)}
	feast := Holiday{Name: "feast", After: 1}
	for year, day := range []int{40, 395, 770, 1120} {
		feast.Dates = append(feast.Dates, start.AddDate(0, 0, day), start.AddDate(0, 0, 365*year+200))
	}
	cal := Calendar{Holidays: []Holiday{feast}, ClosedWeekdays: []time.Weekday{time.Sunday}}
	for i := range s.Values {
		date := s.Date(i)
		v := 1000 * (1 + 0.25*math.Sin(2*math.Pi*float64(i)/365.25)) * []float64{0, 1, 0.9, 1, 1.1, 1.4, 1.6}[date.Weekday()]
		for _, d := range feast.Dates {
			switch dayNumber(date) - dayNumber(d) {
			case 0:
				v *= 2
			case 1:
				v *= 0.5
			}
		}
		s.Values[i] = v * math.Exp(0.08*random.NormFloat64())
	}
	return s, cal
}

func TestShopWithHolidaysAndClosedDays(t *testing.T) {
	s, cal := shop(1140, rand.New(rand.NewPCG(9, 10)))
	whole := s.Values
	s.Values = append([]float64(nil), whole[:1110]...)
	s.Values[500], s.Values[501] = math.NaN(), math.NaN()
	f, err := Make(s, Options{Calendar: cal, Rehearsals: 4, Horizon: 28})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(f.Sentence)
	if r := f.Regression; !r.Log || r.Harmonics == 0 || r.Rho > 0.3 {
		t.Errorf("effects that multiply and a wave of the year were planted: log %t, %d waves, rho %.2f", r.Log, r.Harmonics, r.Rho)
	}
	missed, n, inside := 0.0, 0.0, 0.0
	for h, p := range f.Points {
		if p.Date.Weekday() == time.Sunday {
			if !p.Closed || p.High != 0 {
				t.Errorf("a Sunday: %+v", p)
			}
			continue
		}
		n++
		missed += math.Abs(whole[1110+h]/p.Mean - 1)
		if whole[1110+h] >= p.Low && whole[1110+h] <= p.High {
			inside++
		}
	}
	if missed/n > 0.1 || inside/n < 0.75 {
		t.Errorf("off by %.3f, %.2f in the interval", missed/n, inside/n)
	}
	if day := f.Points[10]; day.Mean < 1.5*f.Points[3].Mean {
		t.Errorf("the feast: %+v, a week before %+v", day, f.Points[3])
	}
}

// Corrected intervals hold what they say, out of sample.
func TestIntervalsHoldWhatTheySay(t *testing.T) {
	inside, n := 0.0, 0.0
	random := rand.New(rand.NewPCG(11, 12))
	for range 12 {
		values := daily(160, random, random.NormFloat64)
		f, err := Make(Series{Start: start, Step: Day, Kind: Amount, Values: values[:146]}, Options{Horizon: 14, Level: 0.9, Rehearsals: 5, Paths: 500})
		if err != nil {
			t.Fatal(err)
		}
		for h, p := range f.Points {
			n++
			if v := values[146+h]; v >= p.Low && v <= p.High {
				inside++
			}
		}
	}
	t.Logf("intervals of 0.9 hold %.3f", inside/n)
	if inside/n < 0.83 || inside/n > 0.97 {
		t.Errorf("intervals of 0.9 hold %.3f", inside/n)
	}
}

func TestManyZeros(t *testing.T) {
	random := rand.New(rand.NewPCG(13, 14))
	s := Series{Start: start, Step: Day, Kind: Count, Values: make([]float64, 200)}
	for i := range s.Values {
		if random.Float64() < 0.25 {
			s.Values[i] = float64(1 + random.IntN(4))
		}
	}
	f, err := Make(s, Options{Horizon: 14, Rehearsals: 4})
	if err != nil {
		t.Fatal(err)
	}
	total := 0.0
	for _, p := range f.Points {
		total += p.Mean
		if p.Low != 0 || p.High < 1 || p.High > 8 {
			t.Errorf("%+v", p)
		}
	}
	if total < 4 || total > 16 {
		t.Errorf("%.1f in 14 days; 0.62 a day is the truth", total)
	}
	if !strings.Contains(f.Sentence, "forecast is by") || len(f.Warnings) == 0 {
		t.Error(f.Sentence, f.Warnings)
	}
}

// Whatever the values, there is a forecast: finite, in order, not below 0.
func TestNeverFails(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(rapid.Just(math.NaN()), rapid.Just(0.0), rapid.Just(7.0), rapid.Float64Range(0, 10), rapid.Float64Range(0, 1e12), rapid.Float64Range(0, 1e-12))
		s := Series{
			Start: start, Values: rapid.SliceOfN(value, 1, 45).Draw(t, "values"),
			Step: rapid.SampledFrom([]Step{Day, Week, Month}).Draw(t, "step"),
			Kind: rapid.SampledFrom([]Kind{Any, Amount, Count}).Draw(t, "kind"),
		}
		if s.Kind == Any {
			shift := rapid.SampledFrom([]float64{0, -5, 1e9}).Draw(t, "shift")
			for i := range s.Values {
				s.Values[i] += shift
			}
		}
		if count(s.Values) == 0 {
			s.Values[0] = 1
		}
		f, err := Make(s, Options{Horizon: 5, Rehearsals: 2, Paths: 100})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(f); err != nil {
			t.Fatal(err)
		}
		for _, p := range f.Points {
			sum := p.Mean + p.Median + p.Low + p.High
			if math.IsNaN(sum) || math.IsInf(sum, 0) || p.Low > p.Median*(1+1e-12)+1e-9 && s.Kind != Count || p.High < p.Low-1e-9 || s.Kind != Any && (p.Low < 0 || p.Mean < 0) {
				t.Fatalf("%s: %+v", f.Model, p)
			}
		}
	})
}

func TestErrorsSayWhatToDo(t *testing.T) {
	good := Series{Start: start, Step: Day, Values: []float64{1, 2, 3}}
	for want, bad := range map[string]struct {
		change func(*Series)
		opts   Options
	}{
		"it is day, week or month": {func(s *Series) { s.Step = "hour" }, Options{}},
		"no start":                 {func(s *Series) { s.Start = time.Time{} }, Options{}},
		"value 1 is +Inf":          {func(s *Series) { s.Values = []float64{1, math.Inf(1)} }, Options{}},
		"is not negative":          {func(s *Series) { s.Values, s.Kind = []float64{-1}, Count }, Options{}},
		"no known value":           {func(s *Series) { s.Values = []float64{math.NaN()} }, Options{}},
		"the level of intervals":   {func(*Series) {}, Options{Level: 2}},
		"the horizon is -1":        {func(*Series) {}, Options{Horizon: -1}},
		"is not known; leave":      {func(*Series) {}, Options{Model: "prophet"}},
		"cannot be fitted to 3":    {func(*Series) {}, Options{Model: Seasonal}},
		"the damping is 3":         {func(*Series) {}, Options{Damping: 3}},
		"closed day":               {func(*Series) {}, Options{Calendar: Calendar{ClosedWeekdays: []time.Weekday{1, 2, 3}}}},
		"reaches -1 days":          {func(*Series) {}, Options{Calendar: Calendar{Holidays: []Holiday{{Before: -1}}}}},
	} {
		s := good
		bad.change(&s)
		_, err := Make(s, bad.opts)
		var typed *Error
		if !errors.As(err, &typed) || !strings.Contains(err.Error(), want) {
			t.Errorf("wanted %q, got %v", want, err)
		}
	}
	spec := Spec{Multiplicative, Additive, None}
	if _, err := FitETS([]float64{1, 0, 2}, ETSOptions{Spec: &spec}); err == nil || !strings.Contains(err.Error(), "values above 0") {
		t.Error(err)
	}
	if _, err := Watch(good, WatchOptions{}); err == nil || !strings.Contains(err.Error(), "at least 10") {
		t.Error(err)
	}
	if _, err := FindChanges(nil, ChangeOptions{}); err == nil {
		t.Error("nothing was accepted")
	}
}
