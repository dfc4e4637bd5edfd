package recommend

import "math"

// Feature is a term of the blend. Its value for a person and an item is
// compared between items only, so what is equal for all items drops out.
type Feature string

// The features. s/m is a score over its mean, so that 1 is the average item.
const (
	FromEASE       Feature = "ease"       // ln(0.3 + s/m)
	FromALS        Feature = "als"        // ln(1 + s/m)
	FromNeighbours Feature = "neighbours" // ln(1 + s/m)

	// ln(0.2 + the item's share of the sales before the day, times the number
	// of items), sales t days old counting exp(−t/3), −t/7, −t/14, −t/30.
	Trend3  Feature = "trend 3 days"
	Trend7  Feature = "trend 7 days"
	Trend14 Feature = "trend 14 days"
	Trend30 Feature = "trend 30 days"
	Popular Feature = "popularity" // the same of all sales, held in her segment

	Bought      Feature = "bought"       // 1 if she has bought it
	BoughtShare Feature = "bought share" // ln of the share of her days on which she bought it
	BoughtFresh Feature = "bought fresh" // ln Σ 0.7^(orders since)
	BoughtSince Feature = "bought since" // ln(1 + days since)
	DueLater    Feature = "due later"    // min(0, ln(days since / expected interval))
	DuePast     Feature = "due past"     // max(0, ln(days since / expected interval))
)

// AllFeatures is the blend's order; those of habit come last.
var AllFeatures = []Feature{
	FromEASE, FromALS, FromNeighbours, Trend3, Trend7, Trend14, Trend30, Popular,
	Bought, BoughtShare, BoughtFresh, BoughtSince, DueLater, DuePast,
}

// habits is how many features at the end of AllFeatures tell of what was
// already bought.
const habits = 6

// soft is what is added to a component's relative score before the logarithm.
func (f Feature) soft() float64 {
	switch f {
	case FromEASE:
		return 0.3
	case FromALS, FromNeighbours:
		return 1
	}
	return 0.2
}

// season are the logarithms of trend and popularity on one day, which are the
// same for everybody. The last one used is kept, as most people are asked for
// on the same day.
type season struct {
	at      int32
	trend   [len(spans)][]float32
	popular [][]float32 // of each segment, the last one of everybody
}

func (m *Model) seasonAt(at int32) *season {
	if s := m.season.Load(); s != nil && s.at == at {
		return s
	}
	s := &season{at: at}
	for k, span := range spans {
		s.trend[k] = make([]float32, m.width())
		m.sales.trend(s.trend[k][:len(m.items)], at, span, m.known)
		m.fillCold(s.trend[k])
		logs(s.trend[k], 1, Trend7.soft())
	}
	scale := 1.0
	if mean := m.means[Popular]; mean > 0 {
		scale = 1 / mean
	}
	for group := range len(m.segments) + 1 {
		v := make([]float32, m.width())
		if group == len(m.segments) {
			group = -1
		}
		m.sales.popularity(v[:len(m.items)], group, m.known)
		m.fillCold(v)
		logs(v, scale, Popular.soft())
		s.popular = append(s.popular, v)
	}
	m.season.Store(s)
	return s
}

// logs replaces v by ln(soft + v scale), what is negative counting as zero.
func logs(v []float32, scale, soft float64) {
	k, s := float32(scale), float32(soft)
	for i, x := range v {
		v[i] = ln(s + max(x*k, 0))
	}
}

// ln is the natural logarithm of a positive normal number, to about 2e-7. With
// m in [√½, √2) and r = (m−1)/(m+1), ln m = 2 (r + r³/3 + r⁵/5 + r⁷/7 + …).
// Thousands of them are taken for an answer, and math.Log is several times slower.
func ln(x float32) float32 {
	bits := math.Float32bits(x)
	e := int32(bits-0x3f3504f3) >> 23
	m := math.Float32frombits(bits - uint32(e)<<23)
	r := (m - 1) / (m + 1)
	q := r * r
	return float32(e)*math.Ln2 + 2*r*(1+q*(1./3+q*(1./5+q*(1./7+q*(1./9)))))
}

