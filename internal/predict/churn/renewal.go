package churn

import (
	"math"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/predict/churn/renewal"
)

// renewalEdges are where the cells of the renewal rule begin: by how often she must renew within the horizon, by whether what she paid for has
// ended already, and by how often she has renewed.
var renewalEdges = [][]float64{{0, 1, 2, 4}, {-1}, {0, 1, 2, 4, 8}}

func renewalKey(f *frame, i int) []float64 {
	return []float64{f.number[renewalsDue][i], f.number[paidLeft][i], f.number[renewals][i]}
}

// fitRenewal learns the renewal rule's shares. Small cells are drawn to those with as much to renew, and these to all: who need not renew
// cannot leave, however many of the others do.
func (l *baseline) fitRenewal(f *frame) {
	l.Edges = renewalEdges
	within, cells := len(renewalEdges[2])+2, 1
	for _, edges := range l.Edges {
		cells *= len(edges) + 2
	}
	left, seen := make([]float64, cells), make([]float64, cells)
	leftOf, seenOf := make([]float64, cells/within), make([]float64, cells/within)
	for i := range f.left {
		c := l.cell(l.keyOf(f, i))
		left[c] += f.left[i]
		seen[c]++
		leftOf[c/within] += f.left[i]
		seenOf[c/within]++
	}
	l.Rates = make([]float64, cells)
	for c := range l.Rates {
		around := (leftOf[c/within] + prior*l.All) / (seenOf[c/within] + prior)
		l.Rates[c] = (left[c] + prior*around) / (seen[c] + prior)
	}
}

// renewalsOf goes through the chains of what people paid for, up to a day.
func renewalsOf(b *book, asOf, grace int32) *renewal.Law {
	n := renewal.NewCount()
	every := max(1, len(b.keys)/paceRows)
	for i := 0; i < len(b.keys); i += every {
		c, list := renewal.New(), until(b.of(i), asOf)
		for k := range list {
			before := c
			n.Stepped(pay(&c, &list[k], grace), &before, list[k].day)
		}
		n.Stands(&c, asOf, grace)
	}
	return n.Law()
}

// expectPaid fills in what follows from how people renew: for how long she will stay, and when she orders next.
func (o *someone) expectPaid(p *Prediction) {
	if math.IsNaN(o.f.number[paidLeft]) {
		return
	}
	until := day.Day(o.f.paidUntil)
	p.PaidUntil = &until
	law, n := o.m.Renewal, &o.f.number
	if p.Risk == nil || law == nil {
		return
	}
	at := func(after int32) day.Day { return day.Day(max(o.v.cut+1, o.f.paidUntil+after)) }
	p.NextOrder = &NextOrder{Day: at(law.Usual), Low: at(law.Early), High: at(law.Late)}
	if law.Stays == nil {
		return
	}
	ahead := law.Outlook(n[paidLeft], n[term], int(n[renewals]), int(n[renewalsDue]), *p.Risk)
	for _, d := range survivalDays {
		p.Survival = append(p.Survival, Survival{d, finite(ahead.After(float64(d)))})
	}
	if days, ok := ahead.Leaves(float64(survivalDays[len(survivalDays)-1])); ok {
		d := day.Day(o.v.cut) + day.Day(days)
		p.LeavingDay = &d
	}
}
