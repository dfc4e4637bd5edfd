package btyd

import (
	"math"
	"testing"
)

// TestHoldout reproduces the 39-week holdout of CDNOW.
func TestHoldout(t *testing.T) {
	for _, c := range []struct {
		file     string
		model    Model
		actual   float64
		expected float64
		mae      float64
		rmse     float64
	}{
		{"CDNOW_sample.txt", BGNBD, 1882, 1653.4087207609373, .78545423864086, 1.607982010239847},
		{"CDNOW_sample.txt", MBGNBD, 1882, 1576.7282380230822, .7647789424933795, 1.6071826611919766},
		{"CDNOW_sample.txt", ParetoNBD, 1882, 1665.513175943171, .7545233899579424, 1.602848002153076},
		{"CDNOW_master.txt", BGNBD, 19684, 16873.734284111735, .8187422600033625, 1.7329112582473383},
		{"CDNOW_master.txt", MBGNBD, 19684, 15933.599931066052, .7945357261458412, 1.7396179731279944},
		{"CDNOW_master.txt", ParetoNBD, 19684, 17153.188075289585, .7937663220267752, 1.7261526030140948},
	} {
		rows := Split(daysOf(loadCDNOW(t, c.file)), calibrateCDNOW, endCDNOW)
		f, err := Fit(c.model, Calibration(rows), Options{})
		if err != nil {
			t.Fatal(err)
		}
		b := f.Backtest(rows)
		name := c.file + " " + string(c.model)
		near(t, name+" actual", b.Actual, c.actual, 0, 0)
		near(t, name+" expected", b.Expected, c.expected, 2e-6, 0)
		near(t, name+" MAE", b.MAE, c.mae, 2e-6, 0)
		near(t, name+" RMSE", b.RMSE, c.rmse, 2e-6, 0)
		t.Logf("%s: log score %.2f", name, b.LogScore)
	}
}

// TestHoldoutByFrequency reproduces the conditional expectations printed in
// the BTYD walkthrough for Pareto/NBD.
func TestHoldoutByFrequency(t *testing.T) {
	rows := Split(daysOf(loadCDNOW(t, "CDNOW_sample.txt")), calibrateCDNOW, endCDNOW)
	f, err := Fit(ParetoNBD, Calibration(rows), Options{})
	if err != nil {
		t.Fatal(err)
	}
	actual := []float64{.237, .697, 1.393, 1.560, 2.532, 2.947, 3.862, 6.359}
	expected := []float64{.138, .600, 1.196, 1.714, 2.399, 2.907, 3.819, 6.403}
	for x, row := range f.Backtest(rows).ByFrequency {
		near(t, "actual", row.Actual, actual[x], 0, 6e-4)
		near(t, "expected", row.Expected, expected[x], 0, 1.1e-3)
	}
}

// TestTracking reproduces weeks 20 to 25 of the walkthrough.
func TestTracking(t *testing.T) {
	days := daysOf(loadCDNOW(t, "CDNOW_sample.txt"))
	for _, c := range []struct {
		process   Process
		last, tol float64
	}{{pnbdPrecise, 1674.253, 2e-3}, {bgPrecise, 1669.6, 0.01}} {
		p := c.process
		p.Params[1] *= 7
		if p.Model == ParetoNBD {
			p.Params[3] *= 7
		}
		track := p.Tracking(days, calibrateCDNOW, endCDNOW, 7)
		near(t, "expected by week 25", track[24].CumulativeExpected, c.last, 0, c.tol)
		// The walkthrough counts an order on the first day of a week in the
		// week before; here a day is over when it is counted, as in T.
		count := 0.0
		for _, log := range days {
			for _, day := range log[1:] {
				if day < dayNumber("19970101")+7*25 {
					count++
				}
			}
		}
		near(t, "actual before day 175", count, 1672, 0, 0)
		near(t, "increments", track[10].CumulativeActual-track[9].CumulativeActual, track[10].Actual, 0, 1e-9)
	}
}

// TestFrequencyHistogram: bars add up to all customers on both sides.
func TestFrequencyHistogram(t *testing.T) {
	patterns := calibration(loadCDNOW(t, "CDNOW_sample.txt"))
	for _, model := range models {
		f, err := Fit(model, patterns, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var actual, expected float64
		for _, bar := range f.FrequencyHistogram(patterns, 7) {
			actual += bar.Actual
			expected += bar.Expected
			if math.Abs(bar.Actual-bar.Expected) > 60 {
				t.Errorf("%s: bar %+v", model, bar)
			}
			t.Logf("%+v", bar)
		}
		near(t, "actual", actual, 2357, 0, 0)
		near(t, "expected", expected, 2357, 1e-9, 0)
	}
}

// TestChoose picks the model by holdout log score.
func TestChoose(t *testing.T) {
	rows := Split(daysOf(loadCDNOW(t, "CDNOW_master.txt")), calibrateCDNOW, endCDNOW)
	c, err := Choose(rows, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range c.Candidates {
		t.Logf("%s %.3f", one.Model, one.Backtest.LogScore)
		if one.Backtest.LogScore > c.Candidates[c.Best].Backtest.LogScore {
			t.Errorf("%s is better than the choice", one.Model)
		}
	}
}
