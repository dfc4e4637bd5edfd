package forecast

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

var start = time.Date(2023, 1, 2, 0, 0, 0, 0, time.UTC)

// daily is a business by day: a week, a level that wanders, noise.
func daily(n int, random *rand.Rand, noise func() float64) []float64 {
	out, level := make([]float64, n), 500.0
	for i := range out {
		level += 1.5 * random.NormFloat64()
		out[i] = level + []float64{0, 20, 30, 10, 60, -40, -80}[i%7] + 15*noise()
	}
	return out
}

// The false alarms are as many as stated: in the series and after it, with
// normal noise and with heavy tails.
func TestFalseAlarms(t *testing.T) {
	const sets, history, live = 10, 540, 365
	for name, freedom := range map[string]int{"normal": 0, "heavy": 5} {
		random := rand.New(rand.NewPCG(5, 6))
		noise := random.NormFloat64
		if freedom > 0 {
			noise = func() float64 {
				sum := 0.0
				for range freedom {
					v := random.NormFloat64()
					sum += v * v
				}
				return random.NormFloat64() / math.Sqrt(sum/float64(freedom))
			}
		}
		past, later := 0.0, 0.0
		for range sets {
			values := daily(history+live, random, noise)
			d, err := Watch(Series{Start: start, Step: Day, Values: values[:history]}, WatchOptions{PerYear: 4})
			if err != nil {
				t.Fatal(err)
			}
			past += float64(len(d.Past)) / sets / history * 365.25
			for _, v := range values[history:] {
				a, err := d.Check(v)
				if err != nil {
					t.Fatal(err)
				}
				if a.Alarm {
					later += 1.0 / sets / live * 365.25
				}
			}
		}
		t.Logf("%s: stated 4 a year, in the series %.2f, after it %.2f", name, past, later)
		if past < 2 || past > 6 || later < 2 || later > 7 {
			t.Errorf("%s: stated 4 false alarms a year; in the series %.2f, after it %.2f", name, past, later)
		}
	}
}

// Anomalies are found, and those of the past do not hide later ones.
func TestAnomaliesAreFound(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	values := daily(400, random, random.NormFloat64)
	planted := map[int]bool{90: true, 91: true, 200: true, 300: true, 385: true}
	for i := range planted {
		values[i] += 150
	}
	values[385] -= 300
	d, err := Watch(Series{Start: start, Step: Day, Kind: Amount, Values: values}, WatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, a := range d.Past {
		if planted[a.Index] {
			found++
		}
		if a.Date != start.AddDate(0, 0, a.Index) || (a.Value >= a.Low && a.Value <= a.High) {
			t.Errorf("%+v", a)
		}
	}
	if found != len(planted) || len(d.Past) > found+6 {
		t.Errorf("%d of %d anomalies found, among %d alarms", found, len(planted), len(d.Past))
	}
	next := d.Next()
	if a, err := d.Check(next.Expected); err != nil || a.Alarm || a.Index != 400 {
		t.Errorf("what was expected: %+v, %v", a, err)
	}
	if a, err := d.Check(0); err != nil || !a.Alarm {
		t.Errorf("a day without anything: %+v, %v", a, err)
	}
}
