package recommend

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// BoughtRule says what may become of items that the person has bought.
type BoughtRule string

// The rules.
const (
	// ExcludeBought leaves them out; the default.
	ExcludeBought BoughtRule = "exclude"
	// AllowDue lets them in when the expected interval has passed.
	AllowDue BoughtRule = "due"
	// AllowBought lets them in.
	AllowBought BoughtRule = "allow"
)

// Rules restrict an answer. The zero value leaves out what was bought.
type Rules struct {
	Bought BoughtRule
	// Only is what may be recommended (in stock, say); nil for everything. See
	// [Model.Mask].
	Only *Mask
	// PerCategory is how many items of one category may be in an answer; 0 for
	// any number. Items without a category are not counted.
	PerCategory int
	// Diversity trades relevance for variety among the best, by maximal marginal
	// relevance (Carbonell and Goldstein, SIGIR 1998): each next item maximises
	//
	//	(1 − Diversity) × relevance − Diversity × likeness to the closest chosen
	//
	// relevance being the score from 0 to 1 within the pool, likeness the Jaccard
	// index of attributes, or, without a catalogue, the cosine of ALS factors, or
	// the item–item similarity over the greatest of either. 0 is by score alone.
	Diversity float64
	// Pool is among how many of the best Diversity chooses; 10 k by default.
	Pool int
}

func (r Rules) check() error {
	switch {
	case !slices.Contains([]BoughtRule{"", ExcludeBought, AllowDue, AllowBought}, r.Bought):
		return fmt.Errorf("rules: nothing is called %q; bought items are exclude, due or allow", r.Bought)
	case r.PerCategory < 0 || r.Pool < 0:
		return fmt.Errorf("rules: %d per category, a pool of %d; neither may be negative", r.PerCategory, r.Pool)
	case !(r.Diversity >= 0 && r.Diversity <= 1):
		return fmt.Errorf("rules: diversity is %v; it must be between 0 and 1", r.Diversity)
	}
	return nil
}

// anything says whether some of what was bought may be in the answer.
func (r Rules) anything() bool { return r.Bought == AllowDue || r.Bought == AllowBought }

// Mask is a set of items.
type Mask struct{ in []bool }

// Mask makes a set: items that are in stock, and in one of the categories.
// Nil means no condition.
func (m *Model) Mask(inStock func(item int32) bool, categories []string) (*Mask, error) {
	k := &Mask{in: make([]bool, len(m.items))}
	allowed := map[int32]bool{}
	if categories != nil {
		if m.shelf == nil {
			return nil, errors.New("mask: categories are asked for, but the model was fitted without a catalogue")
		}
		for _, c := range categories {
			at := slices.Index(m.shelf.categories, c)
			if at < 0 {
				return nil, fmt.Errorf("mask: no product is of category %q", c)
			}
			allowed[int32(at)] = true
		}
	}
	for i := range k.in {
		k.in[i] = (inStock == nil || inStock(int32(i))) && (categories == nil || allowed[m.shelf.category[i]])
	}
	return k, nil
}

// Recommendation is one item of an answer.
type Recommendation struct {
	Item int32
	ID   string
	// Score orders; only its comparison within an answer means something.
	Score float64
}

// Recommend gives the k best items for a person, best first; equal scores in
// the order of items. It may give fewer, when the rules leave fewer. Someone
// without history is given what is popular in her segment, by a blend what is
// popular now. Nothing is recommended that was never bought and resembles
// nothing that was.
func (m *Model) Recommend(h History, k int, rules Rules) ([]Recommendation, error) {
	if k < 1 {
		return nil, fmt.Errorf("%d recommendations asked for; at least one must be", k)
	}
	if err := m.admits(rules); err != nil {
		return nil, err
	}
	p := m.people.Get().(*person)
	defer m.people.Put(p)
	p.read(m, h)
	best := m.best(p, min(k, len(m.items)), rules)
	answer := make([]Recommendation, len(best))
	for i, b := range best {
		answer[i] = Recommendation{b.item, m.items[b.item], float64(b.score)}
	}
	return answer, nil
}

// admits says whether the rules are sane and of this model.
func (m *Model) admits(rules Rules) error {
	if rules.Only != nil && len(rules.Only.in) != len(m.items) {
		return fmt.Errorf("rules: the mask is of %d items, the model of %d; make it with this model", len(rules.Only.in), len(m.items))
	}
	if rules.PerCategory > 0 && m.shelf == nil {
		return errors.New("rules: a limit per category needs a model with a catalogue")
	}
	return rules.check()
}

// best scores, filters and chooses.
func (m *Model) best(p *person, k int, rules Rules) []scored {
	anything := rules.anything()
	m.scoreAll(p, anything)
	allow := p.allow
	for i := range allow {
		allow[i] = m.sales.total[i] > 0 && (rules.Only == nil || rules.Only.in[i])
	}
	if m.shelf != nil {
		for _, i := range m.shelf.cold {
			allow[i] = rules.Only == nil || rules.Only.in[i]
		}
	}
	for i := range p.items {
		t := &p.items[i]
		if !anything || (rules.Bought == AllowDue && !t.isDue()) {
			allow[t.item] = false
		}
	}
	switch {
	case rules.Diversity > 0:
		pool := rules.Pool
		if pool == 0 {
			pool = 10 * k
		}
		return m.diverse(p, p.top(max(pool, k)), k, rules)
	case rules.PerCategory > 0:
		if best := m.capped(p, p.top(10*k), k, rules.PerCategory); len(best) == k {
			return best
		}
		return m.capped(p, p.top(len(m.items)), k, rules.PerCategory)
	}
	return p.top(k)
}

