package churn

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/dangol/dangol/models/calibrate"
	"pgregory.net/rapid"
)

// The days of the simulated subscribers.
const (
	crowdFirst = 19_000
	crowdLast  = crowdFirst + 720
	crowdTerm  = 30
)

// subscriber is the truth of one of them.
type subscriber struct {
	list []happening
	ends []decision
}

// decision is what she decides at the end of a period, and with what chance she leaves: it is made of what had happened by the end.
type decision struct {
	end    int32
	hazard float64
	left   bool
	cause  string
}

// crowd simulates subscribers of monthly boxes (SIMULATED). Each month a parcel is promised and may come late, or money may go back; at the
// month's end she leaves with a chance that rises with both and falls with each renewal, or orders from three days before to four after.
func crowd(people int, seed uint64) (*book, []subscriber) {
	r := rand.New(rand.NewPCG(seed, 1))
	b := newBook(1, vocabulary{{"KR", "TH"}, {"web"}})
	list := make([]subscriber, people)
	for i := range list {
		s := &list[i]
		at := int32(crowdFirst + r.IntN(690))
		market := b.markets.code([]string{"KR", "TH"}[r.IntN(2)])
		end := at
		for n := 0; at <= crowdLast; n++ {
			end = max(end, at) + crowdTerm
			h := happening{day: at, paidUntil: end, promised: at + 3, delivered: at + 2 + int32(r.IntN(2)), minor: 20_000, market: market, channel: 1}
			d := decision{end: end}
			late, back := r.Float64() < 0.15, r.Float64() < 0.06
			if late {
				h.delivered, d.cause = at+5+int32(r.IntN(4)), lateDelivery
			}
			s.list = append(s.list, h)
			if back {
				s.list = append(s.list, happening{day: at + 9, refund: true, minor: 8000, promised: never, delivered: never, paidUntil: never, market: market, channel: 1})
				d.cause = refunded
			}
			d.hazard = chance(-1.7 - 0.2*float64(min(n, 8)) + 1.8*indicator(late) + 2.2*indicator(back))
			d.left = r.Float64() < d.hazard
			s.ends = append(s.ends, d)
			if d.left {
				break
			}
			at = end - 3 + int32(r.IntN(8))
		}
		for k := range s.list {
			b.add(uint32(i+1), s.list[k])
		}
	}
	return b, list
}

// TestSubscribers trains on simulated subscribers, whose hazard is known, as of a span before their last day. The basis is found, what is told
// at that day is held against what then came and against the true chances, and the causes that are named against what happened.
func TestSubscribers(t *testing.T) {
	t.Parallel()
	b, people := crowd(9000, 1)
	asOf := int32(crowdLast - 60)
	m, card, err := learn(t.Context(), b, asOf, wish{}, 1, func(string) {})
	if err != nil || m == nil {
		t.Fatal(err, card.Missing)
	}
	d := &m.Definition
	if d.Basis != bySubscription || d.BasisSet || d.HorizonDays != 30 || d.UsualTerm != 30 || d.GraceDays != 8 || !strings.Contains(d.Sentences["en"], "8 days after") {
		t.Fatalf("%+v", d)
	}
	rule := slices.IndexFunc(card.Candidates, func(c Candidate) bool { return c.Name == renewer })
	if rule < 0 || m.Winner == stack && card.Quality.AUC <= card.Candidates[rule].AUC || card.Quality.LogLoss > card.Candidates[rule].LogLoss {
		t.Errorf("%+v", card.Candidates)
	}
	v, _ := viewNow(b, m, asOf)
	v.labels = true
	f := b.look(v)
	p, err := m.chances(b, f)
	if err != nil {
		t.Fatal(err)
	}
	ece, byChance := eceOf(t, p, f.left), eceByChance(t, p)
	off, known := offTruth(f, people, p, asOf)
	t.Logf("winner %s, AUC %.3f against %.3f of the renewal rule, log-loss %.4f against %.4f; a span on: calibration error %.4f of %d (chance alone %.4f), said %.3f, came %.3f; off the true chance by %.4f of %d",
		m.Winner, card.Quality.AUC, card.Candidates[rule].AUC, card.Quality.LogLoss, card.Candidates[rule].LogLoss, ece, f.rows(), byChance, share(p), share(f.left), off, known)
	if ece > byChance+0.01 || off > 0.04 || f.rows() < 2000 {
		t.Errorf("calibration error %.4f, chance alone gives %.4f; off the truth by %.4f", ece, byChance, off)
	}
	boxCauses(t, b, m, f, people)
	if len(m.Evidence) < 2 || m.Renewal == nil || m.Renewal.Stays == nil || m.Renewal.Early != -3 || m.Renewal.Late != 4 {
		t.Errorf("%+v %+v", m.Evidence, m.Renewal)
	}
	if slices.ContainsFunc(card.Limits, func(l Limit) bool { return l.Code == "season" || strings.Contains(l.Sentences["en"], "contracts") }) {
		t.Errorf("%+v", card.Limits)
	}
	for _, d := range card.Drivers {
		if d.Code == silent {
			t.Errorf("silence drives: %+v", d)
		}
	}
}

