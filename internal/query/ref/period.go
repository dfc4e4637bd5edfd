package ref

import (
	"slices"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/query"
)

func cohorts(q query.Cohorts, d Data) [][]any {
	keys, of := byCustomer(d.purchases(q.AsOf, q.Market))
	var out [][]any
	for _, key := range keys {
		orders := of[key]
		start := orders[0].Day
		for _, o := range orders {
			start = min(start, o.Day)
		}
		category := d.firstCategory(key, q)
		if q.Category != "" && category != q.Category {
			continue
		}
		split := ""
		switch q.By {
		case query.SplitCategory:
			split = category
		case query.SplitMarket:
			i := slices.IndexFunc(orders, func(o Order) bool { return o.Market != "" })
			if i >= 0 {
				split = orders[i].Market
			}
		}
		months := map[int]int64{}
		for _, o := range orders {
			months[o.Day.MonthIndex()] += o.Amount
		}
		for month, revenue := range months {
			id := []any{int64(start.MonthIndex()), split, int64(month - start.MonthIndex())}
			i := slices.IndexFunc(out, func(r []any) bool { return slices.Equal(r[:3], id) })
			if i < 0 {
				i = len(out)
				out = append(out, append(id, int64(0), int64(0)))
			}
			out[i][3] = out[i][3].(int64) + 1
			out[i][4] = out[i][4].(int64) + revenue
		}
	}
	sortRows(out, 3)
	return out
}

func (d Data) firstCategory(customer uint32, q query.Cohorts) string {
	for _, r := range d.lineRows(customer, q.AsOf) {
		if c := r.props["category"].(string); c != "" && (q.Market == "" || r.props["market"] == q.Market) {
			return c
		}
	}
	return ""
}

// span is a stretch of days; days between skip and skipTo do not belong to it.
type span struct{ from, to day.Day }

func (s span) holds(d day.Day) bool { return d >= s.from && d <= s.to }

func kpi(q query.KPI, d Data) [][]any {
	length := day.Day(q.Length())
	now := span{q.From, q.To}
	previous := span{q.From - length, q.To - length}
	earlier := span{q.From - 2*length, q.To - 2*length}
	out := [][]any{
		d.facts(q, query.SpanPeriod, 0, now, previous, true),
		d.facts(q, query.SpanPrevious, 0, previous, earlier, true),
	}
	bucket := func(i int) span {
		s := span{q.BucketStart(i), min(q.BucketStart(i+1)-1, q.To)}
		if i == 0 {
			s.from = q.From
		}
		return s
	}
	for i := -1; i < q.Buckets() && q.Bucket != query.BucketNone; i++ {
		before := bucket(i - 1)
		row := d.facts(q, query.SpanBucket, i, bucket(i), before, false)
		if i == -1 { // nothing is known of the bucket before it
			row[9], row[10] = int64(0), int64(0)
		}
		if row[3] != int64(0) || row[5] != int64(0) || d.refundedAtAll(q, bucket(i)) {
			out = append(out, row)
		}
	}
	return out
}

func (d Data) refundedAtAll(q query.KPI, s span) bool {
	return slices.ContainsFunc(d.orders(Refund, q.To, q.Market), func(o Order) bool { return s.holds(o.Day) })
}

func (d Data) facts(q query.KPI, name string, index int, now, before span, whole bool) []any {
	var customers, orders, revenue, refunds, items, repeaters, fresh, retained, earlier, buyers, oneTime int64
	var gaps []int64
	keys, of := byCustomer(d.purchases(q.To, q.Market))
	for _, key := range keys {
		var in, past, ever int64
		var days []day.Day
		for _, o := range of[key] {
			days = append(days, o.Day)
			if o.Day <= now.to {
				ever++
			}
			if before.holds(o.Day) {
				past++
			}
			if now.holds(o.Day) {
				in++
				revenue += o.Amount
				items += o.QuantityMilli
			}
		}
		slices.Sort(days)
		days = slices.Compact(days)
		for i := 1; i < len(days); i++ {
			if now.holds(days[i]) {
				gaps = append(gaps, int64(days[i]-days[i-1]))
			}
		}
		orders += in
		customers += one(in > 0)
		repeaters += one(in > 1)
		fresh += one(now.holds(days[0]))
		earlier += one(past > 0)
		retained += one(past > 0 && in > 0)
		buyers += one(ever > 0)
		oneTime += one(ever == 1)
	}
	for _, o := range d.orders(Refund, q.To, q.Market) {
		if now.holds(o.Day) {
			refunds += o.Amount
		}
	}
	var middle any
	if whole {
		middle = median(gaps)
	} else {
		buyers, oneTime = 0, 0
	}
	return []any{name, int64(index), customers, orders, revenue, refunds, items, repeaters, fresh, retained, earlier, buyers, oneTime, middle}
}

func one(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func median(v []int64) any {
	if len(v) == 0 {
		return nil
	}
	slices.Sort(v)
	n := len(v)
	return float64(v[(n-1)/2]+v[n/2]) / 2
}
