package churn

import "math"

// The numbers that are known of a customer at a cut. NaN stands for what there is none of.
const (
	silence      = iota // days from her last order to the cut
	gap                 // mean days between her purchase days
	silenceRatio        // silence in her own gaps
	lastGapRatio        // her last gap in her own gaps
	days                // purchase days
	recentDays          // purchase days in the window before the cut, which is as long as the horizon
	earlierDays         // purchase days in the window before that
	tenure              // days from her first order to the cut
	orderValue          // mean amount of an order, as a logarithm
	valueRatio          // her last order against that, as a logarithm
	spendTrend          // spend of the window against that of the one before: (now - then) / (now + then)
	rhythm              // log-odds of no order in the horizon by a model of when people buy
	lateShare           // share of her deliveries that came late
	lastLate            // whether her last order came late, or is overdue
	lateOfThree         // how many of her last three deliveries came late
	daysLate            // by how many days her last delivery was late
	refundRate          // share of her spend that was given back
	refundSince         // whether something was given back since her last order
	couponShare         // share of her orders with a coupon
	lastCoupon          // whether her last order had a coupon
	firstCoupon         // whether her first order had one
	plain               // how many there are where leaving goes by orders
)

// The numbers that are known besides where leaving goes by the end of what is paid for.
const (
	paidLeft    = plain + iota // days paid for after the cut; below 0 in the grace
	term                       // days of the period that is paid for
	renewals                   // how often she has renewed
	renewedLate                // share of these that came after the end
	renewalsDue                // how often she must renew within the horizon to stay beyond it
	numbers                    // how many there are in all
)

// The words.
const (
	place    = iota // the market of her last order
	channel         // the channel of most of her orders, of equals the one that is commoner among all
	category        // the category that she began with
	words
)

var numberNames = [numbers]string{
	"silence", "gap", "silence_ratio", "last_gap_ratio", "purchase_days", "recent_days", "earlier_days", "tenure", "order_value", "value_ratio",
	"spend_trend", "rhythm", "late_share", "last_late", "late_of_three", "days_late", "refund_rate", "refund_since", "coupon_share", "last_coupon", "first_coupon",
	"paid_left", "term", "renewals", "renewed_late", "renewals_due",
}

var wordNames = [words]string{"market", "channel", "category"}

// facts are what is known of one customer at a cut.
type facts struct {
	number [numbers]float64
	word   [words]uint16
	// What sentences say beside the columns.
	orders, repeats, deliveries, late, lateThree, ofThree, refunds int
	firstDay, lastDay                                              int32
	lateDays                                                       int32
	columns                                                        int   // how many of the numbers are known
	paidUntil                                                      int32 // the last day that she has paid for, where that is among them
}

// known is what there is to know of a customer at a cut, of facts of that day or earlier; ok is false where she had not bought by then. The
// window is as long as the horizon. rhythm is left to the caller.
func known(list []happening, cut, window int32, scale float64) (f facts, ok bool) {
	list = until(list, cut)
	t := tally{cut: cut, window: window, lastPurchase: -1}
	for i := range list {
		t.take(i, &list[i])
	}
	if t.orders == 0 {
		return f, false
	}
	f.columns = plain
	t.fill(&f, list, scale)
	return f, true
}

// tally goes through a customer's happenings once.
type tally struct {
	cut, window                     int32
	orders, purchaseDays            int
	recent, earlier                 int
	first, last, before             int32 // purchase days; before is the last but one
	spend, recentSpend, earlierSent int64
	refunded                        int64
	refunds, coupons                int
	refundDay                       int32
	firstCoupon, lastCoupon         bool
	lastValue                       int64
	deliveries, late                int
	last3                           [3]bool // of deliveries, the newest first
	lateDays                        int32
	lastPurchase                    int
	channels                        [mostWords + 1]int32 // by code; codes follow frequency, so ties go to the commoner one
}