// eceByChance is the calibration error that 19 in 20 draws of the answers stay within, were every chance true.
func eceByChance(t *testing.T, p []float64) float64 {
	t.Helper()
	r := rand.New(rand.NewPCG(5, 5))
	var list []float64
	y := make([]float64, len(p))
	for range 200 {
		for i := range y {
			y[i] = indicator(r.Float64() < p[i])
		}
		list = append(list, eceOf(t, p, y))
	}
	slices.Sort(list)
	return list[len(list)*19/20]
}

// offTruth is the mean distance from the true chance, of those who have one end before them in the horizon and to whom all has happened that
// it is made of.
func offTruth(f *frame, people []subscriber, p []float64, asOf int32) (mean float64, rows int) {
	for i, who := range f.who {
		if left := f.number[paidLeft][i]; left < 1 || left > crowdTerm-10 {
			continue
		}
		for _, d := range people[who].ends {
			if d.end > asOf {
				mean += math.Abs(p[i] - d.hazard)
				rows++
				break
			}
		}
	}
	return mean / float64(rows), rows
}

// boxCauses holds the causes named of those to whom something happened in the month that ends next against it.
func boxCauses(t *testing.T, b *book, m *model, f *frame, people []subscriber) {
	t.Helper()
	named := make([]string, f.rows())
	err := m.say(b, f, func(i int, s *said) {
		sum := s.base
		for _, part := range s.parts {
			sum += part
		}
		if math.Abs(chance(sum)-s.risk) > 1e-9 {
			t.Errorf("row %d: parts add up to %v, chance %v", i, chance(sum), s.risk)
		}
		named[i] = first(grouped(s, f.number[days][i] == 1))
	})
	if err != nil {
		t.Fatal(err)
	}
	seen, right := 0, 0
	for i, who := range f.who {
		left := f.number[paidLeft][i]
		if left < 1 || left > crowdTerm-10 {
			continue
		}
		for _, d := range people[who].ends {
			if d.end > m.AsOf {
				if d.cause != "" {
					seen++
					right += int(indicator(named[i] == d.cause))
				}
				break
			}
		}
	}
	t.Logf("what happened is the first reason named of %d of %d", right, seen)
	if seen < 200 || right < seen*95/100 {
		t.Errorf("what happened is the first reason named of %d of %d", right, seen)
	}
}

// TestSubscriptionsAreReproducible: the same orders give the same model, byte by byte, and a basis that is set is kept as set.
func TestSubscriptionsAreReproducible(t *testing.T) {
	t.Parallel()
	b, _ := crowd(1500, 2)
	var texts [2]string
	for i := range texts {
		m, card, err := learn(t.Context(), b, crowdLast, wish{basis: bySubscription}, 7, func(string) {})
		if err != nil || m == nil {
			t.Fatal(card.Missing, err)
		}
		body, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		said, err := json.Marshal(card)
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = string(body) + string(said)
		read, err := readModel(body, 7)
		if err != nil || !read.Definition.BasisSet || read.Renewal == nil || len(read.Profile.Edges) != numbers {
			t.Error(err)
		}
	}
	if texts[0] != texts[1] {
		t.Error("the same orders and seed give another model or card")
	}
}

