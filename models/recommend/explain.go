package recommend

import (
	"cmp"
	"fmt"
	"slices"
)

// Explanation says why an item is recommended.
type Explanation struct {
	// Because are the person's purchases that speak for the item, strongest
	// first, and those that speak against it last. By EASE and neighbours a
	// purchase's part is exactly what it adds to the score; by ALS it is by Hu,
	// Koren and Volinsky, section 5: the score is y_j·x = Σ_i y_jᵀ W y_i c_i with
	// W = (α₀YᵀY + Σ (c−α₀) y yᵀ + λ)⁻¹, a sum over her purchases. In a blend
	// the parts of the three are added, each relative to the sum of its parts'
	// sizes and weighted by what the component contributes.
	Because []Because
	// Terms are a blend's features, less their means over all items, times their
	// weights: what puts this item above or below the average one. Largest first.
	Terms []Contribution
	// Score is what Because adds up to for a single kind.
	Score float64
}

// Because is one purchase's part in a recommendation.
type Because struct {
	Item int32
	ID   string
	Part float64
}

// Contribution is one feature's part in a blend.
type Contribution struct {
	Feature Feature
	Part    float64
}

// Explain tells why an item would be recommended to a person, in a question
// where what she has bought may or may not be recommended (the rules decide the
// blend's weights).
func (m *Model) Explain(h History, item int32, rules Rules) (*Explanation, error) {
	if item < 0 || int(item) >= len(m.items) {
		return nil, fmt.Errorf("explain: item %d; the model has %d", item, len(m.items))
	}
	if err := rules.check(); err != nil {
		return nil, err
	}
	p := m.people.Get().(*person)
	defer m.people.Put(p)
	p.read(m, h)
	e := &Explanation{}
	parts := make([]float64, len(p.items))
	switch m.options.Kind {
	case ItemItem:
		m.parts(parts, FromNeighbours, item, p)
	case Linear:
		m.parts(parts, FromEASE, item, p)
	case Factors:
		m.parts(parts, FromALS, item, p)
	case Blend:
		m.explainMix(e, parts, item, p, rules)
	}
	for k, part := range parts {
		if part != 0 {
			i := p.items[k].item
			e.Because = append(e.Because, Because{i, m.items[i], part})
			e.Score += part
		}
	}
	slices.SortStableFunc(e.Because, func(a, b Because) int { return cmp.Compare(b.Part, a.Part) })
	slices.SortStableFunc(e.Terms, func(a, b Contribution) int { return cmp.Compare(b.Part, a.Part) })
	return e, nil
}

// parts adds what each purchase adds to the component's score of an item; a
// cold item's are the weighted ones of its siblings.
func (m *Model) parts(to []float64, f Feature, item int32, p *person) {
	if m.shelf != nil && slices.Contains(m.shelf.cold, item) {
		cols, values := m.shelf.alike.row(int(item))
		own := make([]float64, len(to))
		for k, j := range cols {
			clear(own)
			m.parts(own, f, j, p)
			for i, v := range own {
				to[i] += float64(values[k]) * v
			}
		}
		return
	}
	if int(item) >= m.warm {
		return
	}
	var w []float32
	if f == FromALS {
		if !m.foldIn(p) {
			return
		}
		w = slices.Clone(m.als.row(item))
		solve(p.fold.a, m.als.f, w) // the system of the fold-in is still there
	}
	for k := range p.items {
		t := &p.items[k]
		i := int(t.item)
		if i >= m.warm {
			continue
		}
		switch f {
		case FromEASE:
			to[k] += float64(t.x * m.ease.w[i*m.ease.ld+int(item)])
		case FromNeighbours:
			cols, values := m.near.row(i)
			if at, ok := slices.BinarySearch(cols, item); ok {
				to[k] += float64(t.x * values[at])
			}
		case FromALS:
			to[k] += float64(float32(m.als.set.Alpha)*t.amount) * float64(dot(w, m.als.row(t.item)))
		}
	}
}

func (m *Model) explainMix(e *Explanation, parts []float64, item int32, p *person, rules Rules) {
	own := make([]float64, len(parts))
	for _, t := range m.terms(p, rules.anything()) {
		m.feature(p.part, t.Feature, p)
		mean := 0.0
		for _, v := range p.part[:len(m.items)] {
			mean += float64(v) / float64(len(m.items))
		}
		part := t.Weight * (float64(p.part[item]) - mean)
		e.Terms = append(e.Terms, Contribution{t.Feature, part})
		if t.Feature != FromEASE && t.Feature != FromALS && t.Feature != FromNeighbours {
			continue
		}
		clear(own)
		m.parts(own, t.Feature, item, p)
		size := 0.0
		for _, v := range own {
			size += max(v, -v)
		}
		for k, v := range own {
			if size > 0 && part > 0 {
				parts[k] += part * v / size
			}
		}
	}
}