// scoreAll fills p.score.
func (m *Model) scoreAll(p *person, anything bool) {
	switch m.options.Kind {
	case Popularity:
		m.component(p.score, Popular, p)
	case Trending:
		copy(p.score, m.seasonAt(p.at).trend[1])
	case Habit:
		m.component(p.score, Popular, p)
		for i := range p.items {
			t := &p.items[i]
			p.score[t.item] = float32(m.known) * (1 + t.fresh) // above any share
		}
	case Blend:
		m.mixed(p, anything)
	default:
		f := kindFeature[m.options.Kind]
		if len(p.items) == 0 {
			f = Popular
		}
		m.component(p.score, f, p)
	}
}

// kindFeature is the component by which a kind orders.
var kindFeature = map[Kind]Feature{ItemItem: FromNeighbours, Linear: FromEASE, Factors: FromALS}

// mixed is the blend.
func (m *Model) mixed(p *person, anything bool) {
	clear(p.score)
	for _, t := range m.terms(p, anything) {
		w := float32(t.Weight)
		if isHabit(t.Feature) {
			for i := range p.items {
				p.score[p.items[i].item] += w * float32(habit(t.Feature, &p.items[i], p))
			}
			continue
		}
		v := m.shared(t.Feature, p)
		if v == nil {
			v = m.own(t.Feature, p)
		}
		for i, x := range v {
			p.score[i] += w * x
		}
	}
}

// terms are the weights that hold for a question.
func (m *Model) terms(p *person, anything bool) []Term {
	switch {
	case p.terms != nil:
		return p.terms
	case anything:
		return m.options.Mix.Any
	}
	return m.options.Mix.New
}

// better orders scores, and equal ones by item.
func better(a, b scored) int {
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.item, b.item))
}

// top gives the k best allowed items, best first, in memory of its own.
func (p *person) top(k int) []scored {
	h := p.heap[:0]
	for i, ok := range p.allow {
		if ok {
			h = keep(h, scored{int32(i), p.score[i]}, k)
		}
	}
	p.heap = h
	slices.SortFunc(h, better)
	return h
}

// keep adds s to the k best so far, a heap whose first is the worst of them.
func keep(h []scored, s scored, k int) []scored {
	if len(h) < k {
		h = append(h, s)
		for c := len(h) - 1; c > 0; {
			up := (c - 1) / 2
			if better(h[up], h[c]) > 0 {
				break
			}
			h[up], h[c] = h[c], h[up]
			c = up
		}
	} else if s.score >= h[0].score && better(s, h[0]) < 0 {
		h[0] = s
		sink(h)
	}
	return h
}

// sink moves the first of a heap to where it belongs.
func sink(h []scored) {
	for at := 0; ; {
		c := 2*at + 1
		if c >= len(h) {
			return
		}
		if c+1 < len(h) && better(h[c+1], h[c]) > 0 {
			c++
		}
		if better(h[at], h[c]) > 0 {
			return
		}
		h[at], h[c] = h[c], h[at]
		at = c
	}
}

// capped keeps the best with at most limit of a category.
func (m *Model) capped(p *person, pool []scored, k, limit int) []scored {
	p.chosen = p.chosen[:0]
	for _, s := range pool {
		if len(p.chosen) == k {
			break
		}
		if m.room(p.chosen, s.item, limit) {
			p.chosen = append(p.chosen, s)
		}
	}
	return p.chosen
}

// room says whether another item of this one's category may be chosen.
func (m *Model) room(chosen []scored, item int32, limit int) bool {
	if limit == 0 || m.shelf.category[item] < 0 {
		return true
	}
	for _, c := range chosen {
		if m.shelf.category[c.item] == m.shelf.category[item] {
			limit--
		}
	}
	return limit > 0
}

// diverse chooses by maximal marginal relevance.
func (m *Model) diverse(p *person, pool []scored, k int, rules Rules) []scored {
	p.chosen = p.chosen[:0]
	if len(pool) == 0 {
		return p.chosen
	}
	low, high := pool[len(pool)-1].score, pool[0].score
	span := float64(max(high-low, 1e-30))
	p.coef = append(p.coef[:0], make([]float32, len(pool))...) // likeness to the closest chosen
	for len(p.chosen) < k {
		at, best := -1, 0.0
		for i, s := range pool {
			if s.item < 0 || !m.room(p.chosen, s.item, rules.PerCategory) {
				continue
			}
			v := (1-rules.Diversity)*float64(s.score-low)/span - rules.Diversity*float64(p.coef[i])
			if at < 0 || v > best {
				at, best = i, v
			}
		}
		if at < 0 {
			break
		}
		c := pool[at]
		p.chosen = append(p.chosen, c)
		pool[at].item = -1
		for i, s := range pool {
			if s.item >= 0 {
				p.coef[i] = max(p.coef[i], float32(m.likeness(c.item, s.item)))
			}
		}
	}
	return p.chosen
}
