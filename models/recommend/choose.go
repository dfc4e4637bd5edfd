package recommend

import (
	"errors"
	"fmt"
	"slices"
)

// Backtest says how Choose goes about it.
type Backtest struct {
	// Cut is the day from which on is held back, for everybody alike, as
	// [Interactions.SplitAt] does with Horizon. With a Horizon of 0 each person's
	// last day is held back instead, as [Interactions.SplitLast] does.
	Cut, Horizon int32
	// Judgement is what counts: NDCG at its K, under its rules.
	Judgement Judgement
	// Candidates are tried besides popularity and the recent trend; [Candidates]
	// by default.
	Candidates []Options
	// Features are what the blend may use; AllFeatures by default. Those of
	// components that are not among the candidates are left out.
	Features []Feature
	// MostCases bounds the people that are judged; 4,000, taken evenly.
	MostCases int
	Catalogue []Product
	Seed      uint64
	Workers   int
}

// Candidates are the settings that Choose tries where none are given, for a
// number of items.
func Candidates(items int) []Options {
	list := []Options{{Kind: Habit}}
	for _, n := range []Neighbours{
		{Measure: BM25, K: 20, K1: 5, B: 0.25},
		{Measure: BM25, K: 50},
		{Measure: TFIDF, K: 20},
		{Measure: Cosine, K: 20},
		{Measure: Lift, K: 20, Shrink: 50},
	} {
		list = append(list, Options{Kind: ItemItem, Neighbours: n})
	}
	if items <= (EASE{}).filled().MostItems {
		for _, lambda := range []float64{150, 500, 1500} {
			list = append(list, Options{Kind: Linear, EASE: EASE{Lambda: lambda}})
		}
	}
	for _, a := range []ALS{
		{Factors: 64, Regularisation: 3},
		{Factors: 64, Regularisation: 10},
		{Factors: 64, Regularisation: 10, Scale: 0.5},
		{Factors: 64, Regularisation: 20, Scale: 0.5, Alpha: 4},
		{Factors: 128, Regularisation: 10},
	} {
		a.Steps = 3 // as good as exact sweeps, at a fraction of the cost
		list = append(list, Options{Kind: Factors, ALS: a})
	}
	return list
}

// Trial is what one set of options reached on the days held back.
type Trial struct {
	Name    string
	Options Options
	Quality *Quality
}

// Choice is the outcome of a backtest.
type Choice struct {
	// Options are the winner's; Fit them on everything.
	Options Options
	Trials  []Trial // in the order of trying, the blend last
	Winner  int     // its place in Trials
	// Gain is by how much NDCG the winner is better than the one it had to beat.
	Gain   Figure
	Beaten int
	// Reason is a sentence.
	Reason string
}

// Choose finds the model and the settings by holding back the last days of the
// interactions, and nothing that is not in them: to judge the winner, hold its
// own days back first. The blend is judged on people who had no part in
// finding its weights (two halves, each with the other's weights). A richer
// model wins only when it is surely better, the interval of the person-by-person
// difference being above zero: any model against popularity, and the blend
// against the best of the single ones.
func Choose(in *Interactions, b Backtest) (*Choice, error) {
	if in == nil || len(in.lines) == 0 {
		return nil, errors.New("choose: no purchases to learn from")
	}
	past, held, err := b.split(in)
	if err != nil {
		return nil, err
	}
	if b.MostCases == 0 {
		b.MostCases = 4000
	}
	if b.Candidates == nil {
		b.Candidates = Candidates(len(in.items))
	}
	b.Judgement.Workers = b.Workers
	c := &Choice{}
	best, parts, cases := map[Kind]int{}, map[Kind]*Model{}, []Case(nil)
	for _, o := range append([]Options{{Kind: Popularity}, {Kind: Trending}}, b.Candidates...) {
		if o.Kind == Blend || o.Kind == "" {
			return nil, errors.New("choose: a blend is no candidate; it is made from the best of the others")
		}
		o.Catalogue, o.Seed, o.Workers = b.Catalogue, b.Seed, b.Workers
		m, err := Fit(past, o)
		if err != nil {
			return nil, fmt.Errorf("choose: %s: %w", o.Kind, err)
		}
		if len(c.Trials) == 0 {
			held = thinned(held, b.MostCases)
			cases = relevant(m, held, b.Judgement.Rules)
		}
		q, err := Evaluate(m, cases, b.Judgement)
		if err != nil {
			return nil, fmt.Errorf("choose: %s: %w", o.Kind, err)
		}
		c.Trials = append(c.Trials, Trial{m.options.name(), m.options, q})
		if at, ok := best[o.Kind]; !ok || q.NDCG.Value > c.Trials[at].Quality.NDCG.Value {
			best[o.Kind], parts[o.Kind] = len(c.Trials)-1, m
		}
	}
	if err := c.mix(past, parts, held, cases, best, b); err != nil {
		return nil, err
	}
	return c, c.decide(best, b.Judgement)
}

