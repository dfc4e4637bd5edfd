package btyd

import (
	"bufio"
	"cmp"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/kit/datatest"
)

// purchases is one customer's log: sorted distinct days with their amounts.
type purchases struct {
	days   []int32
	amount []float64
}

// calibrateCDNOW and endCDNOW are the last days of the two periods.
var (
	calibrateCDNOW = dayNumber("19970930")
	endCDNOW       = dayNumber("19980630")
)

func dayNumber(yyyymmdd string) int32 {
	at, err := time.Parse("20060102", yyyymmdd)
	if err != nil {
		panic(err)
	}
	return int32(at.Unix() / 86400)
}

// loadCDNOW reads CDNOW_master.txt (id in column 0) or CDNOW_sample.txt (id of
// the sample in column 1), merging orders of the same day.
func loadCDNOW(t testing.TB, file string) []purchases {
	t.Helper()
	f, err := os.Open(datatest.Path(t, "cdnow/"+file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	byID := map[string]map[int32]float64{}
	for in := bufio.NewScanner(f); in.Scan(); {
		c := strings.Fields(in.Text())
		if len(c) < 4 || c[0] == "customer_id" {
			continue
		}
		n := len(c)
		id, day := c[n-4], dayNumber(c[n-3])
		amount, err := strconv.ParseFloat(c[n-1], 64)
		if err != nil {
			t.Fatal(err)
		}
		if byID[id] == nil {
			byID[id] = map[int32]float64{}
		}
		byID[id][day] += amount
	}
	ids := make([]string, 0, len(byID))
	for id := range byID {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	logs := make([]purchases, 0, len(ids))
	for _, id := range ids {
		var p purchases
		for day := range byID[id] {
			p.days = append(p.days, day)
		}
		slices.SortFunc(p.days, cmp.Compare[int32])
		for _, day := range p.days {
			p.amount = append(p.amount, byID[id][day])
		}
		logs = append(logs, p)
	}
	return logs
}

// daysOf gives only the days.
func daysOf(logs []purchases) [][]int32 {
	days := make([][]int32, len(logs))
	for i, p := range logs {
		days[i] = p.days
	}
	return days
}

// calibration gives each customer's pattern at the end of calibration.
func calibration(logs []purchases) []Pattern {
	var patterns []Pattern
	for _, p := range logs {
		if h, ok := Summarise(p.days, calibrateCDNOW); ok {
			patterns = append(patterns, h)
		}
	}
	return patterns
}

// published are the rows of fitted parameters in weeks.
var published = []struct {
	model  Model
	file   string
	params [4]float64
	ll     float64
}{
	{BGNBD, "CDNOW_sample.txt", [4]float64{0.24259452301916132, 4.413602084527701, 0.7929219751186982, 2.425906686512511}, -9582.429206673929},
	{MBGNBD, "CDNOW_sample.txt", [4]float64{0.5248431096018363, 6.183084640453349, 0.8913594923006325, 1.6140024486685784}, -9582.135715553748},
	{ParetoNBD, "CDNOW_sample.txt", [4]float64{0.553277025042481, 10.577682382183264, 0.6062398859362168, 11.668731755701042}, -9594.976178939542},
	{BGNBD, "CDNOW_master.txt", [4]float64{0.2516239644125584, 4.788943195120971, 0.7234334194403461, 2.161087775294337}, -95368.44393316074},
	{MBGNBD, "CDNOW_master.txt", [4]float64{0.6371396244795442, 7.310288669718284, 0.80747417851857, 1.2283943154840342}, -95336.95831987952},
	{ParetoNBD, "CDNOW_master.txt", [4]float64{0.5974199754842406, 11.58565802415916, 0.5221856547459716, 8.827759684229209}, -95415.11861746982},
}

// TestPublishedFits reproduces the published and independent fits.
func TestPublishedFits(t *testing.T) {
	for _, c := range published {
		t.Run(string(c.model)+" "+c.file, func(t *testing.T) {
			patterns, _ := Group(calibration(loadCDNOW(t, c.file)))
			f, err := Fit(c.model, patterns, Options{})
			if err != nil {
				t.Fatal(err)
			}
			for j, p := range f.Parameters(Week) {
				near(t, p.Name, p.Value, c.params[j], 3e-5, 0)
			}
			near(t, "LL", f.LogLikelihood(Week), c.ll, 0, 2e-6)
			if f.LogLikelihood(Week) < c.ll-1e-7 {
				t.Errorf("log-likelihood %.9f below the reference %.9f", f.LogLikelihood(Week), c.ll)
			}
			near(t, "LL by point", f.LogLikelihoodOf(patterns), f.LogLik, 1e-11, 0)
			if len(f.Warnings) > 0 {
				t.Errorf("warnings: %v", f.Warnings)
			}
			t.Logf("patterns %d check %+v", len(patterns), f.Check)
			t.Logf("%+v", f.Parameters(Week))
		})
	}
}

// TestPublishedErrors reproduces the standard errors of Pareto/NBD.
func TestPublishedErrors(t *testing.T) {
	f, err := Fit(ParetoNBD, calibration(loadCDNOW(t, "CDNOW_sample.txt")), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []float64{.0476264, .8427222, .1872594, 6.2105448}
	for j, p := range f.Parameters(Week) {
		near(t, "SE of "+p.Name, p.SE, want[j], 3e-4, 0)
		if !(0 < p.Low && p.Low < p.Value && p.Value < p.High) {
			t.Errorf("interval of %+v", p)
		}
	}
}

func BenchmarkFit(b *testing.B) {
	for _, c := range published {
		patterns, _ := Group(calibration(loadCDNOW(b, c.file)))
		b.Run(string(c.model)+" "+c.file, func(b *testing.B) {
			for b.Loop() {
				if _, err := Fit(c.model, patterns, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// spending gives each repeat customer's mean over repeat days in calibration.
// Days whose orders come to zero are purchases but say nothing about spend.
func spending(logs []purchases) []SpendPattern {
	var out []SpendPattern
	for _, p := range logs {
		n, sum := 0, 0.0
		for i, day := range p.days {
			if i > 0 && day <= calibrateCDNOW {
				n++
				sum += p.amount[i]
			}
		}
		if n > 0 && sum > 0 {
			out = append(out, SpendPattern{X: n, Mean: sum / float64(n), N: 1})
		}
	}
	return out
}

// TestPublishedSpend reproduces the Gamma-Gamma fits.
func TestPublishedSpend(t *testing.T) {
	for _, c := range []struct {
		file   string
		params [3]float64
		ll     float64
	}{
		{"CDNOW_sample.txt", [3]float64{6.249573210224704, 3.7442246027523893, 15.443518446207417}, -4055.9176948018685},
		{"CDNOW_master.txt", [3]float64{6.275358879423931, 3.6244499862741963, 14.983687359625362}, -40763.47626139073},
	} {
		f, err := FitSpend(spending(loadCDNOW(t, c.file)), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for j, p := range f.Parameters() {
			near(t, p.Name, p.Value, c.params[j], 3e-5, 0)
		}
		near(t, "LL", f.LogLik, c.ll, 0, 2e-6)
		near(t, "LL by point", f.LogLikelihoodOf(spending(loadCDNOW(t, c.file))), f.LogLik, 1e-11, 0)
		if len(f.Warnings) > 0 {
			t.Errorf("warnings %v", f.Warnings)
		}
		t.Logf("%+v", f)
	}
}
