package simulate

import (
	"math"
	"sort"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/market"
)

// season is a market's calendar: how strongly each day sells, with a mean of one, and its running sum. Customers
// live in the running sum, where their rate is constant; a day's sales are then proportional to its weight.
type season struct {
	first  day.Day
	weight []float64
	until  []float64 // until[i] is the sum of the weights before day i; one longer than weight
}

func newSeason(m *Market, first, last day.Day) season {
	n := int(last-first) + 1
	s := season{first: first, weight: make([]float64, n), until: make([]float64, n+1)}
	festivals := map[market.FestivalName][]market.Festival{}
	for _, f := range market.Festivals(m.Country, first, last+31) {
		festivals[f.Name] = append(festivals[f.Name], f)
	}
	total := 0.0
	for i := range n {
		d := first + day.Day(i)
		t := d.Time()
		w := m.weekdays[t.Weekday()] * (1 + m.yearSwing*math.Cos(2*math.Pi*(float64(t.YearDay())-m.yearPeak)/365.25))
		for _, l := range m.lifts {
			for _, f := range festivals[market.FestivalName(l.festival)] {
				switch {
				case d >= f.Start && d < f.Start+day.Day(f.Days):
					w *= l.during
				case d < f.Start && d >= f.Start-day.Day(l.before):
					w *= l.ahead
				}
			}
		}
		s.weight[i] = w
		total += w
	}
	for i := range n {
		s.weight[i] *= float64(n) / total
		s.until[i+1] = s.until[i] + s.weight[i]
	}
	return s
}

// at is the day on which the running sum passes u, or day.Unknown after the end.
func (s *season) at(u float64) day.Day {
	i := sort.SearchFloat64s(s.until, u)
	if i >= len(s.until) {
		return day.Unknown
	}
	return s.first + day.Day(max(i-1, 0))
}

// end is the length of the warped calendar.
func (s *season) end() float64 { return s.until[len(s.until)-1] }

// arrivals is the running sum of new customers by day: the shop doubles its intake over the simulated time, in season.
func (s *season) arrivals() []float64 {
	n := len(s.weight)
	sum := make([]float64, n+1)
	for i, w := range s.weight {
		sum[i+1] = sum[i] + w*(2.0/3+2.0/3*float64(i)/float64(n))
	}
	return sum
}
