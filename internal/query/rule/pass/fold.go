package pass

import (
	"math"
	mathbits "math/bits"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/ref"
)

// batch is a block of facts.
type batch struct {
	who   []uint32 // the customer's key, less the first of the range
	at    []int64
	place []uint64
	value *Column  // of the fold that is called
	codes []uint32 // where the value is a key: the number of the text that it stands for
	texts *dictionary
}

// text is the number of a fact's text; 0 where it has none.
func (b *batch) text(i int32) uint32 {
	if b.codes == nil {
		return b.texts.of(b.value.Text[i])
	}
	if key := b.value.U32[i]; int(key) < len(b.codes) {
		return b.codes[key]
	}
	return 0
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
	if f.valued {
		for _, i := range rows {
			if b.value.F64 != nil && b.value.Has(int(i)) || b.value.F64 == nil && b.text(i) != 0 {
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
		v, old := b.text(i), f.ids[w]
		if v != 0 && (old == 0 || (f.max && f.texts.texts[v] > f.texts.texts[old]) || (!f.max && f.texts.texts[v] < f.texts.texts[old])) {
			f.ids[w] = v
		}
	}
}

// ends keeps the value of the first or the last fact that has one.
type ends struct {
	of     []end
	num    bool
	last   bool
	values []uint64 // of the facts that are added
}

type end struct {
	at    int64
	place uint64
	value uint64 // a text's number, 0 where there is none; of numbers the bits, the other way round, so that they are never 0
}

func (f *ends) begin(size int) { f.of = make([]end, size) }
func (f *ends) end()           { f.of = nil }

// add reads all values before it goes where the customers are: so the processor waits for many places of memory at once.
func (f *ends) add(b *batch, rows []int32) {
	f.values = f.values[:0]
	for _, i := range rows {
		var value uint64
		if !f.num {
			value = uint64(b.text(i))
		} else if b.value.Has(int(i)) {
			value = ^math.Float64bits(b.value.F64[i])
		}
		f.values = append(f.values, value)
	}
	for k, i := range rows {
		e, at, value := &f.of[b.who[i]], b.at[i], f.values[k]
		later := at > e.at || at == e.at && b.place[i] > e.place
		if value != 0 && (e.value == 0 || later == f.last) {
			*e = end{at, b.place[i], value}
		}
	}
}

// varied holds the values of each customer.
type varied struct {
	facts    [][]valueOf // pieces, so that none is copied when more come
	held     *int
	numbers  map[uint64]uint32 // of numbers: 1 and 1.0 are one
	floats   []float64         // by number, from 1
	num      bool
	distinct bool
	settled  []uint32 // when all is read: what settle gives
}

type valueOf struct{ who, id uint32 }

// piece is how many facts lie together.
const piece = 1 << 16

func (f *varied) begin(int) {}
func (f *varied) end()      { f.settled = nil }

func (f *varied) add(b *batch, rows []int32) {
	*f.held += len(rows) / 5 // of what a fact of a sequence takes
	last := len(f.facts) - 1
	if last < 0 || len(f.facts[last])+len(rows) > piece {
		f.facts, last = append(f.facts, make([]valueOf, 0, max(piece, len(rows)))), last+1
	}
	to := f.facts[last]
	for _, i := range rows {
		var id uint32
		if !b.value.Has(int(i)) {
			continue
		}
		if f.num {
			id = f.number(b.value.F64[i] + 0)
		} else if id = b.text(i); id == 0 {
			continue
		}
		to = append(to, valueOf{b.who[i], id})
	}
	f.facts[last] = to
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
// where there is none. Each core takes some of the customers.
func (f *varied) settle(size int, texts *dictionary) {
	f.settled = make([]uint32, size)
	each := (size + runtime.NumCPU() - 1) / runtime.NumCPU()
	var all sync.WaitGroup
	for lo := 0; lo < size; lo += each {
		all.Go(func() { f.settleSome(uint32(lo), f.settled[lo:min(lo+each, size)], texts) })
	}
	all.Wait()
	f.facts = nil
}

// settleSome does it for the customers from lo on.
func (f *varied) settleSome(lo uint32, out []uint32, texts *dictionary) {
	size := uint32(len(out))
	next := make([]uint32, size+1) // where the values of each begin, and then where those of the one before end
	for _, facts := range f.facts {
		for _, v := range facts {
			if w := v.who - lo; w < size {
				next[w+1]++
			}
		}
	}
	for i := range size {
		next[i+1] += next[i]
	}
	ids := make([]uint32, next[size])
	for _, facts := range f.facts {
		for _, v := range facts {
			if w := v.who - lo; w < size {
				ids[next[w]] = v.id
				next[w]++
			}
		}
	}
	begin := uint32(0)
	for w := range out {
		out[w] = f.settleOne(ids[begin:next[w]], texts)
		begin = next[w]
	}
}

// settleOne does it for one customer's values, which it puts in order.
func (f *varied) settleOne(of []uint32, texts *dictionary) uint32 {
	if len(of) > 1 {
		slices.Sort(of)
	}
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
	if f.distinct {
		return kinds
	}
	return best
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
