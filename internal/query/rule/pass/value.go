package pass

import (
	"crypto/md5" //nolint:gosec // divides people at random, as both engines can; nothing secret
	"encoding/binary"
	"math"
	"slices"
	"strconv"

	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/ref"
)

// vector has a value for each customer of the range: a number, NaN where unset, or a text's number, 0 where unset.
type vector struct {
	num []float64
	ids []uint32
}

// blockSize is how many customers are looked at together; their values stay in the processor's cache.
const blockSize = 2048

func unset(size int) []float64 {
	out := make([]float64, size)
	for i := range out {
		out[i] = math.NaN()
	}
	return out
}

// leaf answers a leaf for the range, of its people.
func (r *run) leaf(i int) Bits {
	n := &r.set.Nodes[i]
	out := newBits(r.size)
	switch n.Join {
	case rule.JoinShare:
		r.share(n, out)
	case rule.JoinHand:
		copy(out, r.hands[n.Segment])
	case rule.JoinSequence:
		r.sequences[i].walk(r, out)
	default:
		v := r.values(n.Expr)
		if r.keeps && r.keepable(n) { // computed once, tested now and kept
			v = r.keep(n.Expr).values
		}
		v.test(&n.Test, r.tests, r.size, out)
	}
	for w := range out {
		out[w] &= r.people[w]
	}
	return out
}

func (r *run) share(n *rule.Node, out Bits) {
	var text []byte
	for i := range r.size {
		if r.people[i>>6]>>(i&63)&1 == 0 {
			continue
		}
		text = append(append(text[:0], n.Salt...), ':')
		text = strconv.AppendUint(text, uint64(r.first)+uint64(i), 10)
		sum := md5.Sum(text) //nolint:gosec // it chooses people at random, it guards nothing
		if uint64(binary.BigEndian.Uint32(sum[:])) < n.Below {
			out.set(i)
		}
	}
}

// values are those of an expression, of customers lo to hi.
type values struct {
	textual bool
	json    bool // the texts are JSON
	texts   *dictionary
	numbers func(lo, hi int, out []float64)
	ids     func(lo, hi int, out []uint32)
}

func (r *run) values(e int) values {
	return values{
		textual: r.textual(e), json: r.json(e), texts: r.texts,
		numbers: func(lo, hi int, out []float64) { r.numbers(e, lo, hi, out) },
		ids:     func(lo, hi int, out []uint32) { r.ids(e, lo, hi, out) },
	}
}

// test sets a bit for whoever's value passes a test.
func (v values) test(t *rule.Test, by *ref.Evaluator, size int, out Bits) {
	if v.textual {
		v.testTexts(t, by, size, out)
		return
	}
	var buffer [blockSize]float64
	for lo := 0; lo < size; lo += blockSize {
		hi := min(lo+blockSize, size)
		v.numbers(lo, hi, buffer[:hi-lo])
		testNumbers(t, buffer[:hi-lo], out[lo>>6:])
	}
}

// testNumbers sets a bit where a number passes.
func testNumbers(t *rule.Test, values []float64, out Bits) {
	var c float64
	if len(t.Numbers) > 0 {
		c = t.Numbers[0]
	}
	for w := 0; w*64 < len(values); w++ {
		part := values[w*64 : min(w*64+64, len(values))]
		var word uint64
		switch t.Op {
		case rule.IsSet:
			word = packed(part, func(f float64) bool { return f == f })
		case rule.IsNotSet:
			word = packed(part, func(f float64) bool { return f != f })
		case rule.Lt:
			word = packed(part, func(f float64) bool { return f < c })
		case rule.Le:
			word = packed(part, func(f float64) bool { return f <= c })
		case rule.Gt:
			word = packed(part, func(f float64) bool { return f > c })
		case rule.Ge:
			word = packed(part, func(f float64) bool { return f >= c })
		case rule.Ne, rule.NotIn:
			word = packed(part, func(f float64) bool { return f == f && !slices.Contains(t.Numbers, f) })
		default:
			word = packed(part, func(f float64) bool { return slices.Contains(t.Numbers, f) })
		}
		out[w] |= word
	}
}

