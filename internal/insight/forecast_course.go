package insight

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/query"
	"github.com/dangol/dangol/models/forecast"
)

// course is what a market sold in each complete step of a unit.
type course struct {
	unit     query.Bucket
	market   string
	currency string
	grid     query.KPI // tells the steps' days
	start    day.Day
	offset   int // of the grid's bucket that is step 0
	steps    []sold
	running  *sold // the step that is not complete
	places   []string
}

// sold is what happened in a step.
type sold struct {
	orders, customers, revenue, fresh int64
	latest                            int64 // microseconds from the step's first midnight, in UTC, to its last order
}

func (v sold) value(kpi, currency string) float64 {
	switch kpi {
	case kpiRevenue:
		return market.New(v.revenue, currency).Float()
	case kpiActive:
		return float64(v.customers)
	case kpiNew:
		return float64(v.fresh)
	case kpiAverage:
		if v.orders == 0 {
			return math.NaN()
		}
		return market.New(rounded(v.revenue, v.orders), currency).Float()
	}
	return float64(v.orders)
}

func (c *course) values(kpi string) []float64 {
	out := make([]float64, len(c.steps))
	for i, v := range c.steps {
		out[i] = v.value(kpi, c.currency)
	}
	return out
}

// step is the first day of a step.
func (c *course) step(i int) day.Day { return c.grid.BucketStart(c.offset + i) }

// reach is how many days back orders are looked at: what the models take, and the steps of a year for who is new.
const reach = 11 * 366

// course asks what was sold in each step, up to the scope's day.
func (s *Service) course(ctx context.Context, sc scope, unit query.Bucket) (*course, error) {
	return cached(ctx, s, sc.key("course", unit), func(ctx context.Context) (*course, error) {
		to := min(sc.asOf, sc.last)
		from := max(sc.first, to-reach)
		if unit == query.BucketDay {
			from = max(from, to-day.Day(stepsOf[unit].most)-1)
		}
		c := &course{unit: unit, market: sc.market, currency: sc.currency, grid: query.KPI{From: from, To: to, Bucket: unit}, places: sc.markets}
		if sc.market != "" {
			c.places = []string{sc.market}
		}
		all := make([]sold, c.grid.Buckets())
		first, last := -1, day.Unknown
		text, args := courseSQL(c.grid, sc.market)
		err := s.each(ctx, text, args, func(scan scanner) error {
			var at int
			var v sold
			var begun, ended int32
			if err := scan(&at, &v.orders, &v.customers, &v.revenue, &v.fresh, &v.latest, &begun, &ended); err != nil {
				return err
			}
			all[at] = v
			if first < 0 {
				first = at
				from = max(from, day.Day(begun))
			}
			last = max(last, day.Day(ended))
			return nil
		})
		if err != nil {
			return nil, err
		}
		if first < 0 {
			return nil, fault.Newf(fault.NotFound, "insight.no_market_orders", "there are no orders of the market %q", sc.market).
				At(fault.Place{Field: "market", Value: sc.market}).Then("Choose a market of GET /v1/status.")
		}
		ragged, err := s.ragged(ctx, sc, to)
		if err != nil {
			return nil, err
		}
		if ragged {
			to--
		}
		c.offset = first
		if from > c.grid.BucketStart(first)+spare[unit] { // the first step began before the data
			c.offset++
		}
		end := len(all)
		if c.grid.BucketStart(end)-1 > to {
			end--
			c.running = &all[end]
		}
		c.steps = all[min(c.offset, end):end]
		c.start = c.step(0)
		return c, nil
	})
}

// spare is how many days a first step may have begun before the data: a month whose first days were holidays is whole.
var spare = map[query.Bucket]day.Day{query.BucketMonth: 2}

