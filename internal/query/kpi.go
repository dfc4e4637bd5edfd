package query

import (
	"strings"

	"github.com/dangol/dangol/internal/kit/day"
)

// Spans of the rows of a KPI answer.
const (
	SpanPeriod   = "period"
	SpanPrevious = "previous"
	SpanBucket   = "bucket"
)

var kpiColumns = []Column{
	{Name: "span", Type: TypeText},
	{Name: "index", Type: TypeInt}, // of the bucket, from 0; -1 is the bucket before the period
	{Name: "customers", Type: TypeBig},
	{Name: "orders", Type: TypeBig},
	{Name: "revenue", Type: TypeMoney},
	{Name: "refunds", Type: TypeMoney},
	{Name: "items_milli", Type: TypeBig},
	{Name: "repeaters", Type: TypeBig},                     // customers with two orders or more in the span
	{Name: "new_customers", Type: TypeBig},                 // customers whose first order ever lies in the span
	{Name: "retained", Type: TypeBig},                      // customers active in the span and in the one before
	{Name: "before", Type: TypeBig},                        // customers active in the span before
	{Name: "buyers", Type: TypeBig},                        // customers who had ever bought by the span's end
	{Name: "one_time", Type: TypeBig},                      // those of them with one order
	{Name: "median_gap", Type: TypeNumber, Nullable: true}, // days between consecutive purchase days, the later in the span
}

// Length is the number of days of the period.
func (q KPI) Length() int { return int(q.To-q.From) + 1 }

// Previous is the period of equal length before.
func (q KPI) Previous() (from, to day.Day) { return q.From - dayCount(q.Length()), q.From - 1 }

// BucketOf is the index of the bucket of a day; the bucket of From is 0.
func (q KPI) BucketOf(d day.Day) int {
	switch q.Bucket {
	case BucketWeek:
		return int(monday(d)-monday(q.From)) / 7
	case BucketMonth:
		return d.MonthIndex() - q.From.MonthIndex()
	}
	return int(d - q.From)
}

// BucketStart is the first day of a bucket, which for bucket 0 may lie before From.
func (q KPI) BucketStart(index int) day.Day {
	switch q.Bucket {
	case BucketWeek:
		return monday(q.From) + dayCount(7*index)
	case BucketMonth:
		return q.From.Month().AddMonths(index)
	}
	return q.From + dayCount(index)
}

// monday is the first day of d's week; 1970-01-05 was a Monday.
func monday(d day.Day) day.Day {
	past := (int(d) - 4) % 7
	if past < 0 {
		past += 7
	}
	return d - dayCount(past)
}

// Buckets is the number of points of the series.
func (q KPI) Buckets() int {
	if q.Bucket == BucketNone {
		return 0
	}
	return q.BucketOf(q.To) + 1
}

func (q KPI) bucketSQL(w *writer, d string) string {
	switch q.Bucket {
	case BucketWeek: // counted from the bucket before, so that nothing is negative
		return w.d.IntDiv(d+" - "+num(q.BucketStart(-1)), "7") + " - 1"
	case BucketMonth:
		return w.d.MonthIndex(d) + " - " + num(q.From.MonthIndex())
	}
	return d + " - " + num(q.From)
}