// component puts the plain scores of one part of the model into dst, cold items
// included.
func (m *Model) component(dst []float32, f Feature, p *person) {
	switch f {
	case FromEASE:
		m.scoreEASE(dst, p)
	case FromALS:
		m.scoreALS(dst, p)
	case FromNeighbours:
		m.scoreNeighbours(dst, p)
	case Popular:
		m.sales.popularity(dst[:len(m.items)], p.group, m.known)
	}
	m.fillCold(dst)
}

// shared gives a feature that is the same for everybody in a segment, nil for
// any other; it must not be written to.
func (m *Model) shared(f Feature, p *person) []float32 {
	switch f {
	case Popular:
		s := m.seasonAt(p.at)
		if p.group < 0 {
			return s.popular[len(m.segments)]
		}
		return s.popular[p.group]
	case Trend3, Trend7, Trend14, Trend30:
		s := m.seasonAt(p.at)
		for k, t := range [...]Feature{Trend3, Trend7, Trend14, Trend30} {
			if t == f {
				return s.trend[k]
			}
		}
	}
	return nil
}

// feature puts a feature of all items into dst.
func (m *Model) feature(dst []float32, f Feature, p *person) {
	switch f {
	case FromEASE, FromALS, FromNeighbours:
		m.component(dst, f, p)
		scale := 1.0
		if mean := m.means[f]; mean > 0 {
			scale = 1 / mean
		}
		logs(dst, scale, f.soft())
	case Popular, Trend3, Trend7, Trend14, Trend30:
		copy(dst, m.shared(f, p))
	default:
		clear(dst)
		for i := range p.items {
			dst[p.items[i].item] = float32(habit(f, &p.items[i], p))
		}
	}
}

// habit is a feature of an item that she has bought; it is zero of all others.
func habit(f Feature, t *taken, p *person) float64 {
	switch f {
	case Bought:
		return 1
	case BoughtShare:
		return math.Log(float64(t.days) / float64(p.orders))
	case BoughtFresh:
		return math.Log(float64(t.fresh))
	case BoughtSince:
		return math.Log1p(float64(p.at - t.last))
	case DueLater:
		return math.Min(0, float64(t.due))
	case DuePast:
		return math.Max(0, float64(t.due))
	}
	return 0
}

func (m *Model) scoreEASE(dst []float32, p *person) {
	clear(dst)
	p.idx, p.coef = p.idx[:0], p.coef[:0]
	for _, t := range p.items {
		if int(t.item) < m.ease.n {
			p.idx, p.coef = append(p.idx, t.item), append(p.coef, t.x)
		}
	}
	addRows(dst[:m.ease.ld], m.ease.w, p.idx, p.coef)
}

func (m *Model) scoreNeighbours(dst []float32, p *person) {
	clear(dst)
	for _, t := range p.items {
		if int(t.item) >= m.near.rows {
			continue
		}
		cols, values := m.near.row(int(t.item))
		for k, j := range cols {
			dst[j] += t.x * values[k]
		}
	}
}

// foldIn solves for the person's factors, as a sweep of the fit would.
func (m *Model) foldIn(p *person) bool {
	a := m.als
	p.idx, p.values = p.idx[:0], p.values[:0]
	for _, t := range p.items {
		if int(t.item) < m.warm {
			p.idx, p.values = append(p.idx, t.item), append(p.values, t.amount)
		}
	}
	if len(p.idx) == 0 {
		return false
	}
	if p.fold == nil || p.fold.f != a.f {
		exact := a.set
		exact.Steps = 0
		p.fold, p.factor = newSystem(exact, a.f), make([]float32, a.f)
	}
	reg := a.set.Regularisation * a.set.frequency(len(p.idx), a.known) / a.scale
	return p.fold.solve(p.factor, a.item, a.gram, p.idx, p.values, float32(reg))
}

func (m *Model) scoreALS(dst []float32, p *person) {
	if !m.foldIn(p) {
		clear(dst)
		return
	}
	dotRows(dst[:padded(m.warm)], p.factor, m.als.item)
	clear(dst[m.warm:])
}
