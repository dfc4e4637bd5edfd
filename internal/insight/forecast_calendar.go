package insight

import (
	"slices"
	"time"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/query"
	"github.com/dangol/dangol/models/forecast"
)

// mainPlaces is how many of a shop's markets, by their orders, lend their festivals to the whole.
const mainPlaces = 3

// festivals of the markets between two days; one that several keep is one.
func (c *course) festivals(from, to day.Day) []market.Festival {
	var out []market.Festival
	for _, place := range c.places[:min(mainPlaces, len(c.places))] {
		country, ok := market.CountryOf(place)
		if !ok {
			continue
		}
		for _, f := range market.Festivals(country.Code, from, to) {
			if !slices.Contains(out, f) {
				out = append(out, f)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b market.Festival) int { return int(a.Start - b.Start) })
	return out
}

// block is some days of a festival with one effect: from and to count from its first day, and to, where it lies at or
// after the festival, from its last.
type block struct {
	name     string
	from, to int
}

// People buy before a feast, and order little during it and until parcels run again; they wait for a sale.
var (
	feast = []block{{" ahead", -18, -6}, {" near", -5, -1}, {"", 0, 0}, {" after", 1, 4}}
	sale  = []block{{" ahead", -3, -1}, {"", 0, 0}}
)

// calendar is what the models are told of days: festivals in blocks, past and to come, and weekdays without orders.
func (c *course) calendar(start day.Day) forecast.Calendar {
	var out forecast.Calendar
	to := c.step(len(c.steps)) + 3*366
	dates := map[string][]time.Time{}
	var names []string
	for _, f := range c.festivals(start-40, to) {
		blocks := feast
		if f.Name == market.BlackFriday || f.Name == market.Double11 {
			blocks = sale
		}
		for _, b := range blocks {
			first, last := f.Start+day.Day(b.from), f.Start+day.Day(b.to)
			if b.from > 0 {
				first += day.Day(f.Days - 1)
			}
			if b.to >= 0 {
				last += day.Day(f.Days - 1)
			}
			name := string(f.Name) + b.name
			if dates[name] == nil {
				names = append(names, name)
			}
			for d := first; d <= last; d++ {
				dates[name] = append(dates[name], d.Time())
			}
		}
	}
	for _, name := range names {
		out.Holidays = append(out.Holidays, forecast.Holiday{Name: name, Dates: dates[name]})
	}
	if c.unit == query.BucketDay {
		out.ClosedWeekdays = c.closedWeekdays()
		out.ClosedDates = c.closedDates()
	}
	return out
}

// closedDates are the days, past and to come, on which a shop that sells every day has kept closed each year: a day of a
// festival, or the same date in two years or more.
func (c *course) closedDates() []time.Time {
	type key struct {
		name string
		at   int
	}
	mute := c.mute()
	shut, open := map[key]int{}, map[key]int{}
	end := c.step(len(c.steps))
	fests := c.festivals(c.start-40, end+366)
	keys := func(d day.Day) []key {
		t := d.Time()
		out := []key{{"date", int(t.Month())*100 + t.Day()}}
		for _, f := range fests {
			if at := int(d - f.Start); at >= 0 && at < f.Days {
				out = append(out, key{string(f.Name), at})
			}
		}
		return out
	}
	for i := range c.steps {
		for _, k := range keys(c.step(i)) {
			if mute[i] {
				shut[k]++
			} else {
				open[k]++
			}
		}
	}
	var out []time.Time
	for d := c.start; d < end+366; d++ {
		if i := int(d - c.start); i < len(mute) && !mute[i] {
			continue
		}
		for _, k := range keys(d) {
			if open[k] == 0 && (shut[k] >= 2 || shut[k] == 1 && k.name != "date") {
				out = append(out, d.Time())
				break
			}
		}
	}
	return out
}

// fests are the festivals in the time shown.
func (f *figure) fests(horizon int) []ForecastFest {
	out := []ForecastFest{}
	from, to := day.Of(f.series.Start), day.Of(f.series.Date(len(f.series.Values)+horizon))-1
	for _, x := range f.festivals(from, to) {
		out = append(out, ForecastFest{string(x.Name), x.Start, x.Days})
	}
	return out
}

// shut tells of each step of the series whether the shop was closed.
func (f *figure) shut() []bool {
	out := make([]bool, len(f.series.Values))
	for i := range out {
		date := f.series.Date(i)
		out[i] = slices.Contains(f.calendar.ClosedWeekdays, date.Weekday()) || slices.ContainsFunc(f.calendar.ClosedDates, date.Equal)
	}
	return out
}
