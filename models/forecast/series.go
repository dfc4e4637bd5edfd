package forecast

import (
	"math"
	"slices"
	"time"
)

// Step is the distance of two values of a series.
type Step string

// The steps. A week is the seven days from its date, a month the calendar
// month that its date lies in.
const (
	Day   Step = "day"
	Week  Step = "week"
	Month Step = "month"
)

// Kind says what values are possible.
type Kind string

// The kinds.
const (
	Any    Kind = ""       // any number
	Amount Kind = "amount" // from 0 up: money, minutes
	Count  Kind = "count"  // whole numbers from 0 up: orders, customers
)

// Series is a figure over time. Values are in order, one a step from Start;
// NaN is a value that is not known. Only the date of Start counts.
type Series struct {
	Start  time.Time
	Step   Step
	Kind   Kind
	Values []float64
}

// Holiday is a day, or days moving from year to year, that changes the figure,
// together with the days around it. Name the dates to come as well: a holiday
// without a date in the future has no effect on the forecast.
type Holiday struct {
	Name          string
	Dates         []time.Time
	Before, After int // days around each date with effects of their own
}

// Calendar is what is known of days, past and to come. On closed days nothing
// can happen: past values there are not looked at, and the forecast is 0.
// Closed days apply to series by day.
type Calendar struct {
	Holidays       []Holiday
	ClosedWeekdays []time.Weekday
	ClosedDates    []time.Time
}

// limits keep mistakes from becoming hours of work.
const (
	maxValues  = 20000
	maxHorizon = 3660
	maxAround  = 31
	maxSize    = 1e100
)

func (s *Series) check() error {
	switch s.Step {
	case Day, Week, Month:
	default:
		return fail(InvalidOption, "the step is %q; it is day, week or month", s.Step)
	}
	switch s.Kind {
	case Any, Amount, Count:
	default:
		return fail(InvalidOption, "the kind is %q; it is amount, count or empty for any number", s.Kind)
	}
	if s.Start.IsZero() {
		return fail(InvalidData, "the series has no start; give the date of its first value")
	}
	if err := checkValues(s.Values); err != nil {
		return err
	}
	for i, v := range s.Values {
		if s.Kind != Any && v < 0 {
			return failAt(i, "value %d (%s) is %v, and a %s is not negative; correct it, mark it NaN, or set no kind",
				i, s.Date(i).Format(time.DateOnly), v, s.Kind)
		}
	}
	return nil
}

// checkValues wants finite numbers or NaN, and at least one of the first.
func checkValues(values []float64) error {
	if len(values) > maxValues {
		return fail(InvalidData, "the series has %d values; at most %d are taken, so use weeks or months, or its last part", len(values), maxValues)
	}
	known := 0
	for i, v := range values {
		if math.Abs(v) > maxSize {
			return failAt(i, "value %d is %v; values are finite numbers, or NaN where not known", i, v)
		}
		if !math.IsNaN(v) {
			known++
		}
	}
	if known == 0 {
		return fail(InvalidData, "the series holds no known value, so there is nothing to continue")
	}
	return nil
}

func (c *Calendar) check() error {
	for _, h := range c.Holidays {
		if h.Before < 0 || h.After < 0 || h.Before > maxAround || h.After > maxAround {
			return fail(InvalidOption, "the holiday %q reaches %d days back and %d ahead; both are between 0 and %d", h.Name, h.Before, h.After, maxAround)
		}
	}
	for _, d := range c.ClosedWeekdays {
		if d < time.Sunday || d > time.Saturday {
			return fail(InvalidOption, "the closed weekday is %d; weekdays run from 0, Sunday, to 6", d)
		}
	}
	return nil
}

// Date is the date of value i, which may lie after the last.
func (s *Series) Date(i int) time.Time {
	y, m, d := s.Start.Date()
	switch s.Step {
	case Week:
		return time.Date(y, m, d+7*i, 0, 0, 0, 0, time.UTC)
	case Month:
		return time.Date(y, m+time.Month(i), 1, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(y, m, d+i, 0, 0, 0, 0, time.UTC)
}

// dayNumber counts days from 1970.
func dayNumber(t time.Time) int {
	y, m, d := t.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// year is the length of a year in steps.
func (s Step) year() float64 {
	switch s {
	case Day:
		return 365.25
	case Week:
		return 365.25 / 7
	}
	return 12
}

// season is the length of the season that exponential smoothing follows; longer
// ones are left to the regression.
func (s Step) season() int {
	switch s {
	case Day:
		return 7
	case Month:
		return 12
	}
	return 1
}

// damping is the share of the slope that a step to come keeps: half of it is
// left after about a year.
func (s Step) damping() float64 { return math.Pow(0.5, 1/s.year()) }

// closed tells of each of n steps whether nothing can happen.
func (s *Series) closed(c *Calendar, n int) []bool {
	out := make([]bool, n)
	if s.Step != Day || len(c.ClosedWeekdays)+len(c.ClosedDates) == 0 {
		return out
	}
	dates := map[int]bool{}
	for _, d := range c.ClosedDates {
		dates[dayNumber(d)] = true
	}
	for i := range out {
		date := s.Date(i)
		out[i] = dates[dayNumber(date)] || slices.Contains(c.ClosedWeekdays, date.Weekday())
	}
	return out
}

// opened is the series with NaN on closed days, from its first known value on.
func (s *Series) opened(c *Calendar) (Series, error) {
	out := *s
	out.Values = slices.Clone(s.Values)
	for i, shut := range s.closed(c, len(s.Values)) {
		if shut {
			out.Values[i] = math.NaN()
		}
	}
	first := slices.IndexFunc(out.Values, func(v float64) bool { return !math.IsNaN(v) })
	if first < 0 {
		return out, fail(InvalidData, "every known value lies on a closed day; correct the calendar")
	}
	out.Start, out.Values = out.Date(first), out.Values[first:]
	return out, nil
}

// count is the number of known values.
func count(values []float64) int {
	n := 0
	for _, v := range values {
		if !math.IsNaN(v) {
			n++
		}
	}
	return n
}

// known leaves the NaN out.
func known(values []float64) []float64 {
	out := make([]float64, 0, len(values))
	for _, v := range values {
		if !math.IsNaN(v) {
			out = append(out, v)
		}
	}
	return out
}