// courseSQL sums purchases by step. Buckets are counted from the grid's first.
func courseSQL(q query.KPI, marketName string) (text string, args []any) {
	where := "s.kind = 1 AND s.day <= $1"
	args = []any{int32(q.To), int32(q.BucketStart(0))}
	if marketName != "" {
		where += " AND s.market = $3"
		args = append(args, marketName)
	}
	bucket := func(d string) string { return d + " - $2" }
	switch q.Bucket {
	case query.BucketWeek:
		bucket = func(d string) string { return "(" + d + " - $2) // 7" }
	case query.BucketMonth:
		bucket = func(d string) string {
			return "date_diff('month', DATE '1970-01-01' + $2::INTEGER, DATE '1970-01-01' + " + d + ")"
		}
	}
	return "WITH sums AS (SELECT " + bucket("s.day") + " AS b, count(*) AS orders, count(DISTINCT s.customer_key) AS customers, sum(s.base_minor)::BIGINT AS revenue, " +
		"max(s.at_us - s.day::BIGINT * 86400000000) AS latest, min(s.day) AS begun, max(s.day) AS ended FROM orders s WHERE " + where + " AND s.day >= $2 GROUP BY b), " +
		"firsts AS (SELECT min(s.day) AS d FROM orders s WHERE " + where + " GROUP BY s.customer_key), " +
		"fresh AS (SELECT " + bucket("f.d") + " AS b, count(*) AS n FROM firsts f WHERE f.d >= $2 GROUP BY b) " +
		"SELECT s.b::INTEGER, s.orders, s.customers, s.revenue, coalesce(f.n, 0), s.latest, s.begun, s.ended FROM sums s LEFT JOIN fresh f ON f.b = s.b ORDER BY 1", args
}

// ragged tells whether the last day in the data is still running: its last order came earlier in the day than that of
// nearly any day of the four weeks before. Days whose orders all bear one time are taken as whole.
func (s *Service) ragged(ctx context.Context, sc scope, to day.Day) (bool, error) {
	if to < sc.last {
		return false, nil
	}
	var latest []int64
	now := int64(math.MinInt64)
	err := s.each(ctx, `SELECT day, max(at_us - day::BIGINT * 86400000000) FROM orders WHERE kind = 1 AND day >= $1 AND day <= $2 GROUP BY day`,
		[]any{int32(to - 28), int32(to)}, func(scan scanner) error {
			var d int32
			var at int64
			if err := scan(&d, &at); err != nil {
				return err
			}
			if day.Day(d) == to {
				now = at
			} else {
				latest = append(latest, at)
			}
			return nil
		})
	if err != nil || len(latest) < 8 || now == math.MinInt64 {
		return false, err
	}
	slices.Sort(latest)
	const minute = 60_000_000
	return now < latest[len(latest)/20]-minute, nil
}

// closedWeekdays are the weekdays on which as good as never an order came in the last half year, though others have some.
func (c *course) closedWeekdays() []time.Weekday {
	var seen, sold [7]int
	from := max(0, len(c.steps)-26*7)
	for i := from; i < len(c.steps); i++ {
		w := c.step(i).Time().Weekday()
		seen[w]++
		if c.steps[i].orders > 0 {
			sold[w]++
		}
	}
	var out []time.Weekday
	for w := range 7 {
		if seen[w] >= 4 && sold[w]*20 <= seen[w] {
			out = append(out, time.Weekday(w))
		}
	}
	if len(out) == 7 {
		return nil
	}
	return out
}

// mute tells of each day whether it had no order although its weekday, in the weeks around, always had many.
func (c *course) mute() []bool {
	out := make([]bool, len(c.steps))
	if c.unit != query.BucketDay {
		return out
	}
	const many = 8 // the chance of none is then below one in a thousand
	for i, v := range c.steps {
		if v.orders > 0 {
			continue
		}
		var around []int64
		for k := -8; k <= 8; k++ {
			if j := i + 7*k; j >= 0 && j < len(c.steps) && c.steps[j].orders > 0 {
				around = append(around, c.steps[j].orders)
			}
		}
		slices.Sort(around)
		out[i] = len(around) >= 4 && around[len(around)/2] >= many
	}
	return out
}

// silence takes days without orders, where many are usual, out of what is continued; what is watched keeps the first day
// of each such run, so that a run is one alarm.
func (c *course) silence(s *forecast.Series, watched []float64) {
	skipped := len(c.steps) - len(s.Values)
	mute := c.mute()[skipped:]
	for i := range s.Values {
		if !mute[i] {
			continue
		}
		s.Values[i] = math.NaN()
		if i > 0 && mute[i-1] {
			watched[i] = math.NaN()
		}
	}
}
