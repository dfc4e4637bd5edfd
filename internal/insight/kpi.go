package insight

import (
	"context"
	"database/sql"
	"math"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/query"
)

// KPIQuestion asks for figures; unknown days and an empty bucket are chosen by the data.
type KPIQuestion struct {
	From, To, AsOf day.Day
	Market         string
	Bucket         query.Bucket
}

// KPI answers the figures of a period: by default of all the data up to as_of.
func (s *Service) KPI(ctx context.Context, ask KPIQuestion) (KPI, error) {
	sc, err := s.scope(ctx, ask.AsOf, ask.Market)
	if err != nil {
		return KPI{}, err
	}
	q := query.KPI{From: ask.From, To: ask.To, AsOf: sc.asOf, Market: ask.Market, Bucket: ask.Bucket}
	if q.To == day.Unknown {
		q.To = sc.asOf
	}
	if q.From == day.Unknown {
		q.From = min(sc.first, q.To)
	}
	if q.Bucket == query.BucketNone {
		q.Bucket = stepFor(q.Length())
	}
	return cached(ctx, s, sc.key("kpi", q), func(ctx context.Context) (KPI, error) { return s.kpi(ctx, sc, q) })
}

// stepFor keeps a series between about a dozen and three dozen points.
func stepFor(days int) query.Bucket {
	switch {
	case days <= 45:
		return query.BucketDay
	case days <= 270:
		return query.BucketWeek
	}
	return query.BucketMonth
}

// counts is one row of a KPI answer.
type counts struct {
	span                                            string
	index                                           int
	customers, orders, revenue, refunds, itemsMilli int64
	repeaters, fresh, retained, before              int64
	buyers, oneTime                                 int64
	gap                                             sql.NullFloat64
}

func (s *Service) kpi(ctx context.Context, sc scope, q query.KPI) (KPI, error) {
	var now, previous counts
	buckets := map[int]counts{}
	err := s.ask(ctx, q, func(scan scanner) error {
		var c counts
		if err := scan(&c.span, &c.index, &c.customers, &c.orders, &c.revenue, &c.refunds, &c.itemsMilli, &c.repeaters, &c.fresh, &c.retained, &c.before, &c.buyers, &c.oneTime, &c.gap); err != nil {
			return err
		}
		switch c.span {
		case query.SpanPeriod:
			now = c
		case query.SpanPrevious:
			previous = c
		default:
			buckets[c.index] = c
		}
		return nil
	})
	if err != nil {
		return KPI{}, err
	}
	start, end := q.Previous()
	length := day.Day(q.Length())
	out := KPI{AsOf: q.AsOf, Market: q.Market, Bucket: string(q.Bucket), Series: series(sc, q, buckets)}
	out.Figures = now.figures(sc, q.From, q.To, start >= sc.first)
	if start >= sc.first {
		p := previous.figures(sc, start, end, start-length >= sc.first)
		out.Previous = &p
	}
	return out, nil
}

// figures turns counts into KPIs; comparable says that the span before lies in the data, without
// which nothing can be said of retention.
func (c counts) figures(sc scope, from, to day.Day, comparable bool) Figures {
	f := Figures{
		From: from, To: to, Customers: c.customers, Orders: c.orders,
		Revenue: sc.money(c.revenue), Refunds: sc.money(c.refunds), NetRevenue: sc.money(c.revenue - c.refunds),
		AverageOrderValue: sc.money(rounded(c.revenue, c.orders)), PurchaseFrequency: ratio(c.orders, c.customers),
		RepeatPurchase: ratio(c.repeaters, c.customers), NewCustomers: c.fresh, Returning: c.customers - c.fresh,
		ItemsPerOrder: ratio(c.itemsMilli, c.orders) / 1000, OneTimeShare: ratio(c.oneTime, c.buyers),
	}
	if c.gap.Valid {
		f.MedianGap = &c.gap.Float64
	}
	if comparable {
		f.Retained, f.LostCustomers = c.retained, c.before-c.retained
		f.RetentionRate, f.ChurnRate = retention(c.retained, c.before)
	}
	return f
}

