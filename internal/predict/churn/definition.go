package churn

import (
	"math"
	"slices"
)

// Definition says who counts as leaving.
type Definition struct {
	Basis       string            `json:"basis,omitempty" enum:"orders,subscription" doc:"by what leaving goes: that she orders nothing, or that what she paid for ends and is not renewed"`
	BasisSet    bool              `json:"basis_set,omitempty" doc:"true: the basis was set; absent: it follows from the orders"`
	HorizonDays int               `json:"horizon_days" doc:"who orders nothing for so many days has left; of subscriptions, who leaves within so many days is told"`
	GraceDays   int               `json:"grace_days,omitempty" doc:"of subscriptions: an order so many days after the end still renews"`
	ActiveDays  int               `json:"active_days" doc:"who ordered within so many days is a customer who may leave; 0 of subscriptions: who is paid up, or in the grace"`
	UsualGap    int               `json:"usual_gap_days" doc:"nine in ten repeat orders come within so many days of the one before; 0 where nobody ordered twice"`
	UsualTerm   int               `json:"usual_term_days,omitempty" doc:"of subscriptions: half of the orders that say pay for so many days or more"`
	Proposed    bool              `json:"proposed" doc:"the horizon follows from the orders; false: it was set"`
	Sentences   map[string]string `json:"sentences"`
}

// wish is what was set of a definition; what is zero is proposed.
type wish struct {
	horizon int
	basis   string
}

// horizons are those that are proposed.
var horizons = []int32{30, 45, 60, 90, 120, 180, 365}

// The limits of a horizon that is set.
const (
	leastHorizon = 7
	mostHorizon  = 730
	// wantedSpans is how many horizons of history a proposed horizon leaves room for: one to learn what people are like, two to learn from
	// what they did then, and one to judge on.
	wantedSpans = 4
	leastSpans  = 3
	// gapsLooked bounds the gaps that the horizon is proposed from.
	gapsLooked = 2_000_000
)

// define proposes a definition from the orders up to a day, as far as it was not set. short is how many days of history are missing.
func define(b *book, asOf int32, set wish) (d Definition, short int) {
	if set.basis == bySubscription || set.basis == "" && b.subscribed(asOf) {
		return definePaid(b, asOf, set)
	}
	d.Basis, d.BasisSet = set.basis, set.basis != ""
	first, _ := b.begins()
	usual := usualGap(b, asOf)
	d.UsualGap = int(usual)
	history := asOf - first
	if d.Proposed = set.horizon == 0; d.Proposed {
		d.HorizonDays = int(propose(usual, history))
	} else {
		d.HorizonDays = set.horizon
	}
	d.ActiveDays = 2 * d.HorizonDays
	d.Sentences = d.leaving().Definition()
	return d, max(0, leastSpans*d.HorizonDays-int(history))
}

// propose takes the horizon nearest to the gap that nine in ten repeat orders stay within, of those that leave room for several cuts.
func propose(usual, history int32) int32 {
	best := horizons[0]
	for _, h := range horizons[1:] {
		if h*wantedSpans > history {
			break
		}
		if math.Abs(math.Log(float64(h)/float64(max(usual, 1)))) < math.Abs(math.Log(float64(best)/float64(max(usual, 1)))) {
			best = h
		}
	}
	return best
}

// usualGap is the ninth tenth of the gaps between purchase days; 0 where there are none.
func usualGap(b *book, asOf int32) int32 {
	var gaps []int32
	every := max(1, len(b.list)/gapsLooked)
	for i := 0; i < len(b.keys); i += every {
		before := int32(never)
		for _, h := range until(b.of(i), asOf) {
			if h.refund || h.day == before {
				continue
			}
			if before != never {
				gaps = append(gaps, h.day-before)
			}
			before = h.day
		}
	}
	if len(gaps) == 0 {
		return 0
	}
	slices.Sort(gaps)
	return gaps[min(len(gaps)-1, len(gaps)*9/10)]
}

// mostCuts is how many cuts are learnt from.
const mostCuts = 5

// cutsOf are the days on which a training stands, the last one first: that one judges. Labels of all lie before asOf; those of the others end
// at the first or before. They lie a span apart, after which it is known who left, and closer where few would fit.
func cutsOf(first, asOf, span int32) []int32 {
	for _, parts := range []int32{1, 2, 4} {
		step := max(1, span/parts)
		cuts := []int32{asOf - span}
		for c := asOf - 2*span; c-first >= span && len(cuts) < mostCuts; c -= step {
			cuts = append(cuts, c)
		}
		if len(cuts) >= 4 || parts == 4 {
			return cuts
		}
	}
	return nil
}
