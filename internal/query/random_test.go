package query_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/query"
	"github.com/dangol/dangol/internal/query/ref"
)

var origin = day.New(2023, 11, 1)

// TestRandomData asks random questions over small random shops: DuckDB and ref must agree.
func TestRandomData(t *testing.T) {
	e := openEngine(t, "")
	rapid.Check(t, func(rt *rapid.T) {
		d := drawData(rt)
		e.load(t, d)
		for range 4 {
			q := drawQuestion(rt)
			want, err := ref.Answer(q, d)
			if err != nil {
				rt.Fatalf("ref: %v", err)
			}
			got, err := e.answer(q)
			if err != nil {
				rt.Fatalf("%T: %v", q, err)
			}
			if where := differ(got, want); where != "" {
				rt.Fatalf("%T: %s\nDuckDB\n%sref\n%s", q, where, print(got), print(want))
			}
		}
	})
}

func drawData(rt *rapid.T) ref.Data {
	var d ref.Data
	categories := []string{"", "tea", "cake", "cups"}
	for i := range rapid.IntRange(1, 6).Draw(rt, "products") {
		p := ref.Product{Key: uint32(i + 1), ID: string(rune('a' + i)), Category: rapid.SampledFrom(categories).Draw(rt, "category")}
		if i == 0 && rapid.Bool().Draw(rt, "unknown product") {
			p.ID, p.Category = "", ""
		} else if rapid.Bool().Draw(rt, "named") {
			p.Name = "n" + p.ID
		}
		d.Products = append(d.Products, p)
	}
	text := func(label string, of ...string) string { return rapid.SampledFrom(append(of, "")).Draw(rt, label) }
	for range rapid.IntRange(0, 40).Draw(rt, "orders") {
		// At whole hours, so that ties in time happen.
		hour := rapid.Int64Range(0, 24*120).Draw(rt, "hour")
		l := ref.Line{
			Customer: rapid.Uint32Range(1, 6).Draw(rt, "customer"), Order: rapid.Uint64().Draw(rt, "order"),
			AtUS: (int64(origin)*24 + hour) * 3_600_000_000, Day: origin + day.Day(hour/24), Kind: ref.Purchase,
			Market: text("market", "KR", "TH"), Channel: text("channel", "web", "shop"), Coupon: text("coupon", "TEN"), Promised: day.Unknown, Delivered: day.Unknown, PaidUntil: day.Unknown,
		}
		if rapid.IntRange(0, 4).Draw(rt, "kind") == 0 {
			l.Kind = ref.Refund
		}
		if rapid.Bool().Draw(rt, "shipped") {
			l.Promised = l.Day + 3
			l.Delivered = l.Day + rapid.Custom(func(rt *rapid.T) day.Day { return day.Day(rapid.IntRange(1, 8).Draw(rt, "days")) }).Draw(rt, "delivered")
		}
		pays := rapid.IntRange(0, 2).Draw(rt, "pays")
		for range rapid.IntRange(1, 3).Draw(rt, "lines") {
			line := l
			if pays == 0 {
				line.PaidUntil = l.Day + day.Day(rapid.IntRange(-2, 40).Draw(rt, "until"))
			}
			line.Product = d.Products[rapid.IntRange(0, len(d.Products)-1).Draw(rt, "product")].Key
			line.Amount = rapid.Int64Range(0, 500).Draw(rt, "amount")
			line.QuantityMilli = rapid.Int64Range(1, 5000).Draw(rt, "quantity")
			d.Lines = append(d.Lines, line)
		}
	}
	d.Orders = ref.OrdersOf(d.Lines)
	return d
}

