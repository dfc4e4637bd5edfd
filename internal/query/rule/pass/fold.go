package pass

import (
	"math"
	mathbits "math/bits"
	"slices"
	"strings"

	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/ref"
)

// batch is a block of facts.
type batch struct {
	who   []uint32 // the customer's key, less the first of the range
	at    []int64
	place []uint64
	value *Column // of the fold that is called
	texts *dictionary
}

// fold takes facts together by customer. It has memory from begin to end.
type fold interface {
	begin(size int)
	add(b *batch, rows []int32)
	end()
}

// dictionary numbers texts; 0 is unset.
type dictionary struct {
	numbers map[string]uint32
	texts   []string
	lately  [256]uint32 // numbers of texts that were asked for, where they are looked for first
}

func newDictionary() *dictionary {
	return &dictionary{numbers: map[string]uint32{}, texts: []string{""}}
}

// of gives the number of a text, which may lie in borrowed memory.
func (d *dictionary) of(text string) uint32 {
	if text == "" {
		return 0
	}
	lately := &d.lately[uint8(len(text))*31^text[0]^text[len(text)-1]*7^text[len(text)/2]*13]
	if d.texts[*lately] == text {
		return *lately
	}
	n, ok := d.numbers[text]
	if !ok {
		n = uint32(len(d.texts))
		text = strings.Clone(text)
		d.numbers[text] = n
		d.texts = append(d.texts, text)
	}
	*lately = n
	return n
}

// counts counts facts, with a value those in which it can be read.
type counts struct {
	n      []uint32
	valued bool
}

func (f *counts) begin(size int) { f.n = make([]uint32, size) }
func (f *counts) end()           { f.n = nil }

func (f *counts) add(b *batch, rows []int32) {
	if f.valued && b.value.Valid != nil {
		for _, i := range rows {
			if b.value.Has(int(i)) {
				f.n[b.who[i]]++
			}
		}
		return
	}
	for _, i := range rows {
		f.n[b.who[i]]++
	}
}

// sums adds up millionths in 128 bits.
type sums struct{ of []wide }

type wide struct {
	lo uint64
	hi int64
}

func (f *sums) begin(size int) { f.of = make([]wide, size) }
func (f *sums) end()           { f.of = nil }

func (f *sums) add(b *batch, rows []int32) {
	for _, i := range rows {
		if !b.value.Has(int(i)) {
			continue
		}
		n, sum := ref.Micro(b.value.F64[i]), &f.of[b.who[i]]
		var carry uint64
		sum.lo, carry = mathbits.Add64(sum.lo, uint64(n), 0)
		sum.hi += n>>63 + int64(carry)
	}
}

// instants keeps the first or the last instant.
type instants struct {
	at   []int64 // rule.Never where there is none
	last bool
}

func (f *instants) begin(size int) {
	f.at = make([]int64, size)
	for i := range f.at {
		f.at[i] = rule.Never
	}
}

func (f *instants) end() { f.at = nil }

func (f *instants) add(b *batch, rows []int32) {
	if f.last {
		for _, i := range rows {
			if at := &f.at[b.who[i]]; *at == rule.Never || b.at[i] > *at {
				*at = b.at[i]
			}
		}
		return
	}
	for _, i := range rows {
		if at := &f.at[b.who[i]]; b.at[i] < *at {
			*at = b.at[i]
		}
	}
}

// extremes keeps the least or the greatest value.
type extremes struct {
	num   []float64 // NaN where there is none
	ids   []uint32
	max   bool
	isNum bool
	texts *dictionary
}

func (f *extremes) begin(size int) {
	if f.isNum {
		f.num = unset(size)
	} else {
		f.ids = make([]uint32, size)
	}
}

func (f *extremes) end() { f.num, f.ids = nil, nil }

func (f *extremes) add(b *batch, rows []int32) {
	for _, i := range rows {
		if !b.value.Has(int(i)) {
			continue
		}
		w := b.who[i]
		if f.num != nil {
			v, old := b.value.F64[i], f.num[w]
			if old != old || (f.max && v > old) || (!f.max && v < old) {
				f.num[w] = v
			}
			continue
		}
		v, old := b.texts.of(b.value.Text[i]), f.ids[w]
		if v != 0 && (old == 0 || (f.max && f.texts.texts[v] > f.texts.texts[old]) || (!f.max && f.texts.texts[v] < f.texts.texts[old])) {
			f.ids[w] = v
		}
	}
}