// TestBasis: the basis follows from the orders of the last year, unless it was set.
func TestBasis(t *testing.T) {
	t.Parallel()
	of := func(paying, others int) *book {
		b := newBook(1, vocabulary{})
		for i := range paying + others {
			h := happening{day: 1000, promised: never, delivered: never, paidUntil: never}
			if i < paying {
				h.paidUntil = 1030
			}
			b.add(uint32(i+1), happening{day: 100, promised: never, delivered: never, paidUntil: never}) // long ago
			b.add(uint32(i+1), h)
		}
		return b
	}
	for _, c := range []struct {
		paying, others int
		set, want      string
	}{
		{5, 5, "", bySubscription}, {4, 5, "", ""}, {0, 9, "", ""}, {5, 5, byOrders, byOrders}, {0, 9, bySubscription, bySubscription}, {0, 0, "", ""},
	} {
		d, _ := define(of(c.paying, c.others), 1100, wish{basis: c.set})
		if d.Basis != c.want || d.BasisSet != (c.set != "") {
			t.Errorf("%+v: %q", c, d.Basis)
		}
		if shown := d.shown().Basis; shown != bySubscription && shown != byOrders {
			t.Errorf("%+v is shown as %q", c, shown)
		}
	}
	for _, c := range []struct{ term, grace int }{{7, 3}, {30, 8}, {90, 23}, {365, 30}} {
		b := newBook(1, vocabulary{})
		b.add(1, happening{day: 1000, paidUntil: 1000 + int32(c.term)})
		if d, _ := definePaid(b, 5000, wish{}); d.GraceDays != c.grace || d.UsualTerm != c.term {
			t.Errorf("%+v: %+v", c, d)
		}
	}
	if _, card, err := learn(t.Context(), of(0, 300), 1100, wish{basis: bySubscription}, 1, func(string) {}); err != nil || card.Status != TooFew || card.Missing[0].Code != "paid_until" {
		t.Error(card.Missing, err)
	}
}

// TestMovedEndsAreNoRenewals: where a renewal moves the end of the first order, nobody renews, and nothing is learnt from that.
func TestMovedEndsAreNoRenewals(t *testing.T) {
	t.Parallel()
	b := newBook(1, vocabulary{})
	r := rand.New(rand.NewPCG(3, 3))
	for i := range 2000 {
		at := int32(crowdFirst + r.IntN(600))
		b.add(uint32(i+1), happening{day: at, promised: never, delivered: never, paidUntil: at + 30*int32(1+r.IntN(12))})
	}
	_, card, err := learn(t.Context(), b, crowdLast, wish{horizon: 30}, 1, func(string) {})
	if err != nil || card.Status != TooFew || card.Missing[0].Code != "renewals" || card.Missing[0].Sentences["ko"] == "" {
		t.Errorf("%s %+v %v", card.Status, card.Missing, err)
	}
}

// TestPaidTime walks through one life by hand: monthly, with a grace of five days.
func TestPaidTime(t *testing.T) {
	t.Parallel()
	pays := func(at, until int32) happening {
		return happening{day: at, paidUntil: until, promised: never, delivered: never, minor: 1000}
	}
	list := []happening{
		pays(0, 30), pays(28, 60), // early: her period still begins where the first ends
		pays(40, never), // bought besides
		pays(64, 94),    // late, in the grace
		{day: 65, refund: true, minor: 500, promised: never, delivered: never, paidUntil: never},
		pays(100, 130), // after the grace of day 99: she had left on day 94
	}
	for _, c := range []struct {
		cut                       int32
		left, term, renewed, late float64
		may, leaves               bool
	}{
		{10, 20, 30, 0, math.NaN(), true, false},
		{28, 32, 30, 1, 0, true, false},
		{60, 0, 30, 1, 0, true, false},
		{63, -3, 30, 1, 0, true, false},
		{64, 30, 30, 2, 0.5, true, true},
		{98, -4, 30, 2, 0.5, true, true},
		{99, -5, 30, 2, 0.5, false, true},
		{100, 30, 30, 0, math.NaN(), true, true},
	} {
		f, ok := knownPaid(list, c.cut, 30, 5, 100)
		n := f.number
		if !ok || n[paidLeft] != c.left || n[term] != c.term || n[renewals] != c.renewed || n[renewedLate] != c.late && !(math.IsNaN(c.late) && math.IsNaN(n[renewedLate])) {
			t.Errorf("day %d: %v", c.cut, n[paidLeft:])
		}
		v := view{cut: c.cut, horizon: 30, grace: 5, paid: true}
		if v.mayLeave(&f) != c.may || v.among(until(list, c.cut)) != c.may {
			t.Errorf("day %d: may leave %v", c.cut, v.mayLeave(&f))
		}
		if got := v.left(list); got != c.leaves {
			t.Errorf("day %d: leaves %v", c.cut, got)
		}
	}
	if f, ok := knownPaid(list[2:3], 50, 30, 5, 100); !ok || !math.IsNaN(f.number[paidLeft]) {
		t.Error("somebody who paid for no time has some")
	}
	for due, left := range map[float64]float64{0: 31, 1: 30, 2: 0, 3: -30} {
		f := facts{}
		f.number[paidLeft], f.number[term] = left, 30
		if f.fillDue(30); f.number[renewalsDue] != due {
			t.Errorf("%v days left: %v renewals due", left, f.number[renewalsDue])
		}
	}
}

