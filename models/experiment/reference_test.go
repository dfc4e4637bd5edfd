package experiment

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// near fails unless got is within abs of want.
func near(t testing.TB, what string, got, want, abs float64) {
	t.Helper()
	if !(math.Abs(got-want) <= abs) {
		t.Errorf("%s: got %.10g, want %.10g", what, got, want)
	}
}

func compared(t testing.TB, control, treated Arm, o Options) *Comparison {
	t.Helper()
	c, err := Compare(control, treated, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// digits is half a unit of the fifth decimal, in which the vectors are told.
const digits = 0.5e-5 + 1e-12

func is(t testing.TB, what string, e Estimate, value, low, high, se, p float64) {
	t.Helper()
	near(t, what+": value", e.Value, value, digits)
	near(t, what+": low", e.Low, low, digits)
	near(t, what+": high", e.High, high, digits)
	near(t, what+": standard error", e.SE, se, digits)
	near(t, what+": p", e.P, p, digits)
}

// The vectors of growthbook's packages/stats/tests/frequentist/test_tests.py
// (MIT licence outside of enterprise folders).
func TestGrowthBook(t *testing.T) {
	a, b := Mean(3407, 1396.87, 52377.9767), Mean(3461, 2422.7, 134698.29)
	c := compared(t, a, b, Options{})
	is(t, "relative", *c.Relative, .70732, -.03526, 1.44989, .37879, .06191)
	is(t, "absolute", c.Absolute, .29, .04538, .53462, .12478, .02016)

	c = compared(t, Proportion(28, 14), Proportion(30, 16), Options{})
	is(t, "proportions", *c.Relative, .06667, -.47767, .61101, .2717, .80707)

	early := Mean(3000, 1396.87, 52377.9767)
	c = compared(t, early, b, Options{Sequential: true, Expected: 1000})
	is(t, "sequential", *c.Relative, .50336, -.55844, 1.56516, .33341, 1)
	c = compared(t, Proportion(3000, 1396), Proportion(3461, 2422), Options{Sequential: true})
	is(t, "sequential proportions", *c.Relative, .50386, .40098, .60675, .03386, 0)

	of := func(n int, y, x [2]float64) Arm {
		return Sums{N: n, Adjusted: true, Sum: [4]float64{y[0], 0, x[0]}, Product: [4][4]float64{0: {y[1], 0, 1}, 2: {0, 0, x[1]}}}.Arm()
	}
	c = compared(t, of(3000, [2]float64{1396.87, 52377.9767}, [2]float64{16.87, 527.9767}),
		of(3461, [2]float64{2422.7, 134698.29}, [2]float64{22.7, 1348.29}), Options{Sequential: true})
	// The peer's interval, -.50969 to 1.51646, takes the covariates' shift off the
	// numerator but not off what the numerator is divided by; here the slope is exact.
	near(t, "sequential with a covariate", c.Relative.Value, .50338, digits)
	near(t, "sequential with a covariate: low", c.Relative.Low, -.50969, 2e-5)
	near(t, "sequential with a covariate: high", c.Relative.High, 1.51646, 2e-5)
}

// ratioArms are those of test_two_sided_ttest_test_runs_ratio_ra.
func ratioArms() (a, b Arm) {
	a = Sums{
		N: 100, Ratio: true, Adjusted: true, Sum: [4]float64{485.112236689623, 679.9093275844917, 192.59138069991536, 290.1398399750233},
		Product: [4][4]float64{
			{2715.484666118136, 3602.146836776702, 1113.6215759318352, 1559.2878434944676},
			{0, 4939.424001640236, 1460.3181079276983, 2130.9404074446747},
			{0, 0, 460.076026390857, 634.239482353647},
			{0, 0, 0, 920.9461385038898},
		},
	}.Arm()
	b = Sums{
		N: 100, Ratio: true, Adjusted: true, Sum: [4]float64{514.7757826608777, 705.4090874383759, 206.94157227402536, 302.54389139107326},
		Product: [4][4]float64{
			{2994.897482705013, 3918.1561431600717, 1237.0953021125997, 1701.0287270040265},
			{0, 5291.36604146392, 1604.0759503266522, 2292.081739775257},
			{0, 0, 514.2903702246757, 698.4173425817908},
			{0, 0, 0, 994.4506208125663},
		},
	}.Arm()
	return a, b
}

func TestGrowthBookRatioWithCovariate(t *testing.T) {
	a, b := ratioArms()
	c := compared(t, a, b, Options{})
	is(t, "ratio", *c.Relative, -.0007, -.00841, .00700, .00391, .85771)
	c = compared(t, a, b, Options{Sequential: true})
	is(t, "sequential ratio", *c.Relative, -.0007, -.02063, .01923, .00391, 1)
}

// strata are those of test_post_strat.py: n, and the sums of outcome and
// squares, denominator and squares, product.
var strata = [2][][6]float64{
	{
		{21, 330.0696210595999, 5377.811252605509, 890.9766550739607, 38220.95223835553, 14263.937571840695},
		{65, 1391.96628040659, 30546.63404187155, 2769.8126179473184, 118719.96077578884, 59924.702385890436},
		{102, 2916.824124651419, 86396.06886690554, 4445.780384331884, 195387.7733842407, 129041.55268673625},
		{151, 5172.587929941052, 182453.04528037464, 6510.170220892494, 283094.7243365024, 226127.20135744457},
		{160, 6539.348445231273, 274981.98909352464, 6906.305872710853, 300900.3106781779, 286483.9732935189},
	},
	{
		{42, 708.1220000911836, 12249.255519049513, 1745.9858250014954, 73194.53424221886, 29826.620793423102},
		{75, 1807.4703052657744, 45000.287664918586, 3184.8395612061063, 136710.92474497214, 78119.14871556411},
		{101, 3104.5399914554023, 98365.40553530994, 4235.277718489282, 179690.4720421368, 132444.36911739354},
		{121, 4613.696610070716, 180520.64781229294, 5079.943060454901, 215529.32009367683, 196562.8269130501},
		{162, 7431.953259880505, 349244.6690736718, 6899.004661928157, 296839.44355002965, 321057.8410309036},
	},
}

// befores are the covariate's sum, sum of squares and product with the outcome.
var befores = [2][][3]float64{
	{
		{104.90748970535698, 544.8528083123211, 1709.8485612477339},
		{315.83926510817054, 1578.8689285910423, 6938.770455871619},
		{523.2717238353379, 2797.158898626946, 15535.162216800189},
		{758.3911049329452, 3955.922281372593, 26846.415701194885},
		{823.2824168385916, 4389.893995072177, 34727.84795433773},
	},
	{
		{205.17072061676208, 1040.6742753852225, 3561.161673449451},
		{377.29540367369503, 1981.0803020754106, 9428.146405105292},
		{501.0447878972627, 2596.899156698453, 15962.754636573465},
		{603.9456523430367, 3144.0820997706583, 23789.82730157116},
		{832.356528363269, 4439.253146704266, 39332.667494781235},
	},
}

func TestGrowthBookStrata(t *testing.T) {
	var amounts, ratios, adjusted [2][]Arm
	for i, list := range strata {
		for k, s := range list {
			n := int(s[0])
			amounts[i] = append(amounts[i], Mean(n, s[1], s[2]))
			ratios[i] = append(ratios[i], Sums{N: n, Ratio: true, Sum: [4]float64{s[1], s[3]}, Product: [4][4]float64{{s[2], s[5]}, {0, s[4]}}}.Arm())
			x := befores[i][k]
			adjusted[i] = append(adjusted[i], Sums{N: n, Adjusted: true, Sum: [4]float64{s[1], 0, x[0]}, Product: [4][4]float64{0: {s[2], 0, x[2]}, 2: {0, 0, x[1]}}}.Arm())
		}
	}
	for _, c := range []struct {
		what                         string
		arms                         [2][]Arm
		absolute, se, relative, seOf float64
		within                       float64
	}{
		{"means", amounts, 3.548094377986586, 0.37634374823059685, 0.10994584851937336, 0.012225394656480164, 1e-12},
		{"ratios", ratios, 0.10008903417216031, 0.005071004003792392, 0.13371299783026003, 0.007131233706378072, 1e-12},
	} {
		r, err := CompareStrata(c.arms[0], c.arms[1], Options{})
		if err != nil {
			t.Fatal(err)
		}
		near(t, c.what, r.Absolute.Value, c.absolute, c.within)
		near(t, c.what+": se", r.Absolute.SE, c.se, c.within)
		near(t, c.what+": relative", r.Relative.Value, c.relative, c.within)
		near(t, c.what+": se of it", r.Relative.SE, c.seOf, c.within)
	}
	// With a covariate in strata the peer fits a least-squares line to both arms
	// of each, and takes the scatter about it as equal; here theta is that of
	// least variance whatever the scatter. On these data both come to the same
	// within the noise, three hundred times less than the standard error.
	r, err := CompareStrata(adjusted[0], adjusted[1], Options{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "means with a covariate", r.Absolute.Value, 3.7116918650826394, 0.001)
	near(t, "means with a covariate: se", r.Absolute.SE, 0.07390409644392272, 0.001)
	if r.Reduction < 0.9 {
		t.Errorf("strata and covariate take off %v of the variance", r.Reduction)
	}
}

// The vectors of tests/bayesian/test_tests.py.
func TestGrowthBookBelief(t *testing.T) {
	for _, c := range []struct {
		what                                string
		a, b                                Arm
		prior                               *Prior
		value, low, high, se, chance, c0, t float64
	}{
		{"shares", Proportion(100, 49), Proportion(100, 51), nil, .04082, -.24779, .32943, .14725, .60918, .0814, .04058},
		{"means", Mean(10, 100, 1002.25), Mean(10, 105, 1111.5), nil, .05, -.02, .12, .03572, .91923, .05131, .00131},
		{"a prior", Mean(10, 100, 1002.25), Mean(10, 105, 1111.5), &Prior{.1, math.Sqrt(.1)}, .05063, -.01893, .12019, .03549, .92315, .05186, .00123},
	} {
		b, err := Believe(*compared(t, c.a, c.b, Options{}).Relative, c.prior, 0, false)
		if err != nil {
			t.Fatal(err)
		}
		for k, pair := range [][2]float64{{b.Mean, c.value}, {b.Low, c.low}, {b.High, c.high}, {b.SD, c.se}, {b.Chance, c.chance}, {b.RiskControl, c.c0}, {b.RiskTreated, c.t}} {
			near(t, c.what+": figure "+string(rune('1'+k)), pair[0], pair[1], digits)
		}
	}
}

// Cookie Cats: the counts of the published data set (90,189 players).
func TestCookieCats(t *testing.T) {
	for _, c := range []struct {
		what           string
		a, b           Arm
		pa, pb, z, p   float64
		withinZ, witnP float64
	}{
		{"ret_1", Proportion(44700, 20034), Proportion(45489, 20119), .448188, .442283, -1.78409, .0744, 5e-6, 5e-5},
		{"ret_7", Proportion(44700, 8502), Proportion(45489, 8279), .190201, .182000, -3.16436, .00155425, 5e-6, 5e-9},
	} {
		near(t, c.what, c.a.Mean(), c.pa, 5e-7)
		near(t, c.what, c.b.Mean(), c.pb, 5e-7)
		z, err := PooledZ(c.a, c.b)
		if err != nil {
			t.Fatal(err)
		}
		near(t, c.what+": z", z.Z, c.z, c.withinZ)
		near(t, c.what+": p", z.P, c.p, c.witnP)
	}
	r, err := SampleRatio([]int{44700, 45489}, nil)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "p of the sample ratio", r.P, 0.0086, 5e-5)
	if r.Verdict != Doubtful {
		t.Errorf("verdict %q", r.Verdict)
	}
}

type oracleFigures struct {
	Value, SE, P float64
	CI           [2]float64
	SequentialCI [2]float64 `json:"sequential_ci"`
	SequentialP  float64    `json:"sequential_p"`
	Chance       float64
	Risk         [2]float64
	PriorMean    float64    `json:"prior_mean"`
	PriorCI      [2]float64 `json:"prior_ci"`
	PriorChance  float64    `json:"prior_chance"`
	PriorRisk    [2]float64 `json:"prior_risk"`
}

// TestOracle compares with gbstats on random arms; see testdata/oracle.py.
func TestOracle(t *testing.T) {
	raw, err := os.ReadFile("testdata/oracle.json")
	if err != nil {
		t.Fatal(err)
	}
	var oracle struct {
		Cases []struct {
			N, Yes, Per            [2]int
			PerSquares             [2]float64 `json:"per_squares"`
			Sum, Squares, Products [2]float64
			Mean, Proportion       struct{ Absolute, Relative oracleFigures }
			Ratio                  struct{ Absolute, Relative oracleFigures }
			SRM                    float64
			SRMPlanned             float64 `json:"srm_planned"`
		}
	}
	if err := json.Unmarshal(raw, &oracle); err != nil {
		t.Fatal(err)
	}
	for _, c := range oracle.Cases {
		var means, shares, ratios [2]Arm
		for i, n := range c.N {
			means[i], shares[i] = Mean(n, c.Sum[i], c.Squares[i]), Proportion(n, c.Yes[i])
			ratios[i] = Sums{N: n, Ratio: true, Sum: [4]float64{c.Sum[i], float64(c.Per[i])}, Product: [4][4]float64{{c.Squares[i], c.Products[i]}, {0, c.PerSquares[i]}}}.Arm()
		}
		for _, kind := range []struct {
			what string
			arms [2]Arm
			want struct{ Absolute, Relative oracleFigures }
		}{{"mean", means, c.Mean}, {"proportion", shares, c.Proportion}, {"ratio", ratios, c.Ratio}} {
			one := compared(t, kind.arms[0], kind.arms[1], Options{Level: 0.9})
			many := compared(t, kind.arms[0], kind.arms[1], Options{Sequential: true, Expected: 700})
			same(t, kind.what, one.Absolute, many.Absolute, kind.want.Absolute)
			same(t, kind.what+" relative", *one.Relative, *many.Relative, kind.want.Relative)
		}
		for _, s := range []struct {
			shares []float64
			p      float64
		}{{nil, c.SRM}, {[]float64{2, 3}, c.SRMPlanned}} {
			r, err := SampleRatio(c.N[:], s.shares)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "sample ratio", r.P, s.p, 1e-12)
		}
	}
}

func same(t *testing.T, what string, one, many Estimate, want oracleFigures) {
	t.Helper()
	flat, err := Believe(one, nil, 0, false)
	if err != nil {
		t.Fatal(err)
	}
	prior, err := Believe(one, &Prior{0.05, 0.3}, 0, true)
	if err != nil {
		t.Fatal(err)
	}
	for k, pair := range [][2]float64{
		{one.Value, want.Value},
		{one.SE, want.SE},
		{one.P, want.P},
		{one.Low, want.CI[0]},
		{one.High, want.CI[1]},
		{many.P, want.SequentialP},
		{many.Low, want.SequentialCI[0]},
		{many.High, want.SequentialCI[1]},
		{flat.Chance, want.Chance},
		{flat.RiskControl, want.Risk[0]},
		{flat.RiskTreated, want.Risk[1]},
		{prior.Mean, want.PriorMean},
		{prior.Low, want.PriorCI[0]},
		{prior.High, want.PriorCI[1]},
		{prior.Chance, want.PriorChance},
		{prior.RiskControl, want.PriorRisk[0]},
		{prior.RiskTreated, want.PriorRisk[1]},
	} {
		if math.Abs(pair[0]-pair[1]) > 1e-8*(1+math.Abs(pair[1])) {
			t.Errorf("%s, figure %d: got %.10g, want %.10g", what, k+1, pair[0], pair[1])
		}
	}
}
