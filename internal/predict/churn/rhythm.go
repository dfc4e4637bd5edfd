package churn

import (
	"math"

	"github.com/dangol/dangol/models/btyd"
)

// pace is what is known of when people buy, learnt up to a day: a buy-till-you-die model for each market that has enough customers, and one
// for the others.
type pace struct {
	All     *btyd.Process            `json:"all"`
	Markets map[string]*btyd.Process `json:"markets,omitempty"`
}

// A market's own model needs ownPace customers; fitting takes paceRows of them at most.
const (
	ownPace  = 800
	paceRows = 60_000
)

// paces fits on what happened up to a cut. No model is nil where the data support none; then nothing is said.
func paces(b *book, cut int32) pace {
	p := pace{Markets: map[string]*btyd.Process{}}
	byMarket := map[uint16][]btyd.Pattern{}
	var all []btyd.Pattern
	every := max(1, len(b.keys)/paceRows)
	for i := 0; i < len(b.keys); i += every {
		pattern, market, ok := patternOf(until(b.of(i), cut), cut)
		if !ok {
			continue
		}
		all = append(all, pattern)
		byMarket[market] = append(byMarket[market], pattern)
	}
	p.All = fitPace(all)
	for market, patterns := range byMarket {
		if len(patterns) >= ownPace && len(byMarket) > 1 {
			if own := fitPace(patterns); own != nil {
				p.Markets[b.markets.words[market]] = own
			}
		}
	}
	return p
}

// fitPace takes the likelier of two models; both know that people leave.
func fitPace(patterns []btyd.Pattern) *btyd.Process {
	grouped, _ := btyd.Group(patterns)
	var best *btyd.Fitted
	for _, m := range []btyd.Model{btyd.MBGNBD, btyd.BGNBD} {
		f, err := btyd.Fit(m, grouped, btyd.Options{})
		if err == nil && f.Supported() && (best == nil || f.LogLik > best.LogLik) {
			best = f
		}
	}
	if best == nil {
		return nil
	}
	return &best.Process
}

// patternOf is a customer's history as those models see it: distinct purchase days.
func patternOf(list []happening, cut int32) (p btyd.Pattern, market uint16, ok bool) {
	first, last, n := int32(never), int32(never), 0
	for i := range list {
		h := &list[i]
		if h.refund {
			continue
		}
		if n == 0 {
			first = h.day
		}
		if n == 0 || h.day != last {
			n++
		}
		last, market = h.day, h.market
	}
	if n == 0 {
		return p, 0, false
	}
	return btyd.Pattern{X: n - 1, Tx: float64(last - first), T: float64(cut - first), N: 1}, market, true
}

// silent is the chance of no order in the horizon; NaN where nothing is known.
func (p *pace) silent(f *facts, market string, horizon float64) float64 {
	process := p.Markets[market]
	if process == nil {
		process = p.All
	}
	if process == nil {
		return math.NaN()
	}
	return process.ProbNoPurchase(f.pattern(), horizon)
}

func (f *facts) pattern() btyd.Pattern {
	return btyd.Pattern{X: f.repeats, Tx: float64(f.lastDay - f.firstDay), T: f.number[tenure], N: 1}
}

// odds are log-odds, within what can be learnt from.
func odds(p float64) float64 {
	p = min(max(p, 1e-6), 1-1e-6)
	return math.Log(p) - math.Log1p(-p)
}

func chance(z float64) float64 { return 1 / (1 + math.Exp(-z)) }
