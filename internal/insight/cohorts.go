package insight

import (
	"context"
	"slices"
	"time"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/query"
)

// CohortQuestion asks for cohorts.
type CohortQuestion struct {
	AsOf             day.Day
	Market, Category string
	By               query.Split
}

// Cohorts answers the report on cohorts.
func (s *Service) Cohorts(ctx context.Context, ask CohortQuestion) (Cohorts, error) {
	sc, err := s.scope(ctx, ask.AsOf, ask.Market)
	if err != nil {
		return Cohorts{}, err
	}
	if ask.By == "" {
		ask.By = query.SplitNone
	}
	q := query.Cohorts{AsOf: sc.asOf, Market: ask.Market, Category: ask.Category, By: ask.By}
	return cached(ctx, s, sc.key("cohorts", q), func(ctx context.Context) (Cohorts, error) { return s.cohorts(ctx, sc, q) })
}

// monthCounts is what a cohort did in one month.
type monthCounts struct{ active, revenue int64 }

// triangle is the months of each cohort: cohort month -> index -> counts.
type triangle map[int]map[int]monthCounts

func (t triangle) add(cohort, index int, c monthCounts) {
	if t[cohort] == nil {
		t[cohort] = map[int]monthCounts{}
	}
	m := t[cohort][index]
	t[cohort][index] = monthCounts{m.active + c.active, m.revenue + c.revenue}
}

func (t triangle) months() []int {
	var out []int
	for m := range t {
		out = append(out, m)
	}
	slices.Sort(out)
	return out
}

func (s *Service) cohorts(ctx context.Context, sc scope, q query.Cohorts) (Cohorts, error) {
	all, byKey := triangle{}, map[string]triangle{}
	err := s.ask(ctx, q, func(scan scanner) error {
		var cohort, index int
		var key string
		var c monthCounts
		if err := scan(&cohort, &key, &index, &c.active, &c.revenue); err != nil {
			return err
		}
		all.add(cohort, index, c)
		if byKey[key] == nil {
			byKey[key] = triangle{}
		}
		byKey[key].add(cohort, index, c)
		return nil
	})
	if err != nil {
		return Cohorts{}, err
	}
	out := Cohorts{AsOf: sc.asOf, Unit: "month", By: string(q.By), Categories: []string{}, Markets: append([]string{}, sc.markets...), Cohorts: []Cohort{}}
	err = s.each(ctx, `SELECT DISTINCT category FROM product WHERE category <> '' ORDER BY 1`, nil, func(scan scanner) error {
		var c string
		err := scan(&c)
		out.Categories = append(out.Categories, c)
		return err
	})
	if err != nil {
		return Cohorts{}, err
	}
	for _, month := range all.months() {
		out.Cohorts = append(out.Cohorts, sc.cohort(month, all[month]))
	}
	if q.By != query.SplitNone {
		for key, t := range byKey {
			out.Groups = append(out.Groups, sc.pool(key, t))
		}
		slices.SortFunc(out.Groups, func(a, b CohortGroup) int {
			if a.Size != b.Size {
				return int(b.Size - a.Size)
			}
			return map[bool]int{true: -1, false: 1}[a.Key < b.Key]
		})
	}
	return out, nil
}

// cohort lists every month from the first to as_of's, those without an order too.
func (sc scope) cohort(month int, months map[int]monthCounts) Cohort {
	start := monthStart(month)
	c := Cohort{Start: start, Label: start.Time().Format("Jan 2006"), Size: months[0].active}
	total := int64(0)
	now := sc.asOf.MonthIndex()
	for i := 0; month+i <= now; i++ {
		m := months[i]
		total += m.revenue
		c.Periods = append(c.Periods, CohortPeriod{
			Index: i, Active: m.active, Retention: ratio(m.active, c.Size), Revenue: sc.money(m.revenue),
			Cumulative: sc.money(rounded(total, c.Size)), Partial: month+i > sc.lastWholeMonth(),
		})
	}
	return c
}

// pool takes the cohorts of one key together, each month over those whose month is over.
func (sc scope) pool(key string, t triangle) CohortGroup {
	g := CohortGroup{Key: key, Periods: []CohortPeriod{}}
	months := t.months()
	for _, m := range months {
		g.Size += t[m][0].active
	}
	for i := 0; len(months) > 0 && months[0]+i <= sc.lastWholeMonth(); i++ {
		var size, active, revenue, total int64
		for _, m := range months {
			if m+i > sc.lastWholeMonth() {
				break
			}
			size += t[m][0].active
			active += t[m][i].active
			revenue += t[m][i].revenue
			for j := range i + 1 {
				total += t[m][j].revenue
			}
		}
		g.Periods = append(g.Periods, CohortPeriod{
			Index: i, Active: active, Retention: ratio(active, size), Revenue: sc.money(revenue), Cumulative: sc.money(rounded(total, size)),
		})
	}
	return g
}

// lastWholeMonth is the last month that is over on as_of.
func (sc scope) lastWholeMonth() int { return (sc.asOf + 1).MonthIndex() - 1 }

func monthStart(index int) day.Day {
	return day.New(1970+index/12, time.Month(1+index%12), 1)
}

// plural writes a count with its noun.
func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return market.FormatNumber(n) + " " + many
}
