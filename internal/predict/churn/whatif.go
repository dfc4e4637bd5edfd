package churn

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/dangol/dangol/internal/kit/fault"
)

// Lever is a trait that may be set to see what would be.
type Lever struct {
	Trait  string            `json:"trait"`
	Labels map[string]string `json:"labels"`
	Unit   string            `json:"unit" enum:"count,days,share,flag,amount" doc:"amount: major units of the base currency"`
	Min    float64           `json:"min"`
	Max    float64           `json:"max"`
}

// lever is one with what it does to what is known of somebody.
type lever struct {
	Lever
	set func(f *facts, x float64, cut int32)
}

// levers are set in this order, so that what follows from several of them does not depend on how they were listed.
func levers(v *view) []lever {
	first := []lever{
		{Lever{"days_since_last_order", told("Days since the last order", "마지막 주문 후 일수", "วันตั้งแต่สั่งซื้อล่าสุด"), "days", 0, float64(v.active - 1)}, setSilence},
		{Lever{"purchase_days", told("Days with an order", "주문한 날 수", "จำนวนวันที่สั่งซื้อ"), "count", 1, 1000}, setDays},
	}
	if v.paid {
		first = paidLevers(v)
	}
	return append(first, []lever{
		{Lever{"late_deliveries", told("Late deliveries", "늦은 배송", "การจัดส่งที่ช้า"), "count", 0, 100}, setLate},
		{Lever{"last_delivery_late", told("Last delivery late", "마지막 배송 지연", "การจัดส่งล่าสุดช้า"), "flag", 0, 1}, setLastLate},
		{Lever{"refund_rate", told("Share of spend refunded", "환불 비율", "สัดส่วนที่คืนเงิน"), "share", 0, 1}, func(f *facts, x float64, _ int32) {
			if f.number[refundRate] = x; x == 0 {
				f.number[refundSince], f.refunds = 0, 0
			}
		}},
		{Lever{"coupon_share", told("Share of orders with a coupon", "쿠폰 주문 비율", "สัดส่วนคำสั่งซื้อที่ใช้คูปอง"), "share", 0, 1}, func(f *facts, x float64, _ int32) {
			if f.number[couponShare] = x; x == 0 || x == 1 {
				f.number[lastCoupon], f.number[firstCoupon] = x, x
			}
		}},
		{Lever{"avg_order_value", told("Average order value", "평균 주문 금액", "มูลค่าต่อคำสั่งซื้อเฉลี่ย"), "amount", 0, 1e12}, func(f *facts, x float64, _ int32) { f.number[orderValue] = math.Log1p(x) }},
		{Lever{"spend_trend", told("Spend against the period before", "직전 기간 대비 구매", "ยอดซื้อเทียบช่วงก่อน"), "share", -1, 1}, func(f *facts, x float64, _ int32) { f.number[spendTrend] = x }},
	}...)
}

func setSilence(f *facts, x float64, cut int32) {
	x = min(math.Round(x), f.number[tenure])
	f.number[silence], f.lastDay = x, cut-int32(x)
	f.rhythmOf()
}

func setDays(f *facts, x float64, _ int32) {
	x = min(math.Round(x), 1+float64(f.lastDay-f.firstDay)) // one a day at most
	f.number[days], f.repeats = x, int(x)-1
	f.rhythmOf()
}

// rhythmOf brings the gap in line with what was set.
func (f *facts) rhythmOf() {
	f.number[gap], f.number[silenceRatio] = math.NaN(), math.NaN()
	if f.repeats > 0 && f.lastDay > f.firstDay {
		f.number[gap] = float64(f.lastDay-f.firstDay) / float64(f.repeats)
		f.number[silenceRatio] = f.number[silence] / f.number[gap]
	}
}

func setLate(f *facts, x float64, _ int32) {
	f.deliveries = max(f.deliveries, int(math.Ceil(x)), 1)
	f.late = int(math.Round(x))
	f.number[lateShare] = float64(f.late) / float64(f.deliveries)
	f.ofThree = min(3, f.deliveries)
	f.lateThree = min(f.lateThree, f.late)
	if f.late == f.deliveries {
		f.lateThree = f.ofThree
	}
	f.number[lateOfThree] = float64(f.lateThree)
	switch {
	case f.late == 0:
		f.lateDays, f.number[daysLate], f.number[lastLate] = 0, 0, 0
	case f.late == f.deliveries && !(f.number[lastLate] == 1):
		f.lateDays, f.number[daysLate], f.number[lastLate] = usuallyLate, usuallyLate, 1
	}
}

// usuallyLate is by how many days a delivery is late that is only said to be.
const usuallyLate = 3

