package insight

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/query"
)

// returnDays is how long a customer has to come back when cohorts and markets are compared.
const returnDays = 90

// part is a set of customers: how many, what they spend in a year at their past pace, and how long
// ago they ordered.
type part struct {
	customers, yearly int64
	days              float64 // mean days since the last order
}

// comeback is how many of those who were won in a window of days came back within returnDays.
type comeback struct{ customers, back int64 }

// facts is all that findings are made of. They describe customer_state, so they hold for its as_of.
type facts struct {
	scope
	all           part
	spend         int64
	parts         map[string]part // by finding
	refunded      int64           // of those who return much
	refundedSpend int64
	topSpend      int64 // of the tenth who spent most
	topCustomers  int64
	topYearly     int64
	lateLeft      comeback // customers who are leaving; back counts a late last delivery
	lateStayed    comeback // the same of those who stay
	recent        comeback
	before        comeback
	byMarket      map[string]comeback
	secondMedian  sql.NullFloat64 // days from the first to the second purchase day
	secondMost    sql.NullFloat64 // three quarters of second orders have come by then
	expected      int64
	valued        bool
	alive         sql.NullFloat64
	orders        int64
}

// yearlySQL is what a customer spends in a year at her past pace; less than a year counts as a year.
const yearlySQL = `(s.spend * 365.0 / greatest(365, s.tenure_days + 1))`

// leavingSQL are the stages of those who are late by their own rhythm.
const leavingSQL = `s.lifecycle IN ('slipping', 'at_risk', 'one_time', 'lost')`

// partRules are the people behind the findings, under the slugs of the segments that hold them.
func partRules() map[string]query.Condition {
	away := query.Where("lifecycle", query.In, []string{"slipping", "at_risk"})
	return map[string]query.Condition{
		AtRiskValue:   query.All(query.Where("m", query.Ge, 4), away),
		CannotLose:    query.Where("rfm_group", query.Eq, query.CannotLose),
		WinBack:       query.All(query.Where("lifecycle", query.Eq, "lost"), query.Where("m", query.Ge, 4)),
		OneTimeBuyers: query.Where("lifecycle", query.Eq, "new"),
		ManyRefunds:   query.Where("refund_rate", query.Ge, 0.3),
		LateDelivery: query.All(query.Where("last_delivery_late", query.Eq, true),
			query.Where("lifecycle", query.In, []string{"slipping", "at_risk", "one_time"})),
	}
}

// facts gathers what the findings need: one pass over customer_state and one over the orders.
func (s *Service) facts(ctx context.Context, sc scope) (facts, error) {
	return cached(ctx, s, sc.key("facts"), func(ctx context.Context) (facts, error) {
		f := facts{scope: sc, parts: map[string]part{}, byMarket: map[string]comeback{}}
		if err := s.stateFacts(ctx, &f); err != nil {
			return f, err
		}
		if err := s.topFacts(ctx, &f); err != nil {
			return f, err
		}
		err := s.returnFacts(ctx, &f)
		return f, err
	})
}

// where restricts customer_state to the market of the scope.
func (sc scope) where(first int) (string, []any) {
	if sc.market == "" {
		return "", nil
	}
	return " WHERE s.last_market = $" + strconv.Itoa(first), []any{sc.market}
}

func (s *Service) stateFacts(ctx context.Context, f *facts) error {
	var alive sql.NullFloat64
	columns := []string{"count(*)", "coalesce(sum(s.spend), 0)::BIGINT", "coalesce(sum(s.orders), 0)::BIGINT", "coalesce(sum(s.expected_value_minor), 0)::BIGINT", "count(s.expected_value_minor)", "avg(s.p_alive)"}
	var valued int64
	into := []any{&f.all.customers, &f.spend, &f.orders, &f.expected, &valued, &alive}
	var args []any
	names := []string{AtRiskValue, CannotLose, WinBack, OneTimeBuyers, ManyRefunds, LateDelivery}
	found := make([]part, len(names))
	days := make([]sql.NullFloat64, len(names))
	rules := partRules()
	for i, name := range names {
		where, more, err := query.RenderCondition(rules[name], query.StateSchema(), s.dialect, "s", len(args)+1)
		if err != nil {
			return err
		}
		args = append(args, more...)
		columns = append(columns, "count(*) FILTER (WHERE "+where+")", "coalesce(sum("+yearlySQL+") FILTER (WHERE "+where+"), 0)::BIGINT", "avg(s.days_since_last_order) FILTER (WHERE "+where+")")
		into = append(into, &found[i].customers, &found[i].yearly, &days[i])
	}
	for _, c := range []struct {
		into  *int64
		where string
	}{
		{&f.lateLeft.customers, leavingSQL + " AND s.last_delivery_late IS NOT NULL"},
		{&f.lateLeft.back, leavingSQL + " AND s.last_delivery_late"},
		{&f.lateStayed.customers, "NOT " + leavingSQL + " AND s.last_delivery_late IS NOT NULL"},
		{&f.lateStayed.back, "NOT " + leavingSQL + " AND s.last_delivery_late"},
	} {
		columns = append(columns, "count(*) FILTER (WHERE "+c.where+")")
		into = append(into, c.into)
	}
	columns = append(columns, "coalesce(sum(s.refunds) FILTER (WHERE s.refund_rate >= 0.3), 0)::BIGINT", "coalesce(sum(s.spend) FILTER (WHERE s.refund_rate >= 0.3), 0)::BIGINT")
	into = append(into, &f.refunded, &f.refundedSpend)
	where, more := f.where(len(args) + 1)
	err := s.each(ctx, "SELECT "+strings.Join(columns, ", ")+" FROM customer_state s"+where, append(args, more...), func(scan scanner) error { return scan(into...) })
	for i, name := range names {
		found[i].days = days[i].Float64
		f.parts[name] = found[i]
	}
	f.valued, f.alive = valued > 0, alive
	return err
}