func (t *tally) take(i int, h *happening) {
	if h.refund {
		t.refunded += h.minor
		t.refunds++
		t.refundDay = h.day
		return
	}
	if t.orders == 0 {
		t.first, t.firstCoupon, t.last, t.before = h.day, h.coupon, never, never
	}
	t.orders++
	if h.day != t.last {
		t.before, t.last = t.last, h.day
		t.purchaseDays++
		switch age := t.cut - h.day; {
		case age < t.window:
			t.recent++
		case age < 2*t.window:
			t.earlier++
		}
	}
	t.spend += h.minor
	switch age := t.cut - h.day; {
	case age < t.window:
		t.recentSpend += h.minor
	case age < 2*t.window:
		t.earlierSent += h.minor
	}
	t.lastValue, t.lastCoupon, t.lastPurchase = h.minor, h.coupon, i
	if h.coupon {
		t.coupons++
	}
	t.channels[h.channel]++
	if days, known := h.lateBy(t.cut); known {
		t.deliveries++
		t.last3 = [3]bool{days > 0, t.last3[0], t.last3[1]}
		if t.lateDays = days; days > 0 {
			t.late++
		}
	}
}

func (t *tally) fill(f *facts, list []happening, scale float64) {
	n, none := &f.number, math.NaN()
	f.orders, f.repeats, f.deliveries, f.late, f.refunds = t.orders, t.purchaseDays-1, t.deliveries, t.late, t.refunds
	f.firstDay, f.lastDay, f.lateDays = t.first, t.last, t.lateDays
	n[silence], n[tenure] = float64(t.cut-t.last), float64(t.cut-t.first)
	n[gap], n[silenceRatio], n[lastGapRatio] = none, none, none
	if t.purchaseDays > 1 {
		n[gap] = float64(t.last-t.first) / float64(t.purchaseDays-1)
		n[silenceRatio] = n[silence] / n[gap]
		if t.purchaseDays > 2 {
			n[lastGapRatio] = float64(t.last-t.before) / n[gap]
		}
	}
	n[days], n[recentDays], n[earlierDays] = float64(t.purchaseDays), float64(t.recent), float64(t.earlier)
	mean := float64(t.spend) / scale / float64(t.orders)
	n[orderValue] = math.Log1p(max(mean, 0))
	n[valueRatio] = math.Log1p(max(float64(t.lastValue)/scale, 0)) - n[orderValue]
	n[spendTrend] = none
	if sum := t.recentSpend + t.earlierSent; sum > 0 {
		n[spendTrend] = float64(t.recentSpend-t.earlierSent) / float64(sum)
	}
	n[refundRate] = 0
	if t.spend > 0 {
		n[refundRate] = min(float64(t.refunded)/float64(t.spend), 1)
	}
	n[refundSince] = indicator(t.refunds > 0 && t.refundDay >= t.last)
	n[couponShare] = float64(t.coupons) / float64(t.orders)
	n[lastCoupon], n[firstCoupon] = indicator(t.lastCoupon), indicator(t.firstCoupon)
	t.fillDeliveries(f, list)
	f.word[place] = list[t.lastPurchase].market
	for c, count := range t.channels {
		if count > t.channels[f.word[channel]] {
			f.word[channel] = uint16(c)
		}
	}
}

func (t *tally) fillDeliveries(f *facts, list []happening) {
	n, none := &f.number, math.NaN()
	n[lateShare], n[lastLate], n[lateOfThree], n[daysLate] = none, none, none, none
	if t.deliveries == 0 {
		return
	}
	for _, late := range t.last3 {
		if late {
			f.lateThree++
		}
	}
	f.ofThree = min(t.deliveries, 3)
	n[lateShare] = float64(t.late) / float64(t.deliveries)
	n[lateOfThree], n[daysLate] = float64(f.lateThree), float64(t.lateDays)
	if late, known := list[t.lastPurchase].lateBy(t.cut); known {
		n[lastLate] = indicator(late > 0)
	}
}

func indicator(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
