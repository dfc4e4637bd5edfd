package pass

import (
	"context"
	"errors"
	"slices"

	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/ref"
	"github.com/dangol/dangol/internal/query/rule/render"
)

// run answers leaves for a range of customers.
type run struct {
	set    *rule.Set
	needs  []rule.Need
	q      render.Ask
	d      render.DuckDB
	now    rule.Now
	tables Tables
	tests  *ref.Evaluator
	first  uint32 // of the range, a multiple of 64
	size   int    // of the range
	parted bool   // the range is not everyone
	texts  *dictionary

	people     Bits // those of the range
	wanted     map[int]bool
	folds      map[int]fold
	levels     [2][]consumer
	columns    []int // expressions that are columns of customer_state or customer
	flagged    map[int]bool
	some       map[int]bool // counts of which only is asked whether they are anything
	attributes []int
	given      map[int][]uint32 // of attributes: the number of the JSON that was given last; 0 where none was
	column     map[int]*vector  // of columns
	since      map[int][]int64  // of expressions: the instant, rule.Never where there is none
	users      map[fold]int     // leaves that still need it
	ready      map[fold]bool    // all of it is read
	keeps      bool             // the values that leaves test
	kept       []*kept
	scalars    []uint32 // by the number of a JSON: one more than the number of its text; 0 where it was not asked for
	hands      map[string]Bits
	sequences  map[int]*sequence
	held       int // facts in memory
}

// errTooMuch says that a range has more facts than are held at once.
var errTooMuch = errors.New("pass: too many facts at once")

// heldAtOnce bounds the facts in memory, at 40 bytes each.
const heldAtOnce = 6_000_000

func newRun(s *rule.Set, t Tables, q render.Ask, first uint32, size int, parted bool) *run {
	r := &run{
		set: s, needs: s.Needs(), q: q, now: rule.At(q.AsOfUS, s.Zone()), tables: t, tests: ref.New(s), first: first, size: size, parted: parted, texts: newDictionary(),
		wanted: map[int]bool{}, folds: map[int]fold{}, flagged: map[int]bool{}, some: map[int]bool{}, given: map[int][]uint32{}, column: map[int]*vector{}, since: map[int][]int64{},
		users: map[fold]int{}, ready: map[fold]bool{}, hands: map[string]Bits{}, sequences: map[int]*sequence{},
	}
	r.tests.Begin(nil, q.AsOfUS)
	return r
}

// leaves answers nodes that are neither and, or nor not.
func (r *run) leaves(ctx context.Context, nodes []int) (map[int]Bits, error) {
	r.wantAll(nodes)
	for _, i := range nodes {
		for _, f := range r.leafFolds(i) {
			r.users[f]++
		}
	}
	if err := r.readKeys(ctx, render.People(r.set, r.q, r.d), nil, &r.people); err != nil {
		return nil, err
	}
	for segment := range r.hands {
		text, args := render.Hand(r.set, segment, r.q, r.d)
		var in Bits
		if err := r.readKeys(ctx, text, args, &in); err != nil {
			return nil, err
		}
		r.hands[segment] = in
	}
	if err := errors.Join(r.readColumns(ctx), r.readTold(ctx)); err != nil {
		return nil, err
	}
	out := make(map[int]Bits, len(nodes))
	r.settle(nodes, out)
	for level := range r.levels {
		if level == 1 {
			r.settleSince()
		}
		for _, d := range r.readings(r.levels[level]) {
			for _, c := range d.consumers {
				c.fold.begin(r.size)
			}
			if err := r.read(ctx, d); err != nil {
				return nil, err
			}
			for _, c := range d.consumers {
				r.ready[c.fold] = true
				if v, ok := c.fold.(*varied); ok {
					v.settle(r.size, r.texts)
				}
			}
			r.settle(nodes, out)
		}
	}
	return out, nil
}

// settle answers the leaves of which all facts are read, and lets go of what no other needs.
func (r *run) settle(nodes []int, out map[int]Bits) {
	for _, i := range nodes {
		folds := r.leafFolds(i)
		if out[i] != nil || slices.ContainsFunc(folds, func(f fold) bool { return !r.ready[f] }) {
			continue
		}
		out[i] = r.leaf(i)
		for _, f := range folds {
			if r.users[f]--; r.users[f] == 0 {
				f.end()
			}
		}
	}
}

func (r *run) wantedOf(w render.Wanted) render.Wanted {
	if r.parted {
		w.First, w.End = r.first, r.first+uint32(r.size)
	}
	return w
}

// index is a customer's place in the range; false where she is not in it.
func (r *run) index(key uint32) (int, bool) {
	i := int(key) - int(r.first)
	return i, i >= 0 && i < r.size
}

