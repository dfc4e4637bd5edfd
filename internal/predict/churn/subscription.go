package churn

import (
	"math"
	"slices"

	"github.com/dangol/dangol/internal/predict/churn/renewal"
	"github.com/dangol/dangol/internal/predict/churn/say"
	"github.com/dangol/dangol/models/calibrate"
)

// By what leaving goes.
const (
	byOrders       = "orders"       // she orders nothing for a horizon
	bySubscription = "subscription" // what she paid for ends, and nothing continues it
)

// The grace is a quarter of the usual term, within these bounds.
const (
	leastGrace = 3
	mostGrace  = 30
)

// paid says that leaving goes by the end of what is paid for.
func (d *Definition) paid() bool { return d.Basis == bySubscription }

// span is after how many days it is known who left in the horizon: an order of the grace may still continue what ended on its last day.
func (d *Definition) span() int32 { return int32(d.HorizonDays + d.GraceDays) }

// shown is a definition as it is told. Models keep no basis that was not set and is the usual one.
func (d Definition) shown() Definition {
	if d.Basis == "" {
		d.Basis = byOrders
	}
	return d
}

// rules are the baselines.
func (d *Definition) rules() []string {
	if d.paid() {
		return []string{renewer, rfm}
	}
	return []string{btydSet, rfm, recency}
}

// label is what a candidate is called on a card.
func (d *Definition) label(candidate string) string {
	if d.paid() && candidate == lean {
		return "Regression and trees, of paid time and causes alone"
	}
	return label(candidate)
}

// view is how a population is looked at on a day.
func (d *Definition) view(cut int32) view {
	return view{cut: cut, horizon: int32(d.HorizonDays), active: int32(d.ActiveDays), paid: d.paid(), grace: int32(d.GraceDays)}
}

// subscribed says whether half of a year's orders or more tell until when they pay.
func (b *book) subscribed(asOf int32) bool {
	all, paying := 0, 0
	for i := range b.list {
		h := &b.list[i]
		if h.refund || h.day > asOf || h.day <= asOf-year {
			continue
		}
		all++
		if h.paidUntil != never {
			paying++
		}
	}
	return all > 0 && 2*paying >= all
}

// definePaid is define where leaving goes by the end of what is paid for. Its UsualTerm is 0 where no order pays for any time.
func definePaid(b *book, asOf int32, set wish) (d Definition, short int) {
	usual, first := b.usualTerm(asOf)
	grace := min(max((usual+2)/4, leastGrace), mostGrace)
	d = Definition{Basis: bySubscription, BasisSet: set.basis != "", HorizonDays: set.horizon, GraceDays: int(grace), UsualTerm: int(usual), Proposed: set.horizon == 0}
	history := asOf - first
	if d.Proposed {
		d.HorizonDays = int(propose(usual, history-wantedSpans*grace))
	}
	d.Sentences = d.leaving().Definition()
	return d, max(0, leastSpans*int(d.span())-int(history))
}

// usualTerm is how many days an order pays for, half of them more and half less, and the day of the first that does.
func (b *book) usualTerm(asOf int32) (usual, first int32) {
	var terms []int32
	first = asOf
	every := max(1, len(b.list)/gapsLooked)
	for i := range b.list {
		h := &b.list[i]
		if h.refund || h.day > asOf || h.paidUntil <= h.day {
			continue
		}
		if first = min(first, h.day); i%every == 0 {
			terms = append(terms, h.paidUntil-h.day)
		}
	}
	if len(terms) == 0 {
		return 0, first
	}
	slices.Sort(terms)
	return terms[len(terms)/2], first
}

// pay adds what somebody did to what she has paid for.
func pay(c *renewal.Chain, h *happening, grace int32) renewal.Step {
	if h.refund {
		return renewal.Besides
	}
	return c.Take(h.day, h.paidUntil, grace)
}

// paidBy is what some happenings paid for.
func paidBy(list []happening, grace int32) renewal.Chain {
	c := renewal.New()
	for i := range list {
		pay(&c, &list[i], grace)
	}
	return c
}

// lapses says whether what somebody has paid for on a day ends within the horizon after it, and nothing continues it. It goes by orders up to
// the last day of the grace after the horizon.
func lapses(list []happening, cut, horizon, grace int32) bool {
	past := until(list, cut)
	p := paidBy(past, grace)
	for i := len(past); i < len(list) && p.End <= cut+horizon && list[i].day <= p.End+grace; i++ {
		pay(&p, &list[i], grace)
	}
	return p.End <= cut+horizon
}

