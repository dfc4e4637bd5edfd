package btyd

import "testing"

// weeks gives the process with published parameters in weeks; times below are
// then in weeks too, for the arithmetic does not know the unit.
func weeks(m Model, a, b, c, d float64) Process { return Process{m, [4]float64{a, b, c, d}} }

var (
	bgRounded   = weeks(BGNBD, .243, 4.414, .793, 2.426)
	bgPrecise   = weeks(BGNBD, .2425967, 4.413659, .7929869, 2.426164)
	mbgRounded  = weeks(MBGNBD, .525, 6.183, .891, 1.614)
	pnbdRounded = weeks(ParetoNBD, .553, 10.578, .606, 11.669)
	// The walkthrough stopped just short of the maximum; these four numbers are
	// the only ones that give all seven of its printed predictions.
	pnbdPrecise = weeks(ParetoNBD, .55337084, 10.57951886, .60590725, 11.65811018)
)

// TestPublishedPoints holds single predictions against published values and
// against 30-digit integration of the definitions.
func TestPublishedPoints(t *testing.T) {
	two := Pattern{X: 2, Tx: 30.43, T: 38.86}
	many := Pattern{X: 26, Tx: 216. / 7, T: 31}
	rounded := Pattern{X: 26, Tx: 30.86, T: 31}
	for _, c := range []struct {
		what           string
		got, want, tol float64
	}{
		{"BG CET(39), Hardie's sheet", bgRounded.ConditionalExpected(two, 39), 1.226028175, 1e-9},
		{"BG P(alive)", bgRounded.PAlive(two), .7265785701, 2e-10},
		{"BG CET(52), rounded days", bgRounded.ConditionalExpected(rounded, 52), 25.75820, 1e-5},
		{"BG CET(52), exact days", bgPrecise.ConditionalExpected(many, 52), 25.75659, 1e-5},
		{"BG P(alive), exact days", bgPrecise.PAlive(many), .9688523, 1e-7},
		{"BG E[X(52)]", bgPrecise.Expected(52), 1.444004, 1e-6},
		{"BG P(X(2)=10)", bgRounded.PMF(2, 10), 1.07869e-07, 1e-12},
		{"BG P(X(39)=0)", bgRounded.PMF(39, 0), .5737864, 1e-7},
		{"Pareto E[X(52)]", pnbdPrecise.Expected(52), 1.473434, 1e-6},
		{"Pareto CET(52)", pnbdPrecise.ConditionalExpected(many, 52), 25.45647, 1e-5},
		{"Pareto P(alive)", pnbdPrecise.PAlive(many), .997874, 1e-6},
		{"Pareto P(X(39)=0)", pnbdRounded.PMF(39, 0), .593625031602384, 1e-14},
		{"Pareto P(X(39)=1)", pnbdRounded.PMF(39, 1), .165562947277175, 1e-14},
		{"Pareto P(X(39)=5)", pnbdRounded.PMF(39, 5), .021484828361821, 1e-14},
		{"Pareto P(X(39)=30)", pnbdRounded.PMF(39, 30), 1.89450285863095e-5, 1e-18},
		{"Pareto silence", pnbdRounded.present(two).silence(39), .318960688120517, 1e-14},
	} {
		near(t, c.what, c.got, c.want, 0, c.tol)
	}
	for i, at := range []float64{0.1429, 1.0, 3.00, 31.8571, 32.00, 78.00} {
		near(t, "BG E[X(t)]", bgPrecise.Expected(at), []float64{.0078, .0532, .1506, 1.0405, 1.0437, 1.8576}[i], 0, 5e-4)
	}
	// More orders with an old last one mean more surely gone, hence fewer expected.
	for i, x := range []int{10, 15, 20, 25} {
		h := Pattern{X: x, Tx: 20, T: 39}
		near(t, "Pareto increasing frequency", pnbdPrecise.ConditionalExpected(h, 52), []float64{.7062289, .1442396, .02250658, .00309267}[i], 1e-6, 0)
		near(t, "BG increasing frequency", bgPrecise.ConditionalExpected(h, 52), []float64{.3474606, .04283391, .004158973, .0003583685}[i], 1e-6, 0)
	}
}

// TestDiscounting compares with 30-digit integration of the definition: weeks
// as time, so the annual rate is taken to the power that 365.25 units need.
func TestDiscounting(t *testing.T) {
	two := Pattern{X: 2, Tx: 30.43, T: 38.86}
	daily := force(0.10) * 7
	near(t, "BG", bgRounded.present(two).orders(0, 52, daily), 2.05345558682823, 1e-13, 0)
	near(t, "Pareto", pnbdRounded.present(two).orders(0, 52, daily), 2.03826160870813, 1e-13, 0)
}

// TestNextPurchase compares with 30-digit integration.
func TestNextPurchase(t *testing.T) {
	two := Pattern{X: 2, Tx: 30.43, T: 38.86}
	next := pnbdRounded.NextPurchase(two)
	near(t, "never", next.Never, 1-pnbdRounded.PAlive(two)*0.810726935699123, 1e-12, 0)
	near(t, "mean", next.MeanIfAny, 22.9713558708822, 1e-11, 0)
	near(t, "median", pnbdRounded.ProbNoPurchase(two, next.Median), 0.5, 1e-12, 0)
	for _, p := range []Process{bgRounded, mbgRounded, pnbdRounded} {
		gone := p.NextPurchase(Pattern{X: 30, Tx: 10, T: 40})
		if gone.HasMedian || gone.Median != 0 || gone.Never < 0.99 {
			t.Errorf("%s: %+v, want never", p.Model, gone)
		}
	}
}

// TestSpendPoints reproduces the conditional means of Fader and Hardie's note
// for the first ten customers of the CDNOW sample.
func TestSpendPoints(t *testing.T) {
	s := Spend{6.24957, 3.74422, 15.44352}
	want := []float64{24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17}
	for i, log := range loadCDNOW(t, "CDNOW_sample.txt")[:10] {
		n, sum := 0, 0.0
		for j, day := range log.days {
			if j > 0 && day <= calibrateCDNOW {
				n++
				sum += log.amount[j]
			}
		}
		got, ok := s.ConditionalMean(n, sum/max(float64(n), 1))
		if !ok {
			t.Fatal("mean does not exist")
		}
		near(t, "conditional mean", got, want[i], 0, 0.006)
	}
	if _, ok := (Spend{2, 0.9, 10}).ConditionalMean(0, 0); ok {
		t.Error("a mean that does not exist was given")
	}
}