func (r *run) readKeys(ctx context.Context, text string, args []any, into *Bits) error {
	*into = newBits(r.size)
	return r.tables.Blocks(ctx, text, args, func(b *Block) error {
		for _, key := range b.Columns[0].U32 {
			if i, ok := r.index(key); ok {
				into.set(i)
			}
		}
		return nil
	})
}

func (r *run) readColumns(ctx context.Context) error {
	if len(r.columns) == 0 {
		return nil
	}
	state, customer := render.State(r.set, r.columns, r.flagged, r.q, r.d)
	for text, of := range map[string]bool{state: false, customer: true} {
		if text == "" {
			continue
		}
		var exprs []int
		for _, e := range r.columns {
			if (r.set.Exprs[e].Form == rule.FormAttribute) == of {
				exprs = append(exprs, e)
				r.column[e] = &vector{}
			}
		}
		err := r.tables.Blocks(ctx, text, nil, func(b *Block) error {
			for j, e := range exprs {
				r.fillColumn(r.column[e], b.Columns[0].U32, &b.Columns[j+1])
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *run) fillColumn(v *vector, keys []uint32, c *Column) {
	if c.F64 != nil && v.num == nil {
		v.num = unset(r.size)
	} else if c.F64 == nil && v.ids == nil {
		v.ids = make([]uint32, r.size)
	}
	for i, key := range keys {
		w, ok := r.index(key)
		switch {
		case !ok || !c.Has(i):
		case c.F64 != nil:
			v.num[w] = c.F64[i]
		default:
			v.ids[w] = r.texts.of(c.Text[i])
		}
	}
}

// readTold reads what identify calls told of all attributes at once. What was given last is found by the number of its row.
func (r *run) readTold(ctx context.Context) error {
	if len(r.attributes) == 0 {
		return nil
	}
	var needs []int
	for _, e := range r.attributes {
		if n := r.set.Exprs[e].Sel; !slices.Contains(needs, n) {
			needs = append(needs, n)
			r.given[n] = make([]uint32, r.size)
		}
	}
	at, place := []int64{0}, []uint64{0}
	rows := make([][]uint32, len(needs)) // for each row the number of the JSON
	for j := range rows {
		rows[j] = []uint32{0}
	}
	text, args := render.Told(r.set, needs, r.wantedOf(render.Wanted{}), r.q, r.d)
	err := r.tables.Blocks(ctx, text, args, func(b *Block) error {
		at, place = append(at, b.Columns[1].I64...), append(place, b.Columns[2].U64...)
		for j, n := range needs {
			rows[j] = r.lastGiven(rows[j], r.given[n], b.Columns[0].U32, &b.Columns[3+j], func(k, old uint32) bool {
				return at[k] > at[old] || at[k] == at[old] && place[k] > place[old]
			})
		}
		return nil
	})
	if err != nil {
		return err
	}
	for j, n := range needs {
		last := r.given[n]
		for w, row := range last {
			last[w] = rows[j][row]
		}
	}
	return nil
}

// lastGiven adds the numbers of what was given to rows, and notes for each customer the row that is later than all others.
func (r *run) lastGiven(rows, last, keys []uint32, c *Column, later func(k, old uint32) bool) []uint32 {
	for i, key := range keys {
		id := uint32(0)
		if c.Has(i) {
			id = r.texts.of(c.Text[i])
		}
		k := uint32(len(rows))
		rows = append(rows, id)
		if w, ok := r.index(key); ok && id != 0 && (last[w] == 0 || later(k, last[w])) {
			last[w] = k
		}
	}
	return rows
}

// read asks for the facts of a need and hands them to the consumers. Where only the last instants of all time are wanted it goes back in time,
// and looks no more at who was met later: most facts are of those who come often.
func (r *run) read(ctx context.Context, d *reading) error {
	if !d.lastOnly() {
		return r.readOnce(ctx, d)
	}
	if known, err := r.readSeen(ctx, d); known || err != nil {
		return err
	}
	to := r.now.AtUS + 1
	for _, days := range []int64{10, 30, 90, 270} {
		d.wanted.From, d.wanted.To = to-days*86_400_000_000, to
		if err := r.readOnce(ctx, d); err != nil {
			return err
		}
		to = d.wanted.From
		if d.met == nil {
			d.met = newBits(r.size)
		}
		for w, at := range d.consumers[0].fold.(*instants).at {
			if at != rule.Never {
				d.met.set(w)
			}
		}
	}
	d.wanted.From, d.wanted.To = rule.Always, to
	return r.readOnce(ctx, d)
}

func (r *run) readOnce(ctx context.Context, d *reading) error {
	text, args, layout := render.Rows(r.set, r.wantedOf(d.wanted), r.q, r.d)
	codes, err := r.readCodes(ctx, layout.Codes)
	if err != nil {
		return err
	}
	values, bits := make([]int, len(d.consumers)), make([]int, len(d.consumers))
	for i, c := range d.consumers {
		bits[i] = slices.Index(d.wanted.Selections, c.sel)
		if c.prop.Name != "" {
			values[i] = layout.Values + d.value(c)
		}
	}
	var rows []int32
	var who []uint32
	b := batch{texts: r.texts}
	return r.tables.Blocks(ctx, text, args, func(block *Block) error {
		who = r.whose(who[:0], d, layout, block)
		b.who, b.at = who, block.Columns[1].I64
		if layout.Place >= 0 {
			b.place = block.Columns[layout.Place].U64
		}
		var mask []uint64
		if layout.Mask >= 0 {
			mask = block.Columns[layout.Mask].U64
		}
		for i := range d.consumers {
			c := &d.consumers[i]
			looked := mask
			if len(r.set.Selections[c.sel].Filters) == 0 {
				looked = nil
			}
			if rows = r.pick(rows[:0], c, &b, looked, bits[i]); len(rows) == 0 {
				continue
			}
			if values[i] > 0 {
				b.value, b.codes = &block.Columns[values[i]], codes[values[i]-layout.Values]
			}
			c.fold.add(&b, rows)
		}
		if r.held > heldAtOnce && r.size > 64 {
			return errTooMuch
		}
		return nil
	})
}

// readCodes reads what the keys mean that stand for texts: for each value the numbers of texts by key, nil where it is what it is.
func (r *run) readCodes(ctx context.Context, questions []string) ([][]uint32, error) {
	codes := make([][]uint32, len(questions))
	for i, text := range questions {
		if text == "" {
			continue
		}
		codes[i] = []uint32{}
		err := r.tables.Blocks(ctx, text, nil, func(b *Block) error {
			for k, key := range b.Columns[0].U32 {
				if int(key) >= len(codes[i]) {
					codes[i] = append(codes[i], make([]uint32, int(key)+1-len(codes[i]))...)
				}
				codes[i][key] = r.texts.of(b.Columns[1].Text[k])
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return codes, nil
}

// nobody is a place beyond every range.
const nobody = 1<<32 - 1

// whose gives the customers of a block as places in the range; facts that are not of the need, or of who was met, are nobody's.
func (r *run) whose(who []uint32, d *reading, l render.Layout, block *Block) []uint32 {
	keys := block.Columns[0].U32
	if l.Name < 0 && d.met == nil {
		if r.first == 0 {
			return append(who, keys...)
		}
		for _, key := range keys {
			who = append(who, key-r.first) // before the range it is beyond it, too
		}
		return who
	}
	need := &r.needs[d.need]
	var names []uint32
	var types []uint8
	if l.Name >= 0 {
		names, types = block.Columns[l.Name].U32, block.Columns[l.Type].U8
	}
	for i, key := range keys {
		w := key - r.first
		if d.met != nil && d.met.Has(w) || names != nil && !need.Counts(types[i], names[i]) {
			w = nobody
		}
		who = append(who, w)
	}
	return who
}

// pick gives the rows that a consumer takes.
func (r *run) pick(rows []int32, c *consumer, b *batch, mask []uint64, bit int) []int32 {
	size, from, to := uint32(r.size), c.span.From, c.span.To
	who := b.who[:len(b.at)]
	if mask == nil {
		for i, at := range b.at {
			if at >= from && at < to && who[i] < size {
				rows = append(rows, int32(i))
			}
		}
	} else {
		mask = mask[:len(b.at)]
		for i, at := range b.at {
			if at >= from && at < to && who[i] < size && mask[i]>>bit&1 == 1 {
				rows = append(rows, int32(i))
			}
		}
	}
	for _, e := range c.since {
		since, n := r.since[e], 0
		for _, i := range rows { // the processor cannot guess who stays, so it is not made to
			rows[n] = i
			if b.at[i] > since[b.who[i]] {
				n++
			}
		}
		rows = rows[:n]
	}
	return rows
}

// settleSince computes the instants since which facts count.
func (r *run) settleSince() {
	for _, c := range r.levels[1] {
		for _, e := range c.since {
			r.sinceOf(e)
		}
	}
}

func (r *run) sinceOf(e int) []int64 {
	if at, ok := r.since[e]; ok {
		return at
	}
	at := make([]int64, r.size)
	var n [blockSize]float64
	for lo := 0; lo < r.size; lo += blockSize {
		hi := min(lo+blockSize, r.size)
		r.numbers(e, lo, hi, n[:hi-lo])
		for i, v := range n[:hi-lo] {
			if at[lo+i] = rule.Never; v == v {
				at[lo+i] = int64(v)
			}
		}
	}
	r.since[e] = at
	return at
}