func (b Backtest) split(in *Interactions) (*Interactions, []Case, error) {
	if b.Horizon > 0 {
		return in.SplitAt(b.Cut, b.Horizon)
	}
	past, cases, err := in.SplitLast(2)
	if err == nil && len(past.lines) == 0 {
		err = errors.New("choose: nothing is left to learn from")
	}
	return past, cases, err
}

// thinned takes at most n cases, evenly.
func thinned(cases []Case, n int) []Case {
	if len(cases) <= n {
		return cases
	}
	list := make([]Case, n)
	for i := range list {
		list[i] = cases[i*len(cases)/n]
	}
	return list
}

// mix tries the blend of the best of each kind.
func (c *Choice) mix(past *Interactions, parts map[Kind]*Model, held, cases []Case, best map[Kind]int, b Backtest) error {
	m := parts[Popularity].joined(past, parts)
	features := slices.Clone(b.Features)
	if features == nil {
		features = slices.Clone(AllFeatures)
	}
	for _, f := range features {
		if !slices.Contains(AllFeatures, f) {
			return fmt.Errorf("choose: no feature is called %q", f)
		}
	}
	features = slices.DeleteFunc(features, func(f Feature) bool {
		return (f == FromEASE && m.ease == nil) || (f == FromALS && m.als == nil) || (f == FromNeighbours && m.near == nil)
	})
	if len(features) == 0 {
		return errors.New("choose: none of the features that the blend may use was fitted; name candidates of their kinds")
	}
	folds, err := m.weigh(held, features, b.Judgement.Rules)
	if err != nil {
		return err
	}
	q, err := evaluate(m, cases, b.Judgement, func(m *Model, p *person, k, n int) []scored {
		p.terms = folds[n%len(folds)]
		defer func() { p.terms = nil }()
		return m.best(p, k, b.Judgement.Rules)
	})
	if err != nil {
		return fmt.Errorf("choose: blend: %w", err)
	}
	c.Trials = append(c.Trials, Trial{m.options.name(), m.options, q})
	best[Blend] = len(c.Trials) - 1
	return nil
}

// joined is a blend, without weights yet, of models that were fitted on the
// same interactions. It counts and forgets as the first of them does; one that
// counts otherwise is left out.
func (m *Model) joined(past *Interactions, parts map[Kind]*Model) *Model {
	n := &Model{
		options: m.options, items: m.items, segments: m.segments, warm: m.warm, known: m.known,
		sales: m.sales, renewal: m.renewal, shelf: m.shelf,
	}
	first := true
	for _, kind := range []Kind{Linear, Factors, ItemItem} {
		p := parts[kind]
		if p == nil || (!first && p.options.Count != n.options.Count) {
			continue
		}
		if first {
			n.options.Count, n.options.Forget, first = p.options.Count, p.options.Forget, false
		}
		switch kind {
		case Linear:
			n.ease, n.options.EASE = p.ease, p.options.EASE
		case Factors:
			n.als, n.options.ALS = p.als, p.options.ALS
		case ItemItem:
			n.near, n.options.Neighbours = p.near, p.options.Neighbours
		}
	}
	n.options.Kind = Blend
	n.ready()
	n.measure(past)
	return n
}