func (s *Service) topFacts(ctx context.Context, f *facts) error {
	f.topCustomers = (f.all.customers + 9) / 10
	where, args := f.where(1)
	text := "SELECT coalesce(sum(s.spend), 0)::BIGINT, coalesce(sum(" + yearlySQL + "), 0)::BIGINT FROM (SELECT spend, tenure_days FROM customer_state s" + where +
		" ORDER BY spend DESC LIMIT " + strconv.FormatInt(f.topCustomers, 10) + ") s"
	return s.each(ctx, text, args, func(scan scanner) error { return scan(&f.topSpend, &f.topYearly) })
}

// Windows of first orders: those won lately who have had time to come back, and the same days a year
// before, so that the season is the same.
func (f *facts) windows() (recent, before [2]day.Day) {
	to := f.asOf - returnDays
	return [2]day.Day{to - returnDays + 1, to}, [2]day.Day{to - returnDays + 1 - 365, to - 365}
}

// returnFacts follows everyone from the first to the second purchase day.
func (s *Service) returnFacts(ctx context.Context, f *facts) error {
	recent, before := f.windows()
	n := func(d day.Day) string { return strconv.Itoa(int(d)) }
	in := func(w [2]day.Day) string { return "c.first BETWEEN " + n(w[0]) + " AND " + n(w[1]) }
	had := "c.first <= " + n(f.asOf-returnDays)
	back := "c.gap <= " + strconv.Itoa(returnDays)
	where, args := f.where(1)
	text := `WITH second AS (SELECT o.customer_key, min(o.day) AS day FROM orders o JOIN customer_state s ON s.customer_key = o.customer_key
  WHERE o.kind = 1 AND o.day > s.first_order_day AND o.day <= ` + n(f.asOf) + ` GROUP BY o.customer_key),
c AS (SELECT s.first_order_day AS first, s.first_market AS market, d.day - s.first_order_day AS gap FROM customer_state s LEFT JOIN second d ON d.customer_key = s.customer_key` + where + `)
SELECT c.market, count(*) FILTER (WHERE ` + had + `), count(*) FILTER (WHERE ` + had + ` AND ` + back + `),
  count(*) FILTER (WHERE ` + in(recent) + `), count(*) FILTER (WHERE ` + in(recent) + ` AND ` + back + `),
  count(*) FILTER (WHERE ` + in(before) + `), count(*) FILTER (WHERE ` + in(before) + ` AND ` + back + `),
  (SELECT quantile_cont(gap, 0.5) FROM c), (SELECT quantile_cont(gap, 0.75) FROM c)
FROM c GROUP BY c.market`
	return s.each(ctx, text, args, func(scan scanner) error {
		var name string
		var m, r, b comeback
		if err := scan(&name, &m.customers, &m.back, &r.customers, &r.back, &b.customers, &b.back, &f.secondMedian, &f.secondMost); err != nil {
			return err
		}
		if name != "" && f.market == "" {
			f.byMarket[name] = m
		}
		f.recent, f.before = f.recent.plus(r), f.before.plus(b)
		return nil
	})
}

func (c comeback) plus(d comeback) comeback {
	return comeback{c.customers + d.customers, c.back + d.back}
}

func (c comeback) share() float64 { return ratio(c.back, c.customers) }