// Plan gathers the facts of the period and of the one before in one pass, and the series, where one
// is asked, in another. Rows: period, previous, then the buckets in which something happened.
func (q KPI) Plan() (*Plan, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	p := &Plan{Columns: kpiColumns}
	start, _ := q.Previous()
	p.add("by_customer", "each customer's orders in the period, the one before and the one before that", from("orders"), q.customersSQL)
	p.add("refunded", "refunds of the period and of the one before", from("orders"), func(w *writer) string {
		return "SELECT coalesce(sum(s.base_minor)" + filtered(q.within(0)) + ", 0) AS now, coalesce(sum(s.base_minor)" + filtered(q.within(1)) + ", 0) AS previous " +
			w.ordersOf(2, "s", q.To, q.Market) + " AND s.day >= " + num(start)
	})
	p.add("gaps", "days between consecutive purchase days", from("orders"), q.gapsSQL)
	p.add("medians", "the middle of the gaps that end in each period", from("gaps"), func(w *writer) string {
		return "SELECT " + list(as(w.d.Median("s.gap", q.within(0)), "now"), as(w.d.Median("s.gap", q.within(1)), "previous")) + " FROM gaps s"
	})
	reads := from("by_customer", "refunded", "medians")
	if q.Bucket != BucketNone {
		q.addSeries(p)
		reads = append(reads, "series")
	}
	p.add(answer, "put period, previous period and series one below the other", reads, func(w *writer) string {
		sql := q.spanSQL(w, SpanPeriod, "0", "1", "now") + " UNION ALL " + q.spanSQL(w, SpanPrevious, "1", "2", "previous")
		if q.Bucket != BucketNone {
			sql += " UNION ALL SELECT " + strings.Join(castAll(w, kpiColumns), ", ") + " FROM series"
		}
		return "SELECT * FROM (" + sql + ") t ORDER BY CASE span WHEN 'period' THEN 0 WHEN 'previous' THEN 1 ELSE 2 END, index"
	})
	return p, nil
}

// within is the condition that a day lies in the period n lengths before the asked one.
func (q KPI) within(n int) string {
	back := dayCount(n * q.Length())
	return "s.day >= " + num(q.From-back) + " AND s.day <= " + num(q.To-back)
}

func (q KPI) customersSQL(w *writer) string {
	sql := "SELECT s.customer_key, min(s.day) AS first_day, count(*) AS ever, " + as("count(*)"+filtered("s.day < "+num(q.From)), "ever_previous")
	for n, name := range []string{"0", "1"} {
		in := filtered(q.within(n))
		sql += list("", as("count(*)"+in, "orders"+name), as("sum(s.base_minor)"+in, "revenue"+name), as("sum(s.quantity_milli)"+in, "items"+name))
	}
	return sql + list("", as("count(*)"+filtered(q.within(2)), "orders2")) + " " + w.purchases(q.To, q.Market) + " GROUP BY s.customer_key"
}

// gapsSQL pairs each purchase day with the one before it, which may lie before both periods. Orders
// of one day make gaps of zero, which are dropped: that is cheaper than making the days distinct.
func (q KPI) gapsSQL(w *writer) string {
	start, _ := q.Previous()
	return "SELECT g.day, g.gap FROM (SELECT t.day, t.day - lag(t.day) OVER (PARTITION BY t.customer_key ORDER BY t.day) AS gap FROM (" +
		"SELECT s.customer_key, s.day " + w.purchases(q.To, q.Market) + " AND s.day >= " + num(start) +
		" UNION ALL SELECT s.customer_key, max(s.day) AS day " + w.purchases(start-1, q.Market) + " GROUP BY s.customer_key) t) g WHERE g.gap > 0"
}

// spanSQL is the row of one period: now and before are the suffixes of by_customer's columns.
func (q KPI) spanSQL(w *writer, span, now, before, suffix string) string {
	ever, end := "c.ever", q.To
	start := q.From
	if span == SpanPrevious {
		ever = "c.ever_previous"
		start, end = q.Previous()
	}
	active := "c.orders" + now + " > 0"
	values := []string{
		"'" + span + "'", "0", "count(*)" + filtered(active), "coalesce(sum(c.orders" + now + "), 0)", "coalesce(sum(c.revenue" + now + "), 0)",
		"(SELECT r." + suffix + " FROM refunded r)", "coalesce(sum(c.items" + now + "), 0)", "count(*)" + filtered("c.orders"+now+" >= 2"),
		"count(*)" + filtered("c.first_day >= "+num(start)+" AND c.first_day <= "+num(end)),
		"count(*)" + filtered(active+" AND c.orders"+before+" > 0"), "count(*)" + filtered("c.orders"+before+" > 0"),
		"count(*)" + filtered(ever+" > 0"), "count(*)" + filtered(ever+" = 1"), "(SELECT m." + suffix + " FROM medians m)",
	}
	for i, c := range kpiColumns {
		values[i] = as(w.cast(values[i], c.Type), c.Name)
	}
	return "SELECT " + strings.Join(values, ", ") + " FROM by_customer c"
}

