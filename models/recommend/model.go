package recommend

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
)

// Model answers. It does not change, and any number of goroutines may ask it.
type Model struct {
	options  Options
	items    []string         // those of the interactions, then cold ones
	index    map[string]int32 // of items
	segments []string         // ascending
	warm     int              // items of the interactions
	known    int              // items that were bought at least once

	ease    *linear
	als     *factors
	near    *sparse
	sales   *sales
	renewal *Replenishment
	shelf   *shelf
	means   map[Feature]float64 // mean score of each component

	season atomic.Pointer[season]
	people sync.Pool
}

// Fit learns a model from everything in the interactions. To judge it, split
// first: [Interactions.SplitLast], [Interactions.SplitAt].
func Fit(in *Interactions, o Options) (*Model, error) {
	o = o.filled()
	if in == nil || len(in.lines) == 0 {
		return nil, errors.New("no purchases to learn from")
	}
	if err := o.check(len(in.items)); err != nil {
		return nil, err
	}
	if o.Kind == Blend && o.Mix == nil {
		return nil, errors.New("a blend needs weights: let Choose or FitMix find them, or fit a single kind")
	}
	return fit(in, o)
}

// fit is Fit after its checks.
func fit(in *Interactions, o Options) (*Model, error) {
	m := &Model{options: o, warm: len(in.items), segments: slices.Clone(in.segments)}
	if err := m.stock(in, o.Catalogue); err != nil {
		return nil, err
	}
	m.sales = sold(in, len(m.items))
	for i := range m.warm {
		if m.sales.total[i] > 0 {
			m.known++
		}
	}
	m.renewal = renewal(in, len(m.items))
	needs := o.needs()
	x := in.matrix(o.Count)
	var err error
	if needs[FromNeighbours] {
		m.near = fitNeighbours(x, o.Neighbours, o.Workers)
	}
	if needs[FromEASE] {
		if m.ease, err = fitEASE(x, o.EASE, o.Workers); err != nil {
			return nil, err
		}
	}
	if needs[FromALS] {
		if m.als, err = fitALS(x, o.ALS, o.Seed, o.Workers); err != nil {
			return nil, err
		}
		m.als.user = nil
	}
	m.ready()
	m.measure(in)
	return m, nil
}

// ready makes what is not kept in a file.
func (m *Model) ready() {
	m.index = make(map[string]int32, len(m.items))
	for i, id := range m.items {
		m.index[id] = int32(i)
	}
	m.people.New = func() any { return m.newPerson() }
}

func (m *Model) newPerson() *person {
	n := m.width()
	return &person{part: make([]float32, n), score: make([]float32, n), allow: make([]bool, len(m.items))}
}

// width is how long score vectors are.
func (m *Model) width() int { return padded(len(m.items)) }

// sampled is how many people the mean scores are taken over.
const sampled = 500

// measure finds the mean score of each component, over an even sample of the
// people and all items, negative scores counting as zero.
func (m *Model) measure(in *Interactions) {
	m.means = map[Feature]float64{}
	p := m.newPerson()
	_, last := in.Span()
	step := max(len(in.users)/sampled, 1)
	people := 0
	for u := 0; u < len(in.users); u += step {
		if len(in.of(u)) == 0 {
			continue
		}
		people++
		p.read(m, in.history(u, last+1))
		for _, f := range m.components() {
			m.component(p.part, f, p)
			for _, v := range p.part[:m.warm] {
				m.means[f] += float64(max(v, 0))
			}
		}
	}
	for f := range m.means {
		m.means[f] /= float64(people * max(m.known, 1))
	}
}

// components lists the parts that were fitted, and popularity.
func (m *Model) components() []Feature {
	list := []Feature{Popular}
	if m.ease != nil {
		list = append(list, FromEASE)
	}
	if m.als != nil {
		list = append(list, FromALS)
	}
	if m.near != nil {
		list = append(list, FromNeighbours)
	}
	return list
}

// segmentOf gives a segment's number, −1 for one that was never seen.
func (m *Model) segmentOf(name string) int {
	i := sort.SearchStrings(m.segments, name)
	if i == len(m.segments) || m.segments[i] != name {
		return -1
	}
	return i
}

// Options is what the model was fitted with, defaults filled in.
func (m *Model) Options() Options { return m.options }

// Rhythms tell when a person needs an item again; they are saved with the model.
func (m *Model) Rhythms() *Replenishment { return m.renewal }

// Items lists the ids of all items; an item's number is its place.
func (m *Model) Items() []string { return slices.Clone(m.items) }

// Item gives the number of an item; false for one it has never heard of.
func (m *Model) Item(id string) (int32, bool) {
	i, ok := m.index[id]
	return i, ok
}

// Sale is something bought after the model was fitted.
type Sale struct {
	Item    int32
	Day     int32
	Segment string
}

// WithSales gives a model that knows of more sales in its trends and
// popularity, without learning anew who likes what. It shares everything else
// with m, which stays as it is. A person's own purchases need no such call:
// they are in her History.
func (m *Model) WithSales(list []Sale) (*Model, error) {
	n := &Model{
		options: m.options, items: m.items, segments: m.segments, warm: m.warm, known: m.known,
		ease: m.ease, als: m.als, near: m.near, renewal: m.renewal, shelf: m.shelf, means: m.means,
	}
	s := &sales{n: m.sales.n, total: make([]float32, m.sales.n), segsum: slices.Clone(m.sales.segsum)}
	for _, g := range m.sales.segment {
		s.segment = append(s.segment, slices.Clone(g))
	}
	entries := m.sales.entries()
	for i, e := range list {
		if e.Item < 0 || int(e.Item) >= len(m.items) {
			return nil, fmt.Errorf("sale %d: item %d; the model has %d", i+1, e.Item, len(m.items))
		}
		if e.Day < -maxDay || e.Day > maxDay {
			return nil, fmt.Errorf("sale %d: day %d is no day", i+1, e.Day)
		}
		entries = append(entries, sale{e.Day, e.Item, 1})
		if g := m.segmentOf(e.Segment); g >= 0 {
			s.segment[g][e.Item]++
			s.segsum[g]++
		}
	}
	s.fill(entries)
	n.sales = s
	n.ready()
	return n, nil
}