// FitMix finds a blend's weights on cases that were held back from the
// interactions, for both questions; o.Kind is taken for Blend. The model that
// is returned was fitted on the interactions without the cases; for use, fit
// its Options on everything.
func FitMix(past *Interactions, cases []Case, o Options) (*Model, error) {
	o.Kind = Blend
	o.Mix = &Mix{}
	for _, f := range AllFeatures {
		o.Mix.Any = append(o.Mix.Any, Term{Feature: f})
	}
	m, err := Fit(past, o)
	if err != nil {
		return nil, err
	}
	_, err = m.weigh(cases, AllFeatures, Rules{})
	return m, err
}

// weigh finds the weights of a blend's features on cases that were held back,
// and also gives, for the question that the rules ask, the weights for each
// half of the cases that count, found on the other half.
func (m *Model) weigh(cases []Case, features []Feature, rules Rules) ([][]Term, error) {
	all := func(int) bool { return true }
	mix := &Mix{}
	fresh := slices.DeleteFunc(slices.Clone(features), isHabit)
	workers := m.options.Workers
	of := m.gather(relevant(m, cases, Rules{Bought: AllowBought}), features, true, workers)
	if of.cases() == 0 {
		return nil, errors.New("mix: no case has anything to learn weights from; take an earlier cut or a longer horizon")
	}
	mix.Any = of.terms(features, all, workers)
	mix.New = mix.Any // should nobody have bought anything new
	if d := m.gather(relevant(m, cases, Rules{}), fresh, false, workers); d.cases() > 0 {
		mix.New = d.terms(fresh, all, workers)
		if !rules.anything() {
			of, features = d, fresh
		}
	}
	m.options.Mix = mix
	folds := make([][]Term, 2)
	for half := range folds {
		folds[half] = of.terms(features, func(c int) bool { return c%2 != half }, workers)
	}
	return folds, nil
}

// isHabit tells the features of what was already bought.
func isHabit(f Feature) bool { return slices.Index(AllFeatures, f) >= len(AllFeatures)-habits }

func (d *choices) terms(features []Feature, use func(int) bool, workers int) []Term {
	b, se := d.maximise(use, workers)
	list := make([]Term, len(features))
	for i, f := range features {
		list[i] = Term{f, b[i], se[i]}
	}
	return list
}

// decide names the winner.
func (c *Choice) decide(best map[Kind]int, j Judgement) error {
	value := func(i int) float64 { return c.Trials[i].Quality.NDCG.Value }
	plain, single := best[Popularity], best[Popularity]
	for i, t := range c.Trials {
		if t.Options.Kind != Blend && value(i) > value(single) {
			single = i
		}
	}
	c.Winner, c.Beaten = plain, plain
	c.Reason = "nothing was surely better than what is popular"
	for _, step := range []struct{ than, candidate int }{{plain, single}, {single, best[Blend]}} {
		if step.candidate == step.than {
			continue
		}
		against := step.than
		if c.Winner != step.than { // the single one did not pass
			against = c.Winner
		}
		d, err := Difference(c.Trials[against].Quality, c.Trials[step.candidate].Quality, j)
		if err != nil {
			return err
		}
		if d.Low > 0 {
			c.Beaten, c.Winner, c.Gain = against, step.candidate, d
			c.Reason = fmt.Sprintf("%s is better than %s for sure: NDCG@%d %.4f against %.4f, by %.4f to %.4f",
				c.Trials[step.candidate].Name, c.Trials[against].Name, c.Trials[against].Quality.K, value(step.candidate), value(against), d.Low, d.High)
		}
	}
	c.Options = c.Trials[c.Winner].Options
	return nil
}

// name tells kind and settings in a few words.
func (o Options) name() string {
	switch o.Kind {
	case ItemItem:
		return fmt.Sprintf("neighbours, %s, %d", o.Neighbours.Measure, o.Neighbours.K)
	case Linear:
		return fmt.Sprintf("EASE, lambda %g", o.EASE.Lambda)
	case Factors:
		return fmt.Sprintf("ALS, %d factors, regularisation %g, alpha %g, exponent %g", o.ALS.Factors, o.ALS.Regularisation, o.ALS.Alpha, o.ALS.Scale)
	}
	return string(o.Kind)
}