func drawQuestion(rt *rapid.T) query.Question {
	date := func(label string) day.Day { return origin + day.Day(rapid.IntRange(0, 130).Draw(rt, label)) }
	market := rapid.SampledFrom([]string{"", "", "KR", "XX"}).Draw(rt, "in market")
	switch rapid.IntRange(0, 6).Draw(rt, "question") {
	case 0:
		return query.RFM{AsOf: date("as of"), Market: market}
	case 1:
		return query.RFMCells{AsOf: date("as of"), Market: market}
	case 2:
		from := date("from")
		return query.RFMMovement{From: from, To: from + day.Day(rapid.IntRange(1, 60).Draw(rt, "later")), Market: market}
	case 3:
		return query.Cohorts{
			AsOf: date("as of"), Market: market, Category: rapid.SampledFrom([]string{"", "", "tea"}).Draw(rt, "category"),
			By: rapid.SampledFrom([]query.Split{"", query.SplitNone, query.SplitMarket, query.SplitCategory}).Draw(rt, "by"),
		}
	case 4:
		from := date("from")
		to := from + day.Day(rapid.IntRange(0, 70).Draw(rt, "length"))
		return query.KPI{
			From: from, To: to, AsOf: to + day.Day(rapid.IntRange(0, 9).Draw(rt, "after")), Market: market,
			Bucket: rapid.SampledFrom([]query.Bucket{"", query.BucketDay, query.BucketWeek, query.BucketMonth}).Draw(rt, "bucket"),
		}
	}
	q := query.Traits{AsOf: date("as of")}
	if rapid.Bool().Draw(rt, "built in") {
		q.Traits = query.BuiltIn()
	}
	for i := range rapid.IntRange(1, 6).Draw(rt, "defined") {
		q.Traits = append(q.Traits, drawTrait(rt, "t"+string(rune('a'+i))))
	}
	if rapid.Bool().Draw(rt, "restricted") {
		q.Customers = rapid.SliceOfN(rapid.Uint32Range(1, 7), 1, 4).Draw(rt, "customers")
	}
	return q
}

// drawTrait draws until the trait passes its check.
func drawTrait(rt *rapid.T, name string) query.Trait {
	return rapid.Custom(func(rt *rapid.T) query.Trait {
		source := rapid.SampledFrom([]query.Source{query.Orders, query.Refunds, query.Lines, query.CustomerDays}).Draw(rt, "source")
		schema := query.SourceSchema(source)
		t := query.Trait{
			Name: name, Source: source, WindowDays: rapid.SampledFrom([]int{0, 0, 1, 10, 45}).Draw(rt, "window"),
			Aggregate: rapid.SampledFrom([]query.Aggregate{
				query.Count, query.Sum, query.Avg, query.Min, query.Max, query.First, query.Last,
				query.Distinct, query.MostFrequent, query.DaysSince, query.DaysSinceFirst, query.Gap, query.Trend,
			}).Draw(rt, "aggregate"),
			Property: rapid.SampledFrom(append(schema, query.Column{})).Draw(rt, "property").Name,
		}
		if rapid.Bool().Draw(rt, "where") {
			c := drawCondition(rt, schema, 2)
			t.Where = &c
		}
		return t
	}).Filter(func(t query.Trait) bool { return t.Check() == nil }).Draw(rt, "trait "+name)
}

func drawCondition(rt *rapid.T, s query.Schema, depth int) query.Condition {
	switch form := rapid.IntRange(0, 5).Draw(rt, "form"); {
	case depth > 0 && form == 0:
		return query.All(drawCondition(rt, s, depth-1), drawCondition(rt, s, depth-1))
	case depth > 0 && form == 1:
		return query.Any(drawCondition(rt, s, depth-1), drawCondition(rt, s, depth-1))
	case depth > 0 && form == 2:
		return query.Negate(drawCondition(rt, s, depth-1))
	}
	col := rapid.SampledFrom(s).Draw(rt, "name")
	ops := []query.Op{query.Eq, query.Ne, query.Lt, query.Le, query.Gt, query.Ge, query.IsSet, query.In}
	value := func() any { return rapid.IntRange(0, 400).Draw(rt, "value") }
	switch col.Type {
	case query.TypeText:
		ops = []query.Op{query.Eq, query.Ne, query.IsSet, query.In}
		value = func() any {
			return rapid.SampledFrom([]string{"KR", "web", "TEN", "tea", "b", "nc", "o'hara"}).Draw(rt, "text")
		}
	case query.TypeFlag:
		ops = []query.Op{query.Eq, query.Ne, query.IsSet}
		value = func() any { return rapid.Bool().Draw(rt, "flag") }
	case query.TypeDay:
		value = func() any { return (origin + day.Day(rapid.IntRange(0, 120).Draw(rt, "day"))).String() }
	case query.TypeNumber:
		value = func() any { return rapid.Float64Range(0, 6).Draw(rt, "number") }
	}
	op := rapid.SampledFrom(ops).Draw(rt, "op")
	if op == query.In {
		return query.Where(col.Name, op, []any{value(), value()})
	}
	return query.Where(col.Name, op, value())
}
