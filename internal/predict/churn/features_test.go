package churn

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// drawList draws a customer's happenings, by time.
func drawList(t *rapid.T) []happening {
	var list []happening
	at := int32(0)
	for range rapid.IntRange(1, 25).Draw(t, "happenings") {
		at += rapid.Int32Range(0, 60).Draw(t, "gap")
		h := happening{day: at, promised: never, delivered: never, minor: rapid.Int64Range(0, 100_000).Draw(t, "minor"), coupon: rapid.Bool().Draw(t, "coupon")}
		h.market, h.channel = uint16(rapid.IntRange(0, 3).Draw(t, "market")), uint16(rapid.IntRange(0, 3).Draw(t, "channel"))
		if h.refund = rapid.IntRange(0, 5).Draw(t, "refund") == 0; !h.refund && rapid.Bool().Draw(t, "sent") {
			h.promised = at + rapid.Int32Range(0, 6).Draw(t, "lead")
			if rapid.IntRange(0, 9).Draw(t, "came") > 0 {
				h.delivered = h.promised + rapid.Int32Range(-3, 20).Draw(t, "late")
			}
		}
		list = append(list, h)
	}
	return list
}

func same(a, b facts) bool {
	for j := range a.number {
		if a.number[j] != b.number[j] && !(math.IsNaN(a.number[j]) && math.IsNaN(b.number[j])) {
			return false
		}
	}
	a.number, b.number = [numbers]float64{}, [numbers]float64{}
	return a == b
}

// TestNothingOfTheFutureIsKnown: what is known at a cut is the same when everything later is taken out of the books, and whatever comes later.
func TestNothingOfTheFutureIsKnown(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list := drawList(t)
		cut, window := rapid.Int32Range(0, 900).Draw(t, "cut"), rapid.Int32Range(7, 200).Draw(t, "window")
		whole, ok := known(list, cut, window, 100)
		past, okPast := known(censored(list, cut), cut, window, 100)
		if ok != okPast || ok && !same(whole, past) {
			t.Fatalf("with the future %+v\nwithout it %+v", whole, past)
		}
		other := append(append([]happening(nil), until(list, cut)...), happening{day: cut + 1, minor: 1e9, promised: never, delivered: never})
		if more, _ := known(other, cut, window, 100); ok && !same(whole, more) {
			t.Fatalf("an order of tomorrow changes %+v into %+v", whole, more)
		}
	})
}

// TestNumbers holds every number of one customer against a count by hand.
func TestNumbers(t *testing.T) {
	t.Parallel()
	list := []happening{
		{day: 0, promised: 3, delivered: 3, minor: 1000, market: 1, channel: 1, coupon: true},
		{day: 10, promised: 13, delivered: 15, minor: 3000, market: 1, channel: 2},
		{day: 10, promised: never, delivered: never, minor: 1000, market: 1, channel: 1},
		{day: 40, promised: 44, delivered: 60, minor: 5000, market: 2, channel: 1, coupon: true},
		{day: 45, refund: true, minor: 1000, promised: never, delivered: never},
		{day: 61, promised: 63, delivered: 64, minor: 2000, market: 2, channel: 2},
	}
	f, ok := known(list, 50, 20, 100)
	if !ok || f.orders != 4 || f.repeats != 2 || f.deliveries != 3 || f.late != 2 || f.lateThree != 2 || f.lateDays != 6 || f.refunds != 1 {
		t.Fatalf("%+v", f)
	}
	want := [numbers]float64{
		silence: 10, gap: 20, silenceRatio: 0.5, lastGapRatio: 1.5, days: 3, recentDays: 1, earlierDays: 0, tenure: 50, orderValue: math.Log1p(25),
		valueRatio: math.Log1p(50) - math.Log1p(25), spendTrend: 1, lateShare: 2.0 / 3, lastLate: 1, lateOfThree: 2, daysLate: 6, refundRate: 0.1, refundSince: 1,
		couponShare: 0.5, lastCoupon: 1, firstCoupon: 1,
	}
	for j, x := range f.number {
		if j != rhythm && math.Abs(x-want[j]) > 1e-12 {
			t.Errorf("%s is %v, want %v", numberNames[j], x, want[j])
		}
	}
	if f.word != [words]uint16{place: 2, channel: 1} {
		t.Errorf("words %v", f.word)
	}
	// On day 43 the parcel of day 40 may still come in time; from day 45 on it is late though it has not come.
	if f, _ = known(list, 43, 20, 100); !math.IsNaN(f.number[lastLate]) || f.deliveries != 2 {
		t.Errorf("before it was promised: %v of %d", f.number[lastLate], f.deliveries)
	}
	if f, _ = known(list, 45, 20, 100); f.number[lastLate] != 1 || f.number[daysLate] != 1 {
		t.Errorf("overdue: %v, %v days", f.number[lastLate], f.number[daysLate])
	}
	if _, ok := known(list, -1, 20, 100); ok {
		t.Error("somebody is known before her first order")
	}
}

func TestLabels(t *testing.T) {
	t.Parallel()
	list := []happening{{day: 10}, {day: 40, refund: true}, {day: 70}}
	for _, c := range []struct {
		cut, last int32
		want      bool
	}{{10, 69, false}, {10, 70, true}, {9, 10, true}, {70, 500, false}, {30, 45, false}} {
		if got := buys(list, c.cut, c.last); got != c.want {
			t.Errorf("after %d up to %d: %v", c.cut, c.last, got)
		}
	}
}

// TestPlantedLeak: a trait that looks into the future is caught in the training that would use it.
func TestPlantedLeak(t *testing.T) {
	t.Parallel()
	b := bookOf(shop(t, 600, 3))
	first, _ := b.begins()
	peeks := func(list []happening, cut, window int32, scale float64) (facts, bool) {
		f, ok := known(list, cut, window, scale)
		f.number[couponShare] = indicator(buys(list, cut, cut+window)) // tells the label
		return f, ok
	}
	for name, from := range map[string]func([]happening, int32, int32, float64) (facts, bool){"honest": nil, "planted": peeks} {
		run := &training{b: b, asOf: first + 900, seed: 1, stage: func(string) {}, paces: map[int32]*pace{}, from: from}
		_, _, err := run.run(t.Context(), wish{horizon: 90})
		if (reasonOf(err) == "predict.leak") != (name == "planted") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