// knownPaid is known, and what is known of the time that somebody has paid for: NaN where she has paid for none.
func knownPaid(list []happening, cut, window, grace int32, scale float64) (f facts, ok bool) {
	if f, ok = known(list, cut, window, scale); !ok {
		return f, false
	}
	f.columns = numbers
	n, none := &f.number, math.NaN()
	n[paidLeft], n[term], n[renewals], n[renewedLate], n[renewalsDue] = none, none, none, none, none
	p := paidBy(until(list, cut), grace)
	if p.End == never {
		return f, true
	}
	f.paidUntil = p.End
	n[paidLeft], n[term] = float64(min(p.End-cut, mostAhead)), float64(min(max(p.End-p.Began, 1), mostAhead))
	n[renewals] = float64(p.Renewals)
	if p.Renewals > 0 {
		n[renewedLate] = float64(p.Late) / n[renewals]
	}
	f.fillDue(window)
	return f, true
}

// fillDue counts how often she must renew within the horizon to stay beyond it, at the term that she has.
func (f *facts) fillDue(horizon int32) {
	n := &f.number
	if n[renewalsDue] = 0; n[paidLeft] <= float64(horizon) {
		n[renewalsDue] = 1 + math.Floor((float64(horizon)-n[paidLeft])/n[term])
	}
}

// mayLeave says whether somebody is of the population: she ordered within the active days; or, of subscribers, she is paid up, or an order may
// still continue what ended.
func (v *view) mayLeave(f *facts) bool {
	if v.paid {
		return f.number[paidLeft] > -float64(v.grace) // false of NaN
	}
	return f.number[silence] < float64(v.active)
}

// left says whether somebody of the population left in the horizon after the cut.
func (v *view) left(list []happening) bool {
	if v.paid {
		return lapses(list, v.cut, v.horizon, v.grace)
	}
	return !buys(list, v.cut, v.cut+v.horizon)
}

// columns is how many numbers there are of each customer.
func (v *view) columns() int {
	if v.paid {
		return numbers
	}
	return plain
}

// population counts who may leave at a cut.
func (b *book) population(v *view) (n int) {
	for i := range b.keys {
		if v.among(until(b.of(i), v.cut)) {
			n++
		}
	}
	return n
}

// among is mayLeave of what somebody did until the cut, without all else that is known of her.
func (v *view) among(list []happening) bool {
	if v.paid {
		c := paidBy(list, v.grace)
		return c.Open(v.cut, v.grace)
	}
	for k := len(list) - 1; k >= 0; k-- {
		if !list[k].refund {
			return v.cut-list[k].day < v.active
		}
	}
	return false
}

// Whether somebody may leave.
const (
	atRisk         = "at_risk"
	hasLeft        = "left"
	noSubscription = "no_subscription"
)

// status says whether somebody of whom this is known may leave.
func (v *view) status(f *facts) string {
	switch {
	case v.mayLeave(f):
		return atRisk
	case v.paid && math.IsNaN(f.number[paidLeft]):
		return noSubscription
	}
	return hasLeft
}

// renewedEnough says what is missing where hardly anybody whose paid time ended renewed, or hardly anybody did not: where a renewal moves the
// end of the first order, it does not come as an order, and who renewed cannot be told from who has longer to go.
func renewedEnough(judge *frame) *Limit {
	left, renewed := 0, 0
	for i, due := range judge.number[renewalsDue] {
		switch {
		case judge.left[i] == 1:
			left++
		case due > 0:
			renewed++
		}
	}
	if left >= leastOfAKind && renewed >= leastOfAKind {
		return nil
	}
	return &Limit{"renewals", say.MissingRenewals(left, renewed, leastOfAKind)}
}

// ending is how many of those judged had paid beyond the horizon, who cannot leave within it, and how well the others were told apart.
type ending struct {
	beyond float64
	auc    float64
}

// worthSaying is the share of them from which that is said.
const worthSaying = 0.05

func endingOf(f *frame, p []float64) (e ending) {
	var px, yx []float64
	for i, due := range f.number[renewalsDue] {
		if due > 0 {
			px, yx = append(px, p[i]), append(yx, f.left[i])
		}
	}
	if m, err := calibrate.Measure(px, yx); err == nil {
		e = ending{1 - float64(len(px))/float64(len(p)), finite(m.AUC.Value)}
	}
	return e
}

// paidLevers are what may be set of a subscriber in place of when and how often she orders.
func paidLevers(v *view) []lever {
	horizon := v.horizon
	return []lever{
		{Lever{"paid_days_left", told("Days paid for", "남은 이용일", "จำนวนวันที่ชำระไว้"), "days", float64(1 - v.grace), float64(max(2*horizon, year))}, func(f *facts, x float64, cut int32) {
			f.number[paidLeft], f.paidUntil = math.Round(x), cut+int32(math.Round(x))
			f.fillDue(horizon)
		}},
		{Lever{"renewals", told("Renewals so far", "지금까지 갱신 횟수", "จำนวนครั้งที่ต่ออายุ"), "count", 0, 1000}, func(f *facts, x float64, _ int32) {
			if f.number[renewals] = math.Round(x); f.number[renewals] == 0 {
				f.number[renewedLate] = math.NaN()
			}
		}},
	}
}
