package simulate_test

import (
	"math"
	"testing"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/simulate"
	"github.com/dangol/dangol/models/btyd"
)

// TestTheTruthCanBeFoundAgain fits the models to what a shop would see, and holds them against what only the simulation
// knows: the process is found to be MBG/NBD, and as many customers are held to be alive as are.
func TestTheTruthCanBeFoundAgain(t *testing.T) {
	t.Parallel()
	s := shop(t, simulate.Options{})
	truth := s.Truth()
	for i, m := range s.Markets {
		patterns := histories(s, i)
		grouped, _ := btyd.Group(patterns)
		fits := map[btyd.Model]*btyd.Fitted{}
		for _, model := range []btyd.Model{btyd.BGNBD, btyd.MBGNBD, btyd.ParetoNBD} {
			f, err := btyd.Fit(model, grouped, btyd.Options{})
			if err != nil {
				t.Fatal(err)
			}
			fits[model] = f
		}
		best := fits[btyd.MBGNBD]
		if best.LogLik < fits[btyd.BGNBD].LogLik || best.LogLik < fits[btyd.ParetoNBD].LogLik {
			t.Errorf("%s: the true model is not the likeliest: %f, BG/NBD %f, Pareto/NBD %f", m.Country, best.LogLik, fits[btyd.BGNBD].LogLik, fits[btyd.ParetoNBD].LogLik)
		}
		near(t, m.Country+" r/alpha", best.Params[0]/best.Params[1], m.Process.R/m.Process.AlphaDays, 0.10)
		near(t, m.Country+" r", best.Params[0], m.Process.R, 0.15)
		alive := 0.0
		for _, p := range patterns {
			alive += best.PAlive(p)
		}
		near(t, m.Country+" customers alive", alive, float64(truth.Markets[i].Alive), 0.05)
	}
}

// TestSpendTellsNothingOfFrequency holds the simulated shop to the assumption of the gamma-gamma model, also when its
// three markets are counted in one currency.
func TestSpendTellsNothingOfFrequency(t *testing.T) {
	t.Parallel()
	s := shop(t, simulate.Options{})
	rates, err := market.NewRates(simulate.Base, simulate.BaseRates())
	if err != nil {
		t.Fatal(err)
	}
	var n, sx, sy, sxx, syy, sxy float64
	for i, m := range s.Markets {
		b := s.Branches[i]
		spent := make([]float64, len(b.Customers))
		for j := range b.Orders {
			o := &b.Orders[j]
			if o.Kind == event.Purchase {
				won, err := rates.Convert(market.New(o.AmountMinor(), m.Currency))
				if err != nil {
					t.Fatal(err)
				}
				spent[o.Customer] += float64(won)
			}
		}
		for j, c := range b.Customers {
			if c.Orders < 2 {
				continue
			}
			x, y := float64(c.Orders), spent[j]/float64(c.Orders)
			n, sx, sy, sxx, syy, sxy = n+1, sx+x, sy+y, sxx+x*x, syy+y*y, sxy+x*y
		}
	}
	r := (sxy - sx*sy/n) / math.Sqrt((sxx-sx*sx/n)*(syy-sy*sy/n))
	t.Logf("correlation of orders and mean spend over all markets: %.3f", r)
	if math.Abs(r) > 0.1 {
		t.Errorf("the correlation of orders and mean spend is %.3f, want nearly none", r)
	}
}

// histories is what a shop sees of one market's customers: their days with an order, up to the last.
func histories(s *simulate.Shop, at int) []btyd.Pattern {
	b := s.Branches[at]
	days := make([][]int32, len(b.Customers))
	for i := range b.Orders {
		o := &b.Orders[i]
		seen := days[o.Customer]
		if o.Kind != event.Purchase || len(seen) > 0 && seen[len(seen)-1] == int32(o.Day) {
			continue
		}
		days[o.Customer] = append(seen, int32(o.Day))
	}
	var patterns []btyd.Pattern
	for _, d := range days {
		if p, ok := btyd.Summarise(d, int32(s.Options.Last)); ok {
			patterns = append(patterns, p)
		}
	}
	return patterns
}