func retention(retained, before int64) (rate, churn *float64) {
	if before == 0 {
		return nil, nil
	}
	r := ratio(retained, before)
	lost := 1 - r
	return &r, &lost
}

// series fills the steps in which nothing happened.
func series(sc scope, q query.KPI, buckets map[int]counts) []Point {
	out := make([]Point, q.Buckets())
	for i := range out {
		c := buckets[i]
		p := Point{
			Start: q.BucketStart(i), Customers: c.customers, Orders: c.orders, Revenue: sc.money(c.revenue), Refunds: sc.money(c.refunds),
			NetRevenue: sc.money(c.revenue - c.refunds), NewCustomers: c.fresh, Retained: c.retained,
			AverageOrderValue: sc.money(rounded(c.revenue, c.orders)), RepeatPurchase: ratio(c.repeaters, c.customers),
		}
		p.Partial = p.Start < q.From || q.BucketStart(i+1)-1 > q.To
		if q.BucketStart(i) > sc.first { // something can have happened before
			p.RetentionRate, _ = retention(c.retained, buckets[i-1].customers)
		}
		out[i] = p
	}
	return out
}

func (sc scope) money(minor int64) market.Money { return market.New(minor, sc.currency) }

func ratio(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// rounded divides minor units, halves up; nothing by nothing is nothing.
func rounded(a, b int64) int64 {
	if b == 0 {
		return 0
	}
	return int64(math.Floor(float64(a)/float64(b) + 0.5))
}

// Overview answers the first screen: the last days, what is expected, and what to do first.
func (s *Service) Overview(ctx context.Context, asOf day.Day, marketName string, days int) (Overview, error) {
	if days < 1 || days > 3650 {
		return Overview{}, fault.New(fault.Invalid, "insight.bad_days", "an overview covers 1 to 3650 days").At(fault.Place{Field: "days"})
	}
	sc, err := s.scope(ctx, asOf, marketName)
	if err != nil {
		return Overview{}, err
	}
	from := sc.asOf - day.Day(days) + 1
	kpi, err := s.KPI(ctx, KPIQuestion{From: from, To: sc.asOf, AsOf: sc.asOf, Market: marketName})
	if err != nil {
		return Overview{}, err
	}
	out := Overview{AsOf: sc.asOf, AsOfNote: sc.note(), Market: marketName, From: from, To: sc.asOf, KPI: kpi, Findings: []Finding{}}
	broke, err := s.alerts(ctx, sc)
	if err != nil {
		return Overview{}, err
	}
	if sc.kept == day.Unknown {
		out.Findings = append(out.Findings, broke...)
		return out, nil
	}
	out.AnalysedAsOf, out.AnalysisStale = &sc.kept, !sc.analysed
	then := sc
	then.asOf, then.analysed = sc.kept, true
	f, err := s.facts(ctx, then)
	if err != nil {
		return Overview{}, err
	}
	if f.valued {
		v := sc.money(f.expected)
		out.ExpectedValue = &v
	}
	if f.alive.Valid {
		out.BaseAlive = &f.alive.Float64
	}
	found := Findings(f)
	// What broke comes first: it is news, and the others have stood there for weeks.
	out.Findings = append(append(out.Findings, broke...), found[:min(3, len(found))]...)
	if s.Foreseen == nil {
		return out, nil
	}
	foreseen, err := s.Foreseen(ctx, marketName)
	out.Findings = append(out.Findings, foreseen[:min(1, len(foreseen))]...)
	return out, err
}

func (sc scope) note() string {
	said := "As of " + sc.asOf.String()
	switch {
	case sc.asOf == sc.last:
		said += ", the last day in the data."
	case sc.asOf > sc.last:
		said += ", as asked; the data end on " + sc.last.String() + "."
	default:
		said += ", as asked; what came later is left out."
	}
	switch {
	case sc.analysed:
	case sc.kept != day.Unknown:
		said += " Orders came in since the analysis of " + sc.kept.String() + ", of which the findings and what is expected are; run `dangol analyze`."
	default:
		said += " There is no analysis of this day over the present data, so nothing is expected and no findings are told; run `dangol analyze`."
	}
	return said
}