// ends keeps the value of the first or the last fact that has one.
type ends struct {
	of   []end
	num  bool
	last bool
}

type end struct {
	at    int64
	place uint64
	value uint64 // a text's number, 0 where there is none; of numbers the bits, the other way round, so that they are never 0
}

func (f *ends) begin(size int) { f.of = make([]end, size) }
func (f *ends) end()           { f.of = nil }

func (f *ends) add(b *batch, rows []int32) {
	for _, i := range rows {
		if !b.value.Has(int(i)) {
			continue
		}
		e, at := &f.of[b.who[i]], b.at[i]
		if e.value != 0 {
			later := at > e.at || at == e.at && b.place[i] > e.place
			if later != f.last {
				continue
			}
		}
		var value uint64
		if f.num {
			value = ^math.Float64bits(b.value.F64[i])
		} else if value = uint64(b.texts.of(b.value.Text[i])); value == 0 {
			continue
		}
		*e = end{at, b.place[i], value}
	}
}

// varied holds the values of each customer.
type varied struct {
	who, ids []uint32
	held     *int
	numbers  map[uint64]uint32 // of numbers: 1 and 1.0 are one
	floats   []float64         // by number, from 1
	num      bool
	distinct bool
	settled  []uint32 // when all is read: what settle gives
}

func (f *varied) begin(int) {}
func (f *varied) end()      { f.settled = nil }

func (f *varied) add(b *batch, rows []int32) {
	*f.held += len(rows) / 5 // of what a fact of a sequence takes
	for _, i := range rows {
		if !b.value.Has(int(i)) {
			continue
		}
		var id uint32
		if f.num {
			id = f.number(b.value.F64[i] + 0)
		} else if id = b.texts.of(b.value.Text[i]); id == 0 {
			continue
		}
		f.who, f.ids = append(f.who, b.who[i]), append(f.ids, id)
	}
}

func (f *varied) number(v float64) uint32 {
	bits := math.Float64bits(v)
	n, ok := f.numbers[bits]
	if !ok {
		n = uint32(len(f.floats))
		f.numbers[bits] = n
		f.floats = append(f.floats, v)
	}
	return n
}

// settle finds for each customer how many values there are, or the number of the one that is there most often, the smallest of several; 0
// where there is none.
func (f *varied) settle(size int, texts *dictionary) {
	begins := beginnings(f.who, size, nil)
	ids := make([]uint32, len(f.ids))
	next := slices.Clone(begins)
	for i, w := range f.who {
		ids[next[w]] = f.ids[i]
		next[w]++
	}
	out := next[:size]
	for w := range out {
		of := ids[begins[w]:begins[w+1]]
		slices.Sort(of)
		var best, most, kinds uint32
		for i := 0; i < len(of); {
			id, n := of[i], uint32(0)
			for ; i < len(of) && of[i] == id; i++ {
				n++
			}
			kinds++
			if n > most || n == most && f.less(id, best, texts) {
				best, most = id, n
			}
		}
		if out[w] = best; f.distinct {
			out[w] = kinds
		}
	}
	f.settled, f.who, f.ids = out, nil, nil
}

func (f *varied) less(a, b uint32, texts *dictionary) bool {
	if f.num {
		return f.floats[a] < f.floats[b]
	}
	return texts.texts[a] < texts.texts[b]
}

// beginnings says where the facts of each customer begin, and at last where they end, when they are put beside each other; of those alone who
// are among some, where some is not nil.
func beginnings(who []uint32, size int, some Bits) []uint32 {
	begins := make([]uint32, size+1)
	for _, w := range who {
		if some == nil || some[w>>6]>>(w&63)&1 == 1 {
			begins[w+1]++
		}
	}
	for i := range size {
		begins[i+1] += begins[i]
	}
	return begins
}