// packed has a bit for each value that holds.
func packed(values []float64, holds func(float64) bool) (word uint64) {
	for i, f := range values {
		if holds(f) {
			word |= 1 << i
		}
	}
	return word
}

// testTexts looks at each text once, whoever has it.
func (v values) testTexts(t *rule.Test, by *ref.Evaluator, size int, out Bits) {
	const yes, no = 1, 2
	var known []uint8
	var buffer [blockSize]uint32
	for lo := 0; lo < size; lo += blockSize {
		hi := min(lo+blockSize, size)
		ids := buffer[:hi-lo]
		v.ids(lo, hi, ids)
		for i, id := range ids {
			for int(id) >= len(known) {
				known = append(known, make([]uint8, len(known)+64)...)
			}
			if known[id] == 0 {
				known[id] = no
				if by.Passes(t, v.of(id)) {
					known[id] = yes
				}
			}
			if known[id] == yes {
				out.set(lo + i)
			}
		}
	}
}

func (v values) of(id uint32) rule.Value {
	if v.json && id != 0 {
		return rule.Scalar(v.texts.texts[id])
	}
	return rule.ValueOf(v.texts.texts[id])
}

// json says that the texts of an expression are JSON: those of an attribute, which are told from null given and nothing given.
func (r *run) json(e int) bool {
	return r.set.Exprs[e].Form == rule.FormAttribute && r.set.Exprs[e].Column == ""
}

// scalar is the text of a number of JSON as a number of a text.
func (r *run) scalar(id uint32) uint32 {
	if id == 0 {
		return 0
	}
	for int(id) >= len(r.scalars) {
		r.scalars = append(r.scalars, make([]uint32, len(r.scalars)+64)...)
	}
	if r.scalars[id] == 0 {
		r.scalars[id] = 1 + r.texts.of(rule.Scalar(r.texts.texts[id]).Text)
	}
	return r.scalars[id] - 1
}

// textual says whether an expression's values are texts.
func (r *run) textual(e int) bool {
	x := &r.set.Exprs[e]
	switch x.Form {
	case rule.FormAttribute:
		return true
	case rule.FormState:
		return r.column[e].num == nil
	case rule.FormFirstSet:
		return r.textual(x.Args[0])
	case rule.FormMin, rule.FormMax, rule.FormFirst, rule.FormLast, rule.FormFrequent:
		return x.Prop.As != rule.Number
	}
	return false
}

// ids gives the texts of some customers.
func (r *run) ids(e, lo, hi int, out []uint32) {
	x := &r.set.Exprs[e]
	switch x.Form {
	case rule.FormAttribute:
		given := r.given[x.Sel][lo:hi]
		if x.Column == "" {
			copy(out, given)
			return
		}
		column := r.column[e].ids
		for i, id := range given {
			switch {
			case id != 0: // a null that was given counts: the column stands in only where nothing was
				out[i] = r.scalar(id)
			case column != nil:
				out[i] = column[lo+i]
			default:
				out[i] = 0
			}
		}
		return
	case rule.FormState:
		clear(out)
		if ids := r.column[e].ids; ids != nil {
			copy(out, ids[lo:hi])
		}
		return
	case rule.FormFirstSet:
		clear(out)
		var buffer [blockSize]uint32
		for _, a := range x.Args {
			part := buffer[:hi-lo]
			r.ids(a, lo, hi, part)
			json := r.json(a)
			for i, id := range part {
				if out[i] != 0 || id == 0 {
					continue
				}
				if json {
					id = r.scalar(id)
				}
				out[i] = id
			}
		}
		return
	}
	switch f := r.folds[e].(type) {
	case *extremes:
		copy(out, f.ids[lo:hi])
	case *ends:
		for i, e := range f.of[lo:hi] {
			out[i] = uint32(e.value)
		}
	case *varied:
		copy(out, f.settled[lo:hi])
	}
	// Since an event that is missing nothing was taken: there is no text.
}

