package recommend

import (
	"math"
	"slices"
)

// Suggestion is a recommendation with the least that can be said of why:
// Feature lifts the item most above the average one (of a blend the term with
// the greatest weight × (value − value of the average item), else what the kind
// goes by; empty when nothing does), Because is the item she bought that speaks
// most for it, by EASE, neighbours, or the nearest factors; −1 for none.
type Suggestion struct {
	Recommendation
	Feature Feature
	Because int32
}

// Suggest answers several questions about one person at once: answer i is
// [Model.Recommend] with lengths[i] and rules[i]. [Model.Explain] says more.
func (m *Model) Suggest(h History, lengths []int, rules []Rules) ([][]Suggestion, error) {
	p := m.people.Get().(*person)
	defer m.people.Put(p)
	p.read(m, h)
	p.keep, p.kept = true, [3]bool{}
	defer func() { p.keep = false }()
	answers := make([][]Suggestion, len(rules))
	for i, r := range rules {
		if err := m.admits(r); err != nil {
			return nil, err
		}
		for _, s := range m.best(p, min(max(lengths[i], 1), len(m.items)), r) {
			of := Recommendation{s.item, m.items[s.item], float64(s.score)}
			answers[i] = append(answers[i], Suggestion{of, m.lifts(s.item, p, r.anything()), -1})
		}
		m.trace(answers[i], p)
	}
	return answers, nil
}

// components are those that explain at the least cost first.
var components = [3]Feature{FromEASE, FromNeighbours, FromALS}

// own is a feature of all items that is the person's own; it must not be
// written to. The three components are computed once a person where answers
// share them.
func (m *Model) own(f Feature, p *person) []float32 {
	at := slices.Index(components[:], f)
	if at < 0 || !p.keep {
		m.feature(p.part, f, p)
		return p.part
	}
	if !p.kept[at] {
		if p.own[at] == nil {
			p.own[at] = make([]float32, m.width())
		}
		m.feature(p.own[at], f, p)
		p.kept[at] = true
	}
	return p.own[at]
}

// lifts is the term that puts an item furthest above the average one.
func (m *Model) lifts(item int32, p *person, anything bool) Feature {
	bought := p.find(item)
	switch m.options.Kind {
	case Blend:
	case Trending:
		return Trend7
	default:
		if f := kindFeature[m.options.Kind]; f != "" && len(p.items) > 0 {
			return f
		} else if bought != nil && m.options.Kind == Habit {
			return Bought
		}
		return Popular
	}
	best, lift := Feature(""), 0.0
	for _, t := range m.terms(p, anything) {
		v := 0.0
		if isHabit(t.Feature) {
			if bought != nil {
				v = habit(t.Feature, bought, p)
			}
		} else if s := m.shared(t.Feature, p); s != nil {
			v = float64(s[item]) - math.Log1p(t.Feature.soft())
		} else {
			v = float64(m.own(t.Feature, p)[item]) - math.Log1p(t.Feature.soft())
		}
		if v *= t.Weight; v > lift {
			best, lift = t.Feature, v
		}
	}
	return best
}

// trace finds the purchase behind each item.
func (m *Model) trace(list []Suggestion, p *person) {
	at := slices.IndexFunc(components[:], func(f Feature) bool { return slices.Contains(m.components(), f) })
	if at < 0 {
		return
	}
	own := make([]float64, len(p.items))
	for i := range list {
		clear(own)
		m.parts(own, components[at], list[i].Item, p)
		most := 0.0
		for k, v := range own {
			if v > most && p.items[k].item != list[i].Item {
				list[i].Because, most = p.items[k].item, v
			}
		}
	}
}
