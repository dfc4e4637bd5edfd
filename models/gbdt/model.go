package gbdt

import (
	"math"
	"runtime"
	"slices"
	"sync"
)

// Feature is a column that a model was trained on.
type Feature struct {
	Name     string   `json:"name"`
	Category bool     `json:"category,omitempty"`
	Levels   []string `json:"levels,omitempty"` // names of the categories by code, if known
}

// link is how a margin becomes a prediction.
type link string

const (
	identity link = "identity"
	logistic link = "logistic"
	logLink  link = "log"
)

// Model is a sum of trees. It does not change, and may be used by many
// goroutines at once.
type Model struct {
	objective string
	link      link
	steepness float64 // of the logistic link: 1/(1+exp(-steepness*margin))
	base      float64
	features  []Feature
	trees     []tree

	once     sync.Once
	explains *explainer
}

func newModel(d *Data, o *Options) *Model {
	m := &Model{objective: string(o.Objective), link: identity, steepness: 1}
	switch {
	case o.Objective == Binary:
		m.link = logistic
	case o.Objective.logLink():
		m.link = logLink
	}
	for f := range d.columns {
		c := &d.columns[f]
		m.features = append(m.features, Feature{c.Name, c.kind == kindCategory, slices.Clone(c.levels)})
	}
	return m
}

// Features are the columns that a row holds, in order. The slice is a copy.
func (m *Model) Features() []Feature { return slices.Clone(m.features) }

// Width is the number of features.
func (m *Model) Width() int { return len(m.features) }

// Trees is the number of trees.
func (m *Model) Trees() int { return len(m.trees) }

// Intercept is the margin before the first tree.
func (m *Model) Intercept() float64 { return m.base }

// Objective is what the model was fitted to, in the words of whoever trained it.
func (m *Model) Objective() string { return m.objective }

// Margin is the sum of intercept and leaves for a row, which has a value for
// each feature: NaN is missing, a category is its code. If the model was trained
// with offsets, add the row's own.
func (m *Model) Margin(x []float64) (float64, error) {
	if len(x) != len(m.features) {
		return math.NaN(), m.wrongLength("the row", len(x), len(m.features))
	}
	return m.marginOf(x), nil
}

func (m *Model) marginOf(x []float64) float64 {
	sum := m.base
	for i := range m.trees {
		sum += m.trees[i].value(x)
	}
	return sum
}

func (m *Model) wrongLength(what string, got, want int) error {
	return fail(InvalidData, "%s has %d values, the model needs %d", what, got, want)
}

// Response turns a margin into a prediction: a probability (Binary), a mean
// (Squared, Poisson, Tweedie).
func (m *Model) Response(margin float64) float64 {
	switch m.link {
	case logistic:
		return sigmoid(m.steepness * margin)
	case logLink:
		return math.Exp(margin)
	}
	return margin
}

// Predict is the Response to a row's Margin.
func (m *Model) Predict(x []float64) (float64, error) {
	margin, err := m.Margin(x)
	return m.Response(margin), err
}

// Margins writes the margin of each row of d into dst. The columns of d are
// found by name, in any order, and there may be others. Where both the model and
// a column of d know the names of categories, codes are translated.
func (m *Model) Margins(dst []float64, d *Data) error {
	d, err := m.bound(d)
	if err != nil {
		return err
	}
	if len(dst) != d.rows {
		return m.wrongLength("dst", len(dst), d.rows)
	}
	m.blocks(d, func(begin int, rows [][]float64) {
		sums := dst[begin : begin+len(rows)]
		for i := range sums {
			sums[i] = m.base
		}
		for t := range m.trees {
			tree := &m.trees[t]
			for i, x := range rows {
				sums[i] += tree.value(x)
			}
		}
	})
	return nil
}

// PredictAll writes the prediction of each row of d into dst, see Margins.
func (m *Model) PredictAll(dst []float64, d *Data) error {
	if err := m.Margins(dst, d); err != nil {
		return err
	}
	for i, v := range dst {
		dst[i] = m.Response(v)
	}
	return nil
}

// together is the number of rows that pass through a tree while it is in the
// cache.
const together = 128

// blocks calls work with dense rows, on all cores.
func (m *Model) blocks(d *Data, work func(begin int, rows [][]float64)) {
	t := team(runtime.GOMAXPROCS(0))
	if d.rows*len(m.trees) < 1<<13 {
		t = 1
	}
	count := (d.rows + together - 1) / together
	t.run(func(member int) {
		width := len(m.features)
		values, rows := make([]float64, together*width), make([][]float64, together)
		for i := range rows {
			rows[i] = values[i*width : (i+1)*width]
		}
		from, to := share(count, int(t), member)
		for b := from; b < to; b++ {
			begin := b * together
			n := min(together, d.rows-begin)
			for f := range d.columns {
				c := &d.columns[f]
				for i := range n {
					rows[i][f] = c.At(begin + i)
				}
			}
			work(begin, rows[:n])
		}
	})
}

// bound is d with the model's columns in the model's order.
func (m *Model) bound(d *Data) (*Data, error) {
	if d == nil {
		return nil, fail(InvalidData, "no data")
	}
	at := make(map[string]int, len(d.columns))
	for f := range d.columns {
		at[d.columns[f].Name] = f
	}
	out := &Data{columns: make([]Column, len(m.features)), rows: d.rows}
	for i := range m.features {
		want := &m.features[i]
		f, there := at[want.Name]
		if !there {
			return nil, fail(InvalidData, "there is no column %q, which the model was trained on", want.Name)
		}
		c := d.columns[f]
		if c.kind == kindCategory && !want.Category {
			return nil, fail(InvalidData, "column %q holds categories, the model was trained on numbers", want.Name)
		}
		if want.Category && c.kind != kindCategory && want.Levels != nil {
			return nil, fail(InvalidData, "column %q holds numbers, the model was trained on categories", want.Name)
		}
		if want.Levels != nil && c.levels != nil && !slices.Equal(want.Levels, c.levels) {
			c.codes, c.levels = translated(c, want.Levels), want.Levels
		}
		out.columns[i] = c
	}
	return out, nil
}

// translated gives categories the codes that the model knows by their names;
// others get a code that it cannot have seen.
func translated(c Column, levels []string) []int32 {
	byName := make(map[string]int32, len(levels))
	for code, name := range levels {
		byName[name] = int32(code)
	}
	table := make([]int32, len(c.levels))
	for i, name := range c.levels {
		table[i] = math.MaxInt32
		if code, known := byName[name]; known {
			table[i] = code
		}
	}
	out := make([]int32, len(c.codes))
	for i, code := range c.codes {
		switch {
		case code < 0:
			out[i] = -1
		case int(code) < len(table):
			out[i] = table[code]
		default:
			out[i] = math.MaxInt32
		}
	}
	return out
}

// Importance is how much a feature matters to a model as a whole.
type Importance struct {
	Feature string
	Gain    float64 // by how much its splits lowered the training loss (of an imported model: as saved)
	Splits  int     // how many splits use it
}

// Importances are those of all features, the highest gain first.
func (m *Model) Importances() []Importance {
	list := make([]Importance, len(m.features))
	for i := range list {
		list[i].Feature = m.features[i].Name
	}
	for i := range m.trees {
		t := &m.trees[i]
		for n := range t.nodes {
			if f := t.nodes[n].feature; f >= 0 {
				list[f].Gain += t.gain[n]
				list[f].Splits++
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Importance) int {
		switch {
		case a.Gain > b.Gain:
			return -1
		case a.Gain < b.Gain:
			return 1
		}
		return 0
	})
	return list
}
