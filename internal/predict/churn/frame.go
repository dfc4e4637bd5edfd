package churn

import (
	"math"
	"runtime"
	"sync"

	"github.com/dangol/dangol/models/classify"
)

// frame is what is known of a population at one cut or several, a row a customer and cut.
type frame struct {
	who     []int32 // places in the book
	columns int     // how many of the numbers are known; the others are empty
	number  [numbers][]float64
	word    [words][]uint16
	left    []float64 // 1 where she left in the horizon after the cut; empty where that is not known yet
}

func (f *frame) rows() int { return len(f.who) }

// view says which population is looked at, and how.
type view struct {
	cut, horizon, active int32
	// paid says that leaving goes by the end of what is paid for, which an order continues up to the last day of the grace after it.
	paid   bool
	grace  int32
	pace   *pace
	season season
	labels bool
	// keep tells who is taken of a population; nil takes all.
	keep func(key uint32) bool
	// from tells what is known of one customer; nil is known, or knownPaid. Tests plant others.
	from func(list []happening, cut, window int32, scale float64) (facts, bool)
}

// look is what is known of everybody in a population at its cut.
func (b *book) look(v view) *frame {
	parts := make([]*frame, runtime.NumCPU())
	var all sync.WaitGroup
	each := (len(b.keys) + len(parts) - 1) / len(parts)
	for p := range parts {
		parts[p] = &frame{columns: v.columns()}
		all.Go(func() {
			for i := p * each; i < min((p+1)*each, len(b.keys)); i++ {
				b.lookAt(parts[p], i, &v)
			}
		})
	}
	all.Wait()
	whole := parts[0]
	for _, p := range parts[1:] {
		whole.append(p)
	}
	return whole
}

// lookAt adds a customer's row, if she is of the population.
func (b *book) lookAt(to *frame, i int, v *view) {
	if v.keep != nil && !v.keep(b.keys[i]) {
		return
	}
	f, ok := b.know(i, v)
	if !ok || !v.mayLeave(&f) {
		return
	}
	to.who = append(to.who, int32(i))
	to.add(&f)
	if v.labels {
		to.left = append(to.left, indicator(v.left(b.of(i))))
	}
}

// know is known, with what the book and the models of pace know beside it.
func (b *book) know(i int, v *view) (facts, bool) {
	return v.know(b, b.of(i), b.category[i])
}

// know is what is known of a customer who did this and began with that.
func (v *view) know(b *book, list []happening, began uint16) (facts, bool) {
	f, ok := v.facts(list, b.scale)
	if !ok {
		return f, false
	}
	market := b.markets.words[f.word[place]]
	f.word[category] = began
	f.number[rhythm] = math.NaN()
	if p := v.pace.silent(&f, market, float64(v.horizon)*v.season.of(market)); !math.IsNaN(p) {
		f.number[rhythm] = odds(p)
	}
	return f, true
}

// facts are what is known of a customer who did this, without what the book knows beside it.
func (v *view) facts(list []happening, scale float64) (facts, bool) {
	switch {
	case v.from != nil:
		return v.from(list, v.cut, v.horizon, scale)
	case v.paid:
		return knownPaid(list, v.cut, v.horizon, v.grace, scale)
	}
	return known(list, v.cut, v.horizon, scale)
}

func (f *frame) add(k *facts) {
	f.columns = k.columns
	for j := range k.columns {
		f.number[j] = append(f.number[j], k.number[j])
	}
	for j := range f.word {
		f.word[j] = append(f.word[j], k.word[j])
	}
}

func (f *frame) append(g *frame) {
	f.who, f.columns = append(f.who, g.who...), g.columns
	for j := range f.number {
		f.number[j] = append(f.number[j], g.number[j]...)
	}
	for j := range f.word {
		f.word[j] = append(f.word[j], g.word[j]...)
	}
	f.left = append(f.left, g.left...)
}

// table is the frame as models take it.
func (b *book) table(f *frame, from, to int) []classify.Column {
	table := make([]classify.Column, 0, f.columns+words)
	for j := range f.columns {
		table = append(table, classify.Column{Name: numberNames[j], Numbers: f.number[j][from:to]})
	}
	for j, lexicon := range []*lexicon{b.markets, b.channels, b.categories} {
		texts := make([]string, to-from)
		for i := range texts {
			texts[i] = lexicon.words[f.word[j][from+i]]
		}
		table = append(table, classify.Column{Name: wordNames[j], Texts: texts})
	}
	return table
}
