package churn

import (
	"math"
)

// year is how far back the season is looked up.
const year = 365

// A market's season is known from seasonOrders expected orders; it moves rates by mostSeason at most, either way.
const (
	seasonOrders = 300
	mostSeason   = 1.6
)

// season is how fast people buy in the horizon after a cut, against their own rhythm, by market: what those who were customers a year before
// ordered in the same days, over what their rhythm promised. 1 where that is not known.
type season map[string]float64

func (s season) of(market string) float64 {
	if f, known := s[market]; known {
		return f
	}
	if f, known := s[""]; known {
		return f
	}
	return 1
}

// seasons compares, for those who were customers on a day, the horizon after it with what their rhythm promised then.
func seasons(b *book, then, horizon int32, p *pace) season {
	if p.All == nil {
		return nil
	}
	type sums struct{ promised, came float64 }
	byMarket := map[uint16]*sums{}
	all := &sums{}
	every := max(1, len(b.keys)/paceRows)
	for i := 0; i < len(b.keys); i += every {
		list := b.of(i)
		pattern, market, ok := patternOf(until(list, then), then)
		if !ok {
			continue
		}
		process := p.Markets[b.markets.words[market]]
		if process == nil {
			process = p.All
		}
		promised, came := process.ConditionalExpected(pattern, float64(horizon)), daysIn(list, then, then+horizon)
		if byMarket[market] == nil {
			byMarket[market] = &sums{}
		}
		for _, s := range []*sums{all, byMarket[market]} {
			s.promised += promised
			s.came += came
		}
	}
	out := season{}
	for market, s := range byMarket {
		if s.promised >= seasonOrders {
			out[b.markets.words[market]] = bounded(s.came / s.promised)
		}
	}
	if all.promised >= seasonOrders {
		out[""] = bounded(all.came / all.promised)
	}
	return out
}

func bounded(x float64) float64 { return min(max(x, 1/mostSeason), mostSeason) }

// daysIn counts purchase days after one day, up to another.
func daysIn(list []happening, after, last int32) float64 {
	n, before := 0.0, int32(math.MinInt32)
	for i := range list {
		if h := &list[i]; !h.refund && h.day > after && h.day <= last && h.day != before {
			n, before = n+1, h.day
		}
	}
	return n
}
