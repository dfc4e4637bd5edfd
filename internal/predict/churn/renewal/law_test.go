package renewal

import (
	"math"
	"testing"
)

// TestChain walks through one life by hand, with a grace of five days.
func TestChain(t *testing.T) {
	t.Parallel()
	c := New()
	for _, s := range []struct {
		on, until int32
		did       Step
		want      Chain
	}{
		{0, Never, Besides, Chain{End: Never}},
		{0, 30, Begins, Chain{End: 30}},
		{28, 60, Renews, Chain{End: 60, Began: 30, Renewals: 1}},
		{40, 50, Besides, Chain{End: 60, Began: 30, Renewals: 1}},
		{65, 95, Renews, Chain{End: 95, Began: 65, Renewals: 2, Late: 1}},
		{101, 131, Begins, Chain{End: 131, Began: 101}},
	} {
		if did := c.Take(s.on, s.until, 5); did != s.did || c != s.want {
			t.Errorf("the order of day %d: %d, %+v", s.on, did, c)
		}
	}
	if !c.Open(135, 5) || c.Open(136, 5) {
		t.Error("the grace is not five days")
	}
	if never := New(); never.Open(0, 5) {
		t.Error("nothing is open")
	}
}

// counted counts chains by how often they were continued: those that ended, and those that run.
func counted(ended, runs map[int]int) *Count {
	n := NewCount()
	for k, people := range ended {
		n.ended[k] = float64(people)
	}
	for k, people := range runs {
		n.runs[k] = float64(people)
	}
	return n
}

func TestNoLawOfNothing(t *testing.T) {
	t.Parallel()
	for _, n := range []*Count{counted(nil, nil), counted(map[int]int{0: 50}, nil), counted(nil, map[int]int{0: 5, 3: 7})} {
		if l := n.Law(); l.Stays != nil {
			t.Errorf("%+v", l)
		}
	}
}

// TestOutlook: what the model says of the horizon is what the outlook says of it, and the law of the ends after it.
func TestOutlook(t *testing.T) {
	t.Parallel()
	l := counted(map[int]int{0: 300, 1: 150, 2: 80, 3: 50}, map[int]int{1: 100, 2: 100, 4: 400}).Law()
	if l.Stays == nil {
		t.Fatal("no law")
	}
	for _, risk := range []float64{0.01, 0.3, 0.9, 1} {
		o := l.Outlook(12, 30, 2, 1, risk)
		if o.After(11) != 1 || math.Abs(o.After(12)-(1-risk)) > 1e-6 || o.After(41) != o.After(12) || risk < 1 && o.After(42) >= o.After(41) {
			t.Errorf("risk %v: %v, %v", risk, o.After(12), o.After(42))
		}
		if days, ok := o.Leaves(3000); risk >= 0.9 != (ok && days == 12) || ok && o.After(days) >= 0.5 {
			t.Errorf("risk %v: leaves in %v, %v", risk, days, ok)
		}
	}
	if o := l.Outlook(400, 365, 0, 0, 0.2); o.After(30) != 1 || o.After(400) != l.Stays.SurvivalGiven(0, 1) {
		t.Error("who need not renew within the horizon goes by the law")
	}
}
