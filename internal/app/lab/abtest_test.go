package lab

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/collect/table"
	"github.com/dangol/dangol/internal/kit/datatest"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/models/experiment"
)

// cookieCats is the published trial by its counts: what players did in both weeks together is not in them.
func cookieCats() string {
	var b strings.Builder
	b.WriteString("userid,version,retention_1,retention_7\n")
	id, word := 0, map[bool]string{false: "False", true: "True"}
	for _, a := range []struct {
		version           string
		n, first, seventh int
	}{{"gate_30", 44700, 20034, 8502}, {"gate_40", 45489, 20119, 8279}} {
		for k := range a.n {
			id++
			fmt.Fprintf(&b, "%d,%s,%s,%s\n", id, a.version, word[k < a.first], word[k*7919%a.n < a.seventh])
		}
	}
	return b.String()
}

func TestABTestOfCookieCats(t *testing.T) {
	s := sheet(t, "cookie_cats.csv", cookieCats())
	for _, c := range []struct {
		outcome    string
		a, b, z, p float64
		verdict    string
	}{
		{"retention_1", .448188, .442283, -1.78409, .0744, `No arm is shown to differ from "gate_30". But the split is doubtful`},
		{"retention_7", .190201, .182000, -3.16436, .00155425, `"gate_40" is worse than "gate_30". But the split is doubtful`},
	} {
		r, err := ABTest(t.Context(), s, ABTestOptions{Arm: "version", Control: "gate_30", Outcome: c.outcome, ID: "userid"})
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(r.Split.P-0.0086) > 5e-5 || r.Split.Verdict != experiment.Doubtful || r.Positive != "True" || r.Kind != "proportion" {
			t.Errorf("split %+v, positive %q, kind %q", r.Split, r.Positive, r.Kind)
		}
		one := r.Arms[1]
		for k, pair := range [][3]float64{{r.Arms[0].Mean, c.a, 5e-7}, {one.Mean, c.b, 5e-7}, {*one.Z, c.z, 5e-6}, {*one.P, c.p, 2e-5}} {
			if math.Abs(pair[0]-pair[1]) > pair[2] {
				t.Errorf("%s, figure %d: %v, want %v", c.outcome, k, pair[0], pair[1])
			}
		}
		if !strings.HasPrefix(r.Verdict, c.verdict) {
			t.Errorf("%s: %s", c.outcome, r.Verdict)
		}
	}
}

func TestABTestOfHillstrom(t *testing.T) {
	s, err := Load(t.Context(), datatest.Path(t, "hillstrom/hillstrom.csv.gz"), table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o := ABTestOptions{Arm: "segment", Control: "No E-Mail", Outcome: "spend", Covariate: "history"}
	r, err := ABTest(t.Context(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range []struct {
		arm             string
		mean, reduction float64
	}{{"No E-Mail", .6528, 0}, {"Mens E-Mail", 1.4226, .00043}, {"Womens E-Mail", 1.0772, .00038}} {
		a := r.Arms[k]
		if a.Value != want.arm || math.Abs(a.Mean-want.mean) > 5e-5 || k > 0 && (math.Abs(*a.Reduction-want.reduction) > 5e-6 || a.PAdjusted == nil || *a.P >= *a.PAdjusted && k == 1) {
			t.Errorf("%+v, want %+v", a, want)
		}
	}
	if !slices.ContainsFunc(r.Notes, func(n string) bool { return strings.Contains(n, "skewed") }) {
		t.Errorf("nothing of skewness: %v", r.Notes)
	}
	o.Outcome, o.Covariate, o.Stratum, o.Sequential = "visit", "recency,history,mens,womens,newbie,zip_code", "channel", true
	many, err := ABTest(t.Context(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	if a := many.Arms[1]; *a.Reduction < 0.025 || a.Belief != nil || a.Z != nil {
		t.Errorf("all columns take off %v: %+v", *a.Reduction, a)
	}
}

// visits has people with several rows. SIMULATED.
const visits = "who,arm,orders,paid,before,kind\n" +
	"a,new,1,10,9,x\na,new,2,20,9,x\nb,old,1,7,8,y\nc,new,0,0,3,y\nd,old,2,9,,x\ne,old,1,4,5,y\nf,new,3,12,6,x\ng,old,1,,5,y\nh,new,1,4,2,y\nh,old,1,4,2,y\n,old,1,1,1,x\ni,,1,1,1,x\n"

func TestABTestPutsRowsOfOneTogether(t *testing.T) {
	s := sheet(t, "visits.csv", visits)
	r, err := ABTest(t.Context(), s, ABTestOptions{Arm: "arm", Control: "old", Outcome: "paid", Per: "orders", ID: "who", Covariate: "before"})
	if err != nil {
		t.Fatal(err)
	}
	if r.Units != 7 || r.Arms[1].Units != 3 || r.Arms[0].Units != 3 || r.Arms[0].Dealt != 4 || r.Kind != "ratio" || math.Abs(r.Arms[1].Mean-42.0/6) > 1e-12 {
		t.Errorf("%+v", r)
	}
	notes := strings.Join(r.Notes, "\n")
	for _, want := range []string{"1 rows have nothing in column \"arm\"", "1 rows have no who", "1 of 8 values of \"who\" were in two arms", "1 of 7 units have no outcome"} {
		if !strings.Contains(notes, want) {
			t.Errorf("no %q in %s", want, notes)
		}
	}
}

func TestABTestMistakes(t *testing.T) {
	s := sheet(t, "visits.csv", visits)
	for _, c := range []struct {
		o    ABTestOptions
		want string
	}{
		{ABTestOptions{Arm: "group", Control: "old", Outcome: "paid"}, "lab.no_column"},
		{ABTestOptions{Arm: "arm", Control: "none", Outcome: "paid"}, "lab.no_arm"},
		{ABTestOptions{Arm: "arm", Control: "old", Outcome: "kind", Stratum: "kind"}, "lab.one_column_twice"},
		{ABTestOptions{Arm: "arm", Control: "old", Outcome: "who"}, "lab.not_two"},
		{ABTestOptions{Arm: "arm", Control: "old", Outcome: "kind", Positive: "z"}, "lab.no_value"},
		{ABTestOptions{Arm: "arm", Control: "old", Outcome: "paid", Per: "kind"}, "lab.no_numbers"},
		{ABTestOptions{Arm: "arm", Control: "old", Outcome: "paid", Split: "old=1"}, "lab.bad_split"},
		{ABTestOptions{Arm: "kind", Control: "x", Outcome: "paid", Level: 7}, "lab.cannot_compare"},
	} {
		_, err := ABTest(t.Context(), s, c.o)
		if fault.From(err).Reason != c.want {
			t.Errorf("%+v: %v, want %s", c.o, err, c.want)
		}
	}
	lone := sheet(t, "lone.csv", "arm,y\na,1\na,2\n")
	if _, err := ABTest(t.Context(), lone, ABTestOptions{Arm: "arm", Control: "a", Outcome: "y"}); fault.From(err).Reason != "lab.one_arm" {
		t.Error(err)
	}
	few := sheet(t, "few.csv", "arm,y\na,1\na,2\nb,3\nc,1\nc,2\n")
	if _, err := ABTest(t.Context(), few, ABTestOptions{Arm: "arm", Control: "a", Outcome: "y"}); fault.From(err).Reason != "lab.few_in_arm" {
		t.Error(err)
	}
}
