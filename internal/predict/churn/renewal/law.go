package renewal

import (
	"math"
	"slices"

	"github.com/dangol/dangol/models/survival"
)

// Law is how people renew, learnt up to a day.
type Law struct {
	// Stays tells who stays for how many renewals; nil where the data determine none.
	Stays *survival.Process `json:"law,omitempty"`
	// In how many days from the end of what was paid for the order comes that renews it: of one in ten, of half, of nine in ten.
	Early int32 `json:"early"`
	Usual int32 `json:"usual"`
	Late  int32 `json:"late"`
}

// Count is what chains did, of any number of people.
type Count struct {
	offsets     []int32
	ended, runs map[int]float64 // by how often they were continued
}

// NewCount has counted nobody.
func NewCount() *Count { return &Count{ended: map[int]float64{}, runs: map[int]float64{}} }

// Stepped counts what an order did on a day to the chain there was before it.
func (n *Count) Stepped(did Step, before *Chain, on int32) {
	switch {
	case did == Renews:
		n.offsets = append(n.offsets, on-before.End)
	case did == Begins && before.End != Never:
		n.ended[before.Renewals]++
	}
}

// Stands counts a chain as it is on the last day. How it ended is known when the grace after its end is over.
func (n *Count) Stands(c *Chain, on, grace int32) {
	switch {
	case c.End == Never:
	case c.Open(on, grace):
		n.runs[c.Renewals]++
	default:
		n.ended[c.Renewals]++
	}
}

// Law is fitted to what was counted.
func (n *Count) Law() *Law {
	l := &Law{Stays: n.stays()}
	if k := len(n.offsets); k > 0 {
		slices.Sort(n.offsets)
		l.Early, l.Usual, l.Late = n.offsets[k/10], n.offsets[k/2], n.offsets[k*9/10]
	}
	return l
}

func (n *Count) stays() *survival.Process {
	var times survival.Times
	add := func(periods int, event bool, people float64) {
		if people > 0 && periods > 0 {
			times.Time, times.Event, times.Weights = append(times.Time, float64(periods)), append(times.Event, event), append(times.Weights, people)
		}
	}
	most := 0
	for _, m := range []map[int]float64{n.ended, n.runs} {
		for k := range m {
			most = max(most, k)
		}
	}
	for k := range most + 1 {
		add(k+1, true, n.ended[k])
		add(k, false, n.runs[k])
	}
	cohorts, err := survival.CohortsOf(times)
	if err != nil {
		return nil // nothing has ended and nothing was continued
	}
	fitted, err := survival.ChooseContract(cohorts, 0)
	if err != nil {
		return nil
	}
	return &fitted.Process
}

// Outlook is how long somebody will stay, who has so many days left of a term and has renewed so often. Her risk of leaving within a horizon, in
// which she must renew so many times to stay, speeds the law up or slows it down for her.
type Outlook struct {
	law        *survival.Process
	left, term float64
	renewals   int
	speed      float64
}

// Outlook of one person.
func (l *Law) Outlook(left, term float64, renewals, due int, risk float64) Outlook {
	o := Outlook{l.Stays, left, term, renewals, 1}
	if due > 0 {
		if s := l.Stays.SurvivalGiven(renewals, due); s > 0 && s < 1 {
			o.speed = math.Log1p(-min(risk, 1-1e-9)) / math.Log(s)
		}
	}
	return o
}

func (o *Outlook) beyond(ends int) float64 {
	return math.Pow(o.law.SurvivalGiven(o.renewals, ends), o.speed)
}

// After is the chance of still being paid up, or of renewing, so many days on.
func (o *Outlook) After(days float64) float64 {
	ends := 0
	if over := days - o.left; over >= 0 {
		ends = 1 + int(over/o.term)
	}
	return o.beyond(ends)
}

// Leaves is in how many days she is likelier gone than not; false where that is not before the last.
func (o *Outlook) Leaves(last float64) (days float64, ok bool) {
	for ends := 1; ; ends++ {
		switch end := o.left + float64(ends-1)*o.term; {
		case end > last:
			return 0, false
		case o.beyond(ends) < 0.5:
			return end, true
		}
	}
}