// drawPaid draws a life of orders, some of which pay for a time.
func drawPaid(t *rapid.T) []happening {
	list := drawList(t)
	for i := range list {
		if list[i].paidUntil = never; !list[i].refund && rapid.IntRange(0, 3).Draw(t, "pays") > 0 {
			list[i].paidUntil = list[i].day + rapid.Int32Range(-5, 120).Draw(t, "term")
		}
	}
	return list
}

// TestPaidTimeKnowsNothingOfTheFuture: what is known at a cut is the same when everything later is taken away; and who left is told by orders
// up to the end of the grace alone.
func TestPaidTimeKnowsNothingOfTheFuture(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list := drawPaid(t)
		cut, horizon, grace := rapid.Int32Range(0, 900).Draw(t, "cut"), rapid.Int32Range(7, 200).Draw(t, "horizon"), rapid.Int32Range(3, 30).Draw(t, "grace")
		whole, ok := knownPaid(list, cut, horizon, grace, 100)
		past, okPast := knownPaid(censored(list, cut), cut, horizon, grace, 100)
		if ok != okPast || ok && !same(whole, past) {
			t.Fatalf("with the future %+v\nwithout it %+v", whole, past)
		}
		v := view{cut: cut, horizon: horizon, grace: grace, paid: true}
		if ok && v.mayLeave(&whole) != v.among(until(list, cut)) {
			t.Fatal("two populations")
		}
		if ok && v.mayLeave(&whole) && v.left(list) != v.left(until(list, cut+horizon+grace)) {
			t.Fatal("who left is told by an order after the grace")
		}
		if ok && v.mayLeave(&whole) && whole.number[renewalsDue] == 0 && v.left(list) {
			t.Fatal("somebody left who need not renew")
		}
	})
}