// numbers gives the numbers of some customers, NaN where unset.
func (r *run) numbers(e, lo, hi int, out []float64) {
	x := &r.set.Exprs[e]
	switch x.Form {
	case rule.FormState:
		for i := range out {
			out[i] = math.NaN()
		}
		if num := r.column[e].num; num != nil {
			copy(out, num[lo:hi])
		}
	case rule.FormFirstSet, rule.FormTotal, rule.FormEarliest, rule.FormLatest:
		r.joined(x, lo, hi, out)
	case rule.FormDays:
		r.numbers(x.Args[0], lo, hi, out)
		for i, at := range out {
			if at == at {
				out[i] = float64((r.now.AtUS - int64(at)) / 86_400_000_000)
			}
		}
	case rule.FormAverage, rule.FormRatio, rule.FormTrend:
		r.combined(x, lo, hi, out)
	default:
		r.folded(e, x, lo, hi, out)
	}
}

func (r *run) joined(x *rule.Expr, lo, hi int, out []float64) {
	for i := range out {
		out[i] = math.NaN()
	}
	var buffer [blockSize]float64
	for k, a := range x.Args {
		part := buffer[:hi-lo]
		r.numbers(a, lo, hi, part)
		for i, v := range part {
			old := out[i]
			switch {
			case k == 0:
				out[i] = v
			case x.Form == rule.FormTotal:
				out[i] = old + v // NaN where either is
			case v != v:
			case old != old:
				out[i] = v
			case x.Form == rule.FormEarliest:
				out[i] = min(old, v)
			case x.Form == rule.FormLatest:
				out[i] = max(old, v)
			}
		}
	}
}

func (r *run) combined(x *rule.Expr, lo, hi int, out []float64) {
	var buffer [blockSize]float64
	by := buffer[:hi-lo]
	r.numbers(x.Args[0], lo, hi, out)
	r.numbers(x.Args[1], lo, hi, by)
	for i, b := range by {
		a := out[i]
		if x.Form == rule.FormTrend {
			a, b = a-b, a+b
		}
		if out[i] = a / b; b == 0 {
			out[i] = math.NaN()
		}
	}
}

// folded gives what facts were taken together to.
func (r *run) folded(e int, x *rule.Expr, lo, hi int, out []float64) {
	switch f := r.folds[e].(type) {
	case *counts:
		for i, n := range f.n[lo:hi] {
			out[i] = float64(n)
		}
	case *sums:
		for i, w := range f.of[lo:hi] {
			out[i] = total(w.hi, w.lo)
		}
	case *instants:
		for i, at := range f.at[lo:hi] {
			if x.Form == rule.FormCount { // whether there is any
				out[i] = 0
				if at != rule.Never {
					out[i] = 1
				}
				continue
			}
			if out[i] = float64(at); at == rule.Never {
				out[i] = math.NaN()
			}
		}
	case *extremes:
		copy(out, f.num[lo:hi])
	case *ends:
		for i, e := range f.of[lo:hi] {
			if out[i] = math.Float64frombits(^e.value); e.value == 0 {
				out[i] = math.NaN()
			}
		}
	case *varied:
		for i, n := range f.settled[lo:hi] {
			if out[i] = float64(n); x.Form == rule.FormFrequent {
				out[i] = f.floats[n]
			}
		}
	}
	if since := r.set.Selections[x.Sel].Since; since >= 0 {
		for i, at := range r.since[since][lo:hi] {
			if at == rule.Never {
				out[i] = math.NaN()
			}
		}
	}
}

// total is a sum of millionths, bounded to 64 bits.
func total(hi int64, lo uint64) float64 {
	const limit = 9_000_000_000_000_000_000
	sum := int64(lo)
	switch {
	case hi > 0, hi == 0 && lo > limit:
		sum = limit
	case hi < -1, hi == -1 && sum < -limit, hi == -1 && sum >= 0:
		sum = -limit
	}
	return float64(sum) / 1e6
}
