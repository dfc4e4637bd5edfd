package lab

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/models/classify"
)

// letters is a trial in which a letter raises renewals from 65 % to 85 %: yes is the commoner answer. SIMULATED.
func letters(yes, no string) string {
	rng := rand.New(rand.NewPCG(3, 4))
	var b strings.Builder
	b.WriteString("got,age,renewed\n")
	for i := range 2400 {
		got, share, said := "nothing", 0.65, no
		if i%2 == 1 {
			got, share = "letter", 0.85
		}
		if rng.Float64() < share {
			said = yes
		}
		fmt.Fprintf(&b, "%s,%d,%s\n", got, 20+rng.IntN(50), said)
	}
	return b.String()
}

// What happened is never taken for what did not: not because it is common.
func TestGoodNewsStaysGood(t *testing.T) {
	o := UpliftOptions{Treatment: "got", Control: "nothing", Outcome: "renewed", Seed: 1}
	for _, yes := range []string{"yes", "True", "예", "ใช่"} {
		r, err := Uplift(t.Context(), sheet(t, "trial.csv", letters(yes, "other")), o, clock.System())
		if err != nil || r.Effect < 0.1 || r.Positive != yes {
			t.Errorf("%s: %+v, %v", yes, r, err)
		}
	}
	s := sheet(t, "trial.csv", letters("renewed", "lapsed"))
	if _, err := Uplift(t.Context(), s, o, clock.System()); fault.From(err).Reason != "lab.which_is_yes" {
		t.Errorf("two words of which none says yes: %v", err)
	}
	o.Positive = "renewed"
	if r, err := Uplift(t.Context(), s, o, clock.System()); err != nil || r.Effect < 0.1 || r.Positive != "renewed" {
		t.Errorf("named: %+v, %v", r, err)
	}
}

// lives are rows of which two thirds ended; those of group a were watched for 10 months only. SIMULATED.
func lives(ended string) string {
	var b strings.Builder
	b.WriteString("group,months,ended\n")
	for i := range 300 {
		group, months, said := "a", 1+i%10, "0"
		if i%2 == 1 {
			group, months = "", 1+i%60
		}
		if i%3 != 0 {
			said = ended
		}
		fmt.Fprintf(&b, "%s,%d,%s\n", group, months, said)
	}
	return b.String()
}

func TestSurvivalCountsTheEnds(t *testing.T) {
	r, err := Survival(t.Context(), sheet(t, "lives.csv", lives("1")), SurvivalOptions{Time: "months", Event: "ended", Group: "group", Bare: true})
	if err != nil || r.Events != 200 || r.Positive != "1" {
		t.Fatalf("%d ended, by %q; %v", r.Events, r.Positive, err)
	}
	if r.Curves[1].Group != "(empty)" || r.Curves[2].Group != "a" {
		t.Errorf("groups %q and %q", r.Curves[1].Group, r.Curves[2].Group)
	}
	// Means compare: all until 10, which is as long as group a was watched, and none beyond it.
	for _, c := range r.Curves {
		if c.Until != 9 && c.Until != 10 || c.Mean == nil || *c.Mean > c.Until || c.Until != r.Curves[0].Until {
			t.Errorf("%q: mean %v until %v", c.Group, c.Mean, c.Until)
		}
	}
	nothing := "group,months,ended\n" + strings.Repeat("a,0,1\na,0,0\nb,3,1\nb,4,0\n", 5)
	if r, err = Survival(t.Context(), sheet(t, "zero.csv", nothing), SurvivalOptions{Time: "months", Event: "ended", Group: "group", Bare: true}); err != nil || r.Curves[1].Mean != nil {
		t.Errorf("a group that was never watched: %+v, %v", r, err)
	}
}

// A file sorted by its answer is explained by all of it.
func TestReasonsAreOfTheWholeFile(t *testing.T) {
	late, why, y := classify.Column{Name: "late"}, []classify.Explanation{}, []float64{}
	for i := range 24_000 {
		late.Numbers = append(late.Numbers, float64(i%2))
		why = append(why, classify.Explanation{Contributions: []float64{float64(i % 2)}})
		y = append(y, float64(i/20_000))
	}
	r := &ChurnReport{}
	r.explainSome([]classify.Column{late}, why, y)
	rows, yes := 0, 0.0
	for _, p := range r.Reasons[0].Parts {
		rows += p.Rows
		yes += p.Rate * float64(p.Rows)
	}
	if share := yes / float64(rows); rows != explained || share < 0.166 || share > 0.168 {
		t.Errorf("%.3f of %d rows explained left, of the file 0.167", share, rows)
	}
}

func TestNoneMayBeAnAnswer(t *testing.T) {
	s := sheet(t, "plan.csv", "plan,left\na,Yes\nb,None\nnone,None\n-,\n")
	a, err := s.yesAndNo(1, "", "--target")
	if err != nil || len(a.rows) != 3 || len(a.open) != 1 || a.positive != "Yes" {
		t.Errorf("%+v, %v", a, err)
	}
	if c := s.typed(0, []int{0, 1, 2, 3}); c.Texts[2] != "none" || c.Texts[3] != "-" {
		t.Errorf("%q", c.Texts)
	}
}

func TestRowsOfAnotherShapeAreCounted(t *testing.T) {
	text := members(200) + strings.Repeat("m1;2026-01-11;month;1;2;3;no;more;and more\n", 7)
	r, err := Churn(t.Context(), sheet(t, "members.csv", text), ChurnOptions{Target: "cancelled", ID: "member", Folds: 2}, clock.System())
	if err != nil || r.Malformed != 7 {
		t.Errorf("%v, %v", r, err)
	}
}