// TestPlantedRenewal: the end of what an order of tomorrow pays for is caught in the training that would use it.
func TestPlantedRenewal(t *testing.T) {
	t.Parallel()
	b, _ := crowd(900, 3)
	honest := func(list []happening, cut, window int32, scale float64) (facts, bool) {
		return knownPaid(list, cut, window, 8, scale)
	}
	peeks := func(list []happening, cut, window int32, scale float64) (facts, bool) {
		f, ok := honest(list, cut, window, scale)
		if p := paidBy(list, 8); ok {
			f.number[paidLeft] = float64(p.End - cut) // of all her orders, the later ones too
		}
		return f, ok
	}
	for name, from := range map[string]func([]happening, int32, int32, float64) (facts, bool){"honest": honest, "planted": peeks} {
		run := &training{b: b, asOf: crowdLast, seed: 1, stage: func(string) {}, paces: map[int32]*pace{}, from: from}
		_, _, err := run.run(t.Context(), wish{})
		if (reasonOf(err) == "predict.leak") != (name == "planted") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRenewalLaw: the law that is fitted gives back the shares by which the crowd renews.
func TestRenewalLaw(t *testing.T) {
	t.Parallel()
	b, people := crowd(6000, 4)
	r := renewalsOf(b, crowdLast, 8)
	if r.Stays == nil {
		t.Fatal("no law")
	}
	for n := range 6 {
		left, all := 0.0, 0.0
		for _, s := range people {
			if n < len(s.ends) && s.ends[n].end+8 <= crowdLast {
				all++
				left += indicator(s.ends[n].left)
			}
		}
		if off := math.Abs(1 - r.Stays.Retention(n+1) - left/all); off > 0.025 {
			t.Errorf("at end %d %.3f of %.0f left, the law says %.3f", n+1, left/all, all, 1-r.Stays.Retention(n+1))
		}
	}
}

// TestPaidExpectation: how long somebody stays goes by the ends of her periods and by what the model says of the horizon.
func TestPaidExpectation(t *testing.T) {
	t.Parallel()
	b, _ := crowd(3000, 5)
	law := renewalsOf(b, crowdLast, 8)
	o := &someone{m: &model{Renewal: law}, v: view{cut: 1000, horizon: 30, grace: 8, paid: true}}
	o.f.number[paidLeft], o.f.number[term], o.f.number[renewals], o.f.paidUntil = 12, 30, 2, 1012
	o.f.fillDue(30)
	for _, c := range []struct {
		risk    float64
		leaving int32
	}{{0.8, 1012}, {0.3, 1042}} {
		p := &Prediction{Risk: &c.risk}
		o.expectPaid(p)
		if p.PaidUntil == nil || int32(*p.PaidUntil) != 1012 || p.NextOrder == nil || int32(p.NextOrder.Low) != 1009 || p.LeavingDay == nil || int32(*p.LeavingDay) < c.leaving {
			t.Fatalf("%+v", p)
		}
		if c.risk == 0.8 && int32(*p.LeavingDay) != c.leaving {
			t.Errorf("leaves on %d", *p.LeavingDay)
		}
		before := 1.0
		for _, s := range p.Survival {
			want := s.PActive
			switch s.Days {
			case 0, 7:
				want = 1
			case 14, 30:
				want = 1 - c.risk
			}
			if math.Abs(s.PActive-want) > 1e-9 || s.PActive > before {
				t.Errorf("risk %v: %+v", c.risk, p.Survival)
				break
			}
			before = s.PActive
		}
	}
	p := &Prediction{}
	if o.expectPaid(p); p.PaidUntil == nil || p.NextOrder != nil || p.Survival != nil {
		t.Errorf("of somebody who left: %+v", p)
	}
}

// TestPaidWhatIf: what is set of a subscriber is what subscribers have, and what follows from it follows.
func TestPaidWhatIf(t *testing.T) {
	t.Parallel()
	v := view{cut: 100, horizon: 30, grace: 8, paid: true, pace: &pace{}}
	f := facts{columns: numbers}
	f.number[paidLeft], f.number[term], f.number[renewals], f.number[renewedLate] = 10, 30, 3, 0.5
	if err := f.apply(map[string]float64{"paid_days_left": 40, "renewals": 0}, &v); err != nil {
		t.Fatal(err)
	}
	if f.number[renewalsDue] != 0 || f.paidUntil != 140 || !math.IsNaN(f.number[renewedLate]) {
		t.Errorf("%v, until %d", f.number[paidLeft:], f.paidUntil)
	}
	if err := f.apply(map[string]float64{"days_since_last_order": 3}, &v); reasonOf(err) != "predict.unknown_lever" {
		t.Error(err)
	}
}

// TestRenewalRule: the rule's chances are shares, and who need not renew is given next to none.
func TestRenewalRule(t *testing.T) {
	t.Parallel()
	f := &frame{columns: numbers}
	for i := range 1000 {
		k := facts{columns: numbers}
		k.number[term], k.number[renewals] = 30, float64(i%5)
		if k.number[paidLeft] = 10; i%2 == 0 {
			k.number[paidLeft] = 300
		}
		k.fillDue(30)
		f.who = append(f.who, int32(i))
		f.add(&k)
		f.left = append(f.left, indicator(i%2 == 1 && i%3 == 0))
	}
	rule, err := fitBaseline(renewer, f)
	if err != nil {
		t.Fatal(err)
	}
	p := rule.chances(f)
	if m, err := calibrate.Measure(p, f.left); err != nil || m.ECE > 0.02 {
		t.Errorf("%+v %v", m, err)
	}
	if p[0] > 0.01 || math.Abs(p[1]-1.0/3) > 0.08 {
		t.Errorf("%v %v", p[0], p[1])
	}
}
