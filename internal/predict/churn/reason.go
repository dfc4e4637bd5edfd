package churn

import (
	"cmp"
	"math"
	"slices"

	"github.com/dangol/dangol/internal/predict/churn/say"
)

// Kinds of reasons.
const (
	cause     = "cause"   // something that happened to her
	sign      = "sign"    // something that she does, or does no more
	contextly = "context" // where and how she buys
)

// The reasons, in the order in which equal ones are told.
const (
	lateDelivery = say.LateDelivery
	refunded     = say.Refunded
	discount     = say.Discount
	silent       = say.Silence
	paidEnding   = say.PaidTime
	slowing      = say.Slowing
	oneOrder     = say.OneOrder
	manyOrders   = say.ManyOrders
	basket       = say.Basket
	newness      = say.Newness
	byMarket     = say.Market
	byChannel    = say.Channel
	byCategory   = say.Category
)

var reasonCodes = []string{lateDelivery, refunded, discount, silent, paidEnding, slowing, oneOrder, manyOrders, basket, newness, byMarket, byChannel, byCategory}

var kinds = map[string]string{
	lateDelivery: cause, refunded: cause, discount: cause, silent: sign, paidEnding: sign, slowing: sign, oneOrder: sign, manyOrders: sign, basket: sign, newness: sign,
	byMarket: contextly, byChannel: contextly, byCategory: contextly,
}

// meaning is the place, among the reason codes, of what each column means to people. How often she bought means one thing of her who bought
// once, and another of others.
var meaning = func() (m [numbers + words]int) {
	for code, columns := range map[string][]int{
		lateDelivery: {lateShare, lastLate, lateOfThree, daysLate}, refunded: {refundRate, refundSince}, discount: {couponShare, lastCoupon, firstCoupon},
		silent: {silence, gap, silenceRatio, rhythm}, paidEnding: {paidLeft, term, renewals, renewedLate, renewalsDue}, slowing: {lastGapRatio, recentDays, earlierDays, spendTrend}, manyOrders: {days},
		basket: {orderValue, valueRatio}, newness: {tenure}, byMarket: {numbers + place}, byChannel: {numbers + channel}, byCategory: {numbers + category},
	} {
		for _, c := range columns {
			m[c] = slices.Index(reasonCodes, code)
		}
	}
	return m
}()

// meaningPaid is that of subscribers: their silence says no more than how far they are in what they paid for.
var meaningPaid = func() (m [numbers + words]int) {
	m = meaning
	for _, c := range []int{silence, gap, silenceRatio, rhythm, lastGapRatio} {
		m[c] = slices.Index(reasonCodes, paidEnding)
	}
	return m
}()

// traitsOf names the traits that people know behind a reason.
var traitsOf = map[string][]string{
	lateDelivery: {"late_deliveries", "last_delivery_late", "deliveries"}, refunded: {"refund_rate", "refund_orders"}, discount: {"coupon_share", "coupon_orders"},
	silent: {"days_since_last_order", "avg_days_between_orders"}, paidEnding: {"paid_until_day"}, slowing: {"orders_90d", "spend_trend"}, oneOrder: {"orders"}, manyOrders: {"orders", "purchase_days"},
	basket: {"avg_order_value"}, newness: {"tenure_days"}, byMarket: {"last_market"}, byChannel: {"channel"}, byCategory: {"first_category"},
}

// noticeable is the part in the log-odds from which a reason is worth naming: it moves a chance of one half by 2.5 points.
const noticeable = 0.10

// weighed is a reason with its part in somebody's log-odds.
type weighed struct {
	code string
	part float64
}

// grouped are the reasons behind what was said of one with so many purchase days, the ones to name first coming first: causes that raise the
// chance noticeably, then signs that do, then contexts; then what raises it less, and what lowers it, the largest first.
func grouped(s *said, once bool) []weighed {
	var sums [13]float64
	means := &meaning
	if s.paid {
		means = &meaningPaid
	}
	for j, part := range s.parts {
		sums[means[j]] += part
	}
	list := make([]weighed, 0, len(sums))
	for k, code := range reasonCodes {
		switch code {
		case oneOrder:
			continue
		case silent, paidEnding:
			if s.paid == (code == silent) {
				continue
			}
		case manyOrders:
			if once {
				code = oneOrder
			}
		}
		list = append(list, weighed{code, sums[k]})
	}
	slices.SortStableFunc(list, func(a, b weighed) int {
		if x, y := tier(a), tier(b); x != y {
			return x - y
		}
		return cmp.Compare(math.Abs(b.part), math.Abs(a.part))
	})
	return list
}

func tier(w weighed) int {
	if w.part < noticeable {
		return 3
	}
	return slices.Index([]string{cause, sign, contextly}, kinds[w.code])
}

// first is the reason to name; "" where nothing raises the chance noticeably.
func first(list []weighed) string {
	if len(list) > 0 && list[0].part >= noticeable {
		return list[0].code
	}
	return ""
}

// drivers are the mean sizes of parts, by reason and market.
func drivers(m *model, b *book, f *frame) ([]Driver, error) {
	parts := make([][]weighed, f.rows())
	err := m.say(b, f, func(i int, s *said) { parts[i] = grouped(s, f.number[days][i] == 1) })
	if err != nil || f.rows() == 0 {
		return []Driver{}, err
	}
	type sum struct {
		all      float64
		byMarket map[string]float64
	}
	sums, rows := map[string]*sum{}, map[string]float64{}
	for i, list := range parts {
		market := b.markets.words[f.word[place][i]]
		rows[market]++
		for _, w := range list {
			s := sums[w.code]
			if s == nil {
				s = &sum{byMarket: map[string]float64{}}
				sums[w.code] = s
			}
			s.all += math.Abs(w.part)
			s.byMarket[market] += math.Abs(w.part)
		}
	}
	out := []Driver{}
	for _, code := range reasonCodes {
		s := sums[code]
		if s == nil {
			continue
		}
		d := Driver{Code: code, Kind: kinds[code], Labels: say.Labels[code], Weight: s.all / float64(f.rows()), ByMarket: map[string]float64{}}
		for market, n := range rows {
			if n >= fairRows && market != "" {
				d.ByMarket[market] = s.byMarket[market] / n
			}
		}
		out = append(out, d)
	}
	slices.SortStableFunc(out, func(a, b Driver) int { return cmp.Compare(b.Weight, a.Weight) })
	return out, nil
}