func setLastLate(f *facts, x float64, _ int32) {
	was, is := f.number[lastLate] == 1, x >= 0.5
	f.deliveries = max(f.deliveries, 1)
	f.ofThree = min(3, f.deliveries)
	switch {
	case is && !was:
		f.late, f.lateThree, f.lateDays = min(f.late+1, f.deliveries), min(f.lateThree+1, f.ofThree), usuallyLate
	case !is && was:
		f.late, f.lateThree, f.lateDays = max(f.late-1, 0), max(f.lateThree-1, 0), 0
	case !is:
		f.lateDays = 0
	}
	f.number[lastLate], f.number[daysLate] = indicator(is), float64(f.lateDays)
	f.number[lateOfThree], f.number[lateShare] = float64(f.lateThree), float64(f.late)/float64(f.deliveries)
}

// Levers lists what may be set.
func (s *Service) Levers(ctx context.Context) ([]Lever, error) {
	m, err := s.model(ctx)
	if err == nil && m == nil {
		err = noModel()
	}
	if err != nil {
		return nil, err
	}
	list, v := []Lever{}, m.Definition.view(0)
	for _, l := range levers(&v) {
		list = append(list, l.Lever)
	}
	return list, nil
}

// Outcome is a chance under some facts.
type Outcome struct {
	Risk     float64 `json:"risk"`
	RiskLow  float64 `json:"risk_low"`
	RiskHigh float64 `json:"risk_high"`
	Band     string  `json:"band" enum:"low,medium,high"`
}

// WhatIf is what would be said of somebody, were some things different.
type WhatIf struct {
	Customer string   `json:"customer"`
	Before   Outcome  `json:"before"`
	After    Outcome  `json:"after"`
	Change   float64  `json:"change"`
	Reasons  []Reason `json:"reasons" doc:"of what would be"`
}

// WhatIf sets some traits of a customer and asks the model again. It tells what the model would say, not what doing it would bring: people for
// whom a trait differs may differ in more.
func (s *Service) WhatIf(ctx context.Context, ref string, set map[string]float64) (*WhatIf, error) {
	o, err := s.someone(ctx, ref)
	if err != nil {
		return nil, err
	}
	if o.status == noSubscription {
		return nil, fault.Newf(fault.Conflict, "predict.no_subscription", "no order of %s pays for any time, so no chance is given", o.id).At(fault.Place{Field: "id", Value: ref})
	}
	if o.status == hasLeft {
		return nil, fault.Newf(fault.Conflict, "predict.left_already", "%s has left already by the definition, so no chance is given", o.id).At(fault.Place{Field: "id", Value: ref})
	}
	f := o.f
	if err := f.apply(set, &o.v); err != nil {
		return nil, err
	}
	if p := o.v.pace.silent(&f, o.b.markets.words[f.word[place]], float64(o.v.horizon)*o.v.season.of(o.b.markets.words[f.word[place]])); !math.IsNaN(p) {
		f.number[rhythm] = odds(p)
	}
	before, err := o.say(&o.f)
	if err != nil {
		return nil, err
	}
	after, err := o.say(&f)
	if err != nil {
		return nil, err
	}
	told := Prediction{}
	changed := *o
	changed.f = f
	changed.tell(&told, &after)
	return &WhatIf{Customer: o.id, Before: outcome(&before), After: outcome(&after), Change: after.risk - before.risk, Reasons: told.Reasons}, nil
}

func outcome(s *said) Outcome { return Outcome{s.risk, s.low, s.high, bandOf(s.risk)} }

// apply sets traits, or says which cannot be.
func (f *facts) apply(set map[string]float64, v *view) error {
	if len(set) == 0 {
		return fault.New(fault.Invalid, "predict.nothing_set", "nothing is set").Then(`Send {"set":{"late_deliveries":0}}; GET /v1/models/churn/levers lists what may be set.`)
	}
	rest := maps.Clone(set)
	var names []string
	for _, l := range levers(v) {
		names = append(names, l.Trait)
		x, given := rest[l.Trait]
		if !given {
			continue
		}
		delete(rest, l.Trait)
		if math.IsNaN(x) || x < l.Min || x > l.Max {
			return fault.Newf(fault.Invalid, "predict.lever_range", "%s lies between %g and %g", l.Trait, l.Min, l.Max).At(fault.Place{Field: "set." + l.Trait, Value: fmt.Sprint(x)})
		}
		l.set(f, x, v.cut)
	}
	for _, name := range slices.Sorted(maps.Keys(rest)) {
		return fault.Newf(fault.Invalid, "predict.unknown_lever", "the trait %q cannot be set", name).At(fault.Place{Field: "set." + name}).Then("What can is " + strings.Join(names, ", ") + ".")
	}
	return nil
}