// addSeries adds the steps of the series. The bucket before the period is counted too: who was
// active in it tells whom the first bucket retained.
func (q KPI) addSeries(p *Plan) {
	start := q.BucketStart(-1)
	p.add("by_bucket", "each customer's orders in each bucket", from("orders"), func(w *writer) string {
		// Days of the first bucket that lie before From belong to neither.
		return "SELECT s.customer_key, " + q.bucketSQL(w, "s.day") + " AS bucket, count(*) AS orders, sum(s.base_minor) AS revenue, sum(s.quantity_milli) AS items " +
			w.purchases(q.To, q.Market) + " AND s.day >= " + num(start) + q.exceptEarly("s.day") + " GROUP BY s.customer_key, bucket"
	})
	p.add("sums", "the buckets added up", from("by_bucket"), func(*writer) string {
		return "SELECT b.bucket, count(*) AS customers, sum(b.orders) AS orders, sum(b.revenue) AS revenue, sum(b.items) AS items, " +
			"count(*)" + filtered("b.orders >= 2") + " AS repeaters, count(l.customer_key) AS retained FROM by_bucket b LEFT JOIN by_bucket l " +
			"ON l.customer_key = b.customer_key AND l.bucket = b.bucket - 1 GROUP BY b.bucket"
	})
	p.add("newcomers", "customers by the bucket of their first order", from("by_customer"), func(w *writer) string {
		return "SELECT " + q.bucketSQL(w, "c.first_day") + " AS bucket, count(*) AS n FROM by_customer c WHERE c.first_day >= " + num(start) + q.exceptEarly("c.first_day") + " GROUP BY 1"
	})
	p.add("refunds_by_bucket", "refunds by bucket", from("orders"), func(w *writer) string {
		return "SELECT " + q.bucketSQL(w, "s.day") + " AS bucket, sum(s.base_minor) AS amount " +
			w.ordersOf(2, "s", q.To, q.Market) + " AND s.day >= " + num(start) + q.exceptEarly("s.day") + " GROUP BY 1"
	})
	p.add("series", "one row for each bucket in which something happened", from("sums", "newcomers", "refunds_by_bucket"), func(*writer) string {
		return "SELECT 'bucket' AS span, coalesce(s.bucket, r.bucket) AS index, coalesce(s.customers, 0) AS customers, coalesce(s.orders, 0) AS orders, " +
			"coalesce(s.revenue, 0) AS revenue, coalesce(r.amount, 0) AS refunds, coalesce(s.items, 0) AS items_milli, coalesce(s.repeaters, 0) AS repeaters, " +
			"coalesce(n.n, 0) AS new_customers, coalesce(s.retained, 0) AS retained, coalesce(b.customers, 0) AS before, 0 AS buyers, 0 AS one_time, NULL AS median_gap " +
			"FROM sums s FULL OUTER JOIN refunds_by_bucket r ON r.bucket = s.bucket LEFT JOIN newcomers n ON n.bucket = s.bucket LEFT JOIN sums b ON b.bucket = coalesce(s.bucket, r.bucket) - 1"
	})
}

// exceptEarly leaves out the days from the start of From's bucket to From.
func (q KPI) exceptEarly(d string) string {
	if q.BucketStart(0) == q.From {
		return ""
	}
	return " AND (" + d + " < " + num(q.BucketStart(0)) + " OR " + d + " >= " + num(q.From) + ")"
}
