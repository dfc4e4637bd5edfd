package forecast

import (
	"fmt"
	"math"
	"time"
)

// term is what a column of the regression stands for.
type term int

const (
	slope term = iota
	weekday
	annual
	holiday
)

// design makes the columns of a seasonal regression.
type design struct {
	series    *Series
	calendar  *Calendar
	rows      int // of the series; what lies beyond is damped
	damping   float64
	weekdays  []time.Weekday
	harmonics int
	knot      int // step at which the slope changes; -1 for none
	around    []dayOf
}

// dayOf is one day in the reach of a holiday, or all of them (whole).
type dayOf struct {
	holiday, offset int
	whole           bool
	days            map[int]bool
	name            string
}

func newDesign(s *Series, c *Calendar, damping float64) *design {
	d := &design{series: s, calendar: c, rows: len(s.Values), damping: damping, knot: -1}
	if s.Step == Day && d.rows >= 14 {
		seen := map[time.Weekday]bool{}
		for i, v := range s.Values {
			if !math.IsNaN(v) {
				seen[s.Date(i).Weekday()] = true
			}
		}
		for w := time.Sunday; w <= time.Saturday; w++ {
			if seen[w] {
				d.weekdays = append(d.weekdays, w)
			}
		}
		if len(d.weekdays) > 0 {
			d.weekdays = d.weekdays[1:] // the first is the yardstick
		}
	}
	for i, h := range c.Holidays {
		if s.Step != Day {
			d.add(dayOf{holiday: i, whole: true, name: h.Name})
			continue
		}
		for offset := -h.Before; offset <= h.After; offset++ {
			name := h.Name
			if offset != 0 {
				name = fmt.Sprintf("%s %+d", h.Name, offset)
			}
			d.add(dayOf{holiday: i, offset: offset, name: name})
		}
	}
	return d
}

// add keeps a holiday's day if the series has seen it on a known day: nothing
// can be learnt about the others.
func (d *design) add(h dayOf) {
	h.days = map[int]bool{}
	of := d.calendar.Holidays[h.holiday]
	for _, date := range of.Dates {
		from, to := h.offset, h.offset
		if h.whole {
			from, to = -of.Before, of.After
		}
		for k := from; k <= to; k++ {
			h.days[dayNumber(date)+k] = true
		}
	}
	for i, v := range d.series.Values {
		if !math.IsNaN(v) && d.days(h, i) > 0 {
			d.around = append(d.around, h)
			return
		}
	}
}

// days is how many days of step i are in the reach of a holiday.
func (d *design) days(h dayOf, i int) float64 {
	from := dayNumber(d.series.Date(i))
	if d.series.Step == Day {
		if h.days[from] {
			return 1
		}
		return 0
	}
	n := 0.0
	for day := from; day < dayNumber(d.series.Date(i+1)); day++ {
		if h.days[day] {
			n++
		}
	}
	return n
}

// moment is step i in years; beyond the series each step counts less, which
// damps the slope.
func (d *design) moment(i int) float64 {
	year := d.series.Step.year()
	if i < d.rows {
		return float64(i) / year
	}
	h := float64(i - d.rows + 1)
	if d.damping >= 1 {
		return (float64(d.rows-1) + h) / year
	}
	return (float64(d.rows-1) + d.damping*(1-math.Pow(d.damping, h))/(1-d.damping)) / year
}

// columns of the steps given, what each stands for, and its name.
func (d *design) columns(steps []int) (x [][]float64, terms []term, names []string) {
	column := func(what term, name string, at func(i int) float64) {
		values := make([]float64, len(steps))
		for j, i := range steps {
			values[j] = at(i)
		}
		x, terms, names = append(x, values), append(terms, what), append(names, name)
	}
	column(slope, "slope a year", d.moment)
	if d.knot >= 0 {
		bend := d.moment(d.knot)
		column(slope, "change of slope from "+d.series.Date(d.knot).Format(time.DateOnly), func(i int) float64 {
			return math.Max(0, d.moment(i)-bend)
		})
	}
	for _, w := range d.weekdays {
		column(weekday, w.String(), func(i int) float64 {
			if d.series.Date(i).Weekday() == w {
				return 1
			}
			return 0
		})
	}
	// Months and days are placed in the year by their number, so that the
	// harmonics of twelve months repeat exactly.
	year := d.series.Step.year()
	for k := 1; k <= d.harmonics; k++ {
		turn := 2 * math.Pi * float64(k) / year
		column(annual, fmt.Sprintf("year, cosine %d", k), func(i int) float64 { return math.Cos(turn * float64(i)) })
		if float64(2*k) != year {
			column(annual, fmt.Sprintf("year, sine %d", k), func(i int) float64 { return math.Sin(turn * float64(i)) })
		}
	}
	for _, h := range d.around {
		column(holiday, h.name, func(i int) float64 { return d.days(h, i) })
	}
	return x, terms, names
}
