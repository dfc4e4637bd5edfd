package insight

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/query"
)

// steady is a shop that sells n(d) orders a day from first to last, the last order of a day at 20:00.
func steady(t *testing.T, first, last day.Day, n func(d day.Day) int) *shop {
	t.Helper()
	s := open(t)
	var rows []string
	order := 0
	for d := first; d <= last; d++ {
		count := n(d)
		for i := range count {
			order++
			at := int64(d)*86400_000000 + int64(9*3600+i*39600/max(1, count-1))*1_000_000
			rows = append(rows, fmt.Sprintf("(%d,%d,%d,%d,1,1,1000,%d,'GB','web','',NULL,NULL)", order%4000+1, order, at, d.Time().Unix()/86400, 1000+order%500))
		}
	}
	for chunk := range slices.Chunk(rows, 2000) {
		s.exec(t, "INSERT INTO orders VALUES "+strings.Join(chunk, ","))
	}
	return s
}

func asked(t *testing.T, s *shop, ask ForecastQuestion) Forecast {
	t.Helper()
	if ask.AsOf == 0 {
		ask.AsOf = day.Unknown
	}
	f, err := s.service().Forecast(context.Background(), ask)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func weekly(d day.Day) int { return []int{30, 20, 22, 24, 26, 30, 34}[d.Time().Weekday()] }

func TestForecastContinuesAWeek(t *testing.T) {
	first, last := day.New(2024, time.January, 1), day.New(2024, time.June, 30)
	s := steady(t, first, last, weekly)
	f := asked(t, s, ForecastQuestion{KPI: "orders", Unit: query.BucketDay, Horizon: 14})
	if f.LeftOut != nil || len(f.History) != int(last-first)+1 || len(f.Forecast) != 14 || f.Forecast[0].Start != last+1 {
		t.Fatalf("left out %v, %d past, %d ahead from %v", f.LeftOut, len(f.History), len(f.Forecast), f.Forecast[0].Start)
	}
	for _, p := range f.Forecast {
		if want := float64(weekly(p.Start)); math.Abs(p.Value-want) > 1 {
			t.Errorf("%s: %v orders expected, the shop sells %v", p.Start, p.Value, want)
		}
		if p.Low95 > p.Low80 || p.High95 < p.High80 || p.Low80 > p.Value || p.High80 < p.Value {
			t.Errorf("the bands are not nested: %+v", p)
		}
	}
	for lang, text := range f.Sentences {
		if text == "" || strings.Contains(text, "%!") || strings.Contains(f.Trust[lang], "%!") {
			t.Errorf("%s: %q %q", lang, text, f.Trust[lang])
		}
	}
	if !strings.HasPrefix(f.Sentence, "Orders: 20 expected on 1 July 2024") {
		t.Error(f.Sentence)
	}
}

func TestForecastLeavesTheRunningStepOut(t *testing.T) {
	first, last := day.New(2024, time.January, 1), day.New(2024, time.July, 3)
	s := steady(t, first, last, weekly)
	s.exec(t, "DELETE FROM orders WHERE day = $1 AND at_us > $1::BIGINT * 86400000000 + 11 * 3600000000", int32(last))
	f := asked(t, s, ForecastQuestion{KPI: "orders", Unit: query.BucketDay})
	if f.LeftOut == nil || f.LeftOut.Start != last || f.Forecast[0].Start != last {
		t.Errorf("the running day is left out as %v, and expected from %v", f.LeftOut, f.Forecast[0].Start)
	}
	f = asked(t, s, ForecastQuestion{KPI: "orders", Unit: query.BucketWeek})
	if f.LeftOut == nil || f.LeftOut.Start != day.New(2024, time.July, 1) || f.History[0].Start != first {
		t.Errorf("the running week is left out as %v; history from %v", f.LeftOut, f.History[0].Start)
	}
	f = asked(t, s, ForecastQuestion{KPI: "orders", Unit: query.BucketWeek, AsOf: day.New(2024, time.June, 30)})
	if f.LeftOut != nil {
		t.Errorf("a whole week is left out: %v", f.LeftOut)
	}
}

func TestForecastKnowsClosedDaysAndBreaks(t *testing.T) {
	first, last := day.New(2023, time.January, 2), day.New(2024, time.June, 30)
	fall, silent := day.New(2024, time.April, 1), day.New(2024, time.May, 15)
	s := steady(t, first, last, func(d day.Day) int {
		n := weekly(d)
		switch {
		case d.Time().Weekday() == time.Sunday || d == silent:
			return 0
		case d >= fall:
			n = n * 6 / 10
		}
		return n + int(uint32(d)*2654435761>>29) - 4 // some noise, the same each time
	})
	f := asked(t, s, ForecastQuestion{KPI: "revenue", Unit: query.BucketDay, Market: "GB"})
	if !slices.Equal(f.Closed, []string{"Sunday"}) {
		t.Errorf("closed on %v", f.Closed)
	}
	for _, p := range f.Forecast {
		if sunday := p.Start.Time().Weekday() == time.Sunday; p.Closed != sunday || sunday && p.High95 != 0 {
			t.Errorf("%+v", p)
		}
	}
	if !slices.ContainsFunc(f.Changes, func(c ForecastChange) bool {
		return c.Start >= fall-2 && c.Start <= fall+2 && math.Abs(c.After/c.Before-0.6) < 0.1 && strings.Contains(c.Sentences["en"], "lower since")
	}) {
		t.Errorf("the fall of 1 April is not among %+v", f.Changes)
	}
	if !slices.ContainsFunc(f.Anomalies, func(a ForecastAnomaly) bool { return a.Start == silent && a.Value == 0 }) {
		t.Errorf("the day without orders is not among %+v", f.Anomalies)
	}
}

func TestForecastSaysWhatIsMissing(t *testing.T) {
	s := steady(t, day.New(2024, time.June, 1), day.New(2024, time.June, 20), weekly)
	for _, c := range []struct {
		ask    ForecastQuestion
		reason string
	}{
		{ForecastQuestion{KPI: "revenue", Unit: query.BucketDay}, "insight.series_short"},
		{ForecastQuestion{KPI: "revenue", Unit: query.BucketMonth}, "insight.series_short"},
		{ForecastQuestion{KPI: "revenue", Unit: query.BucketWeek, Market: "XX"}, "insight.no_market_orders"},
		{ForecastQuestion{KPI: "profit"}, "insight.no_such_kpi"},
		{ForecastQuestion{KPI: "orders", Unit: "year"}, "insight.bad_unit"},
		{ForecastQuestion{KPI: "orders", Unit: query.BucketMonth, Horizon: 99}, "insight.bad_horizon"},
	} {
		c.ask.AsOf = day.Unknown
		_, err := s.service().Forecast(context.Background(), c.ask)
		var f *fault.Fault
		if !errors.As(err, &f) || f.Reason != c.reason {
			t.Errorf("%+v: %v, want %s", c.ask, err, c.reason)
		}
	}
	_, err := s.service().Forecast(context.Background(), ForecastQuestion{KPI: "revenue", Unit: query.BucketDay, AsOf: day.Unknown})
	if err == nil || !strings.Contains(err.Error(), "20 complete days of orders, and a forecast by day needs 28: 8 are missing") {
		t.Error(err)
	}
}

// The parts of a course add up to what the KPIs say of the same days.
func TestCourseAgreesWithKPI(t *testing.T) {
	s := busy(t)
	for _, unit := range []query.Bucket{query.BucketWeek, query.BucketMonth} {
		svc := s.service()
		sc, err := svc.scope(context.Background(), day.Unknown, "KR")
		if err != nil {
			t.Fatal(err)
		}
		c, err := svc.course(context.Background(), sc, unit)
		if err != nil {
			t.Fatal(err)
		}
		kpi, err := svc.KPI(context.Background(), KPIQuestion{From: c.start, To: c.step(len(c.steps)) - 1, AsOf: day.Unknown, Market: "KR", Bucket: unit})
		if err != nil {
			t.Fatal(err)
		}
		if len(kpi.Series) != len(c.steps) {
			t.Fatalf("%s: %d steps, the KPIs have %d", unit, len(c.steps), len(kpi.Series))
		}
		for i, p := range kpi.Series {
			v := c.steps[i]
			if p.Start != c.step(i) || p.Orders != v.orders || p.Customers != v.customers || p.Revenue.Minor != v.revenue || p.NewCustomers != v.fresh {
				t.Errorf("%s %s: %+v, the KPIs say %+v", unit, p.Start, v, p)
			}
		}
	}
}

func TestOverviewTellsWhatBroke(t *testing.T) {
	first, last := day.New(2023, time.January, 2), day.New(2024, time.June, 30)
	fall := day.New(2024, time.April, 29)
	s := steady(t, first, last, func(d day.Day) int {
		n := weekly(d) + int(uint32(d)*2654435761>>29) - 4
		if d >= fall {
			n = n * 6 / 10
		}
		return n
	})
	got, err := s.service().Overview(context.Background(), day.Unknown, "", 90)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Findings) == 0 {
		t.Fatal("a fall by two fifths is no finding")
	}
	f := got.Findings[0]
	if f.Kind != FigureChanged || f.Severity != "bad" || f.Evidence == nil || f.Evidence.Start != fall || f.Evidence.Unit != "week" || f.Sentences["ko"] == "" || f.Money.Minor <= 0 {
		t.Errorf("%+v %+v", f, f.Evidence)
	}
	quiet, err := s.service().Overview(context.Background(), fall-1, "", 90)
	if err != nil || len(quiet.Findings) > 0 {
		t.Errorf("before the fall: %+v, %v", quiet.Findings, err)
	}
}

// ofCustomers leaves out the findings about figures.
func ofCustomers(all []Finding) []Finding {
	return slices.DeleteFunc(slices.Clone(all), func(f Finding) bool { return f.Evidence != nil })
}
