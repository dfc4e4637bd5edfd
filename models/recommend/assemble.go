package recommend

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sort"
)

// parser takes values off the front of a section. The first thing that is wrong
// is kept; everything after it is empty.
type parser struct {
	name string
	b    []byte
	err  error
}

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("section %q: %s", p.name, fmt.Sprintf(format, args...))
		p.b = nil
	}
}

func (p *parser) number() int {
	if len(p.b) < 4 {
		p.fail("it ends too early")
		return 0
	}
	v := binary.LittleEndian.Uint32(p.b)
	p.b = p.b[4:]
	return int(v)
}

// block takes the bytes of a list whose members have a size.
func (p *parser) block(size int) []byte {
	n := p.number() * size
	if n > len(p.b) {
		p.fail("a list claims %d bytes where %d are left", n, len(p.b))
		return nil
	}
	b := p.b[:n]
	p.b = p.b[n:]
	return b
}

func (p *parser) text() string { return string(p.block(1)) }

func (p *parser) strings() []string {
	n := p.number()
	if n > len(p.b)/4 {
		p.fail("a list claims %d strings where %d bytes are left", n, len(p.b))
		return nil
	}
	list := make([]string, 0, n)
	for range n {
		list = append(list, p.text())
	}
	return list
}

// ints takes a list whose values lie in [low, high].
func (p *parser) ints(low, high int) []int32 {
	b := p.block(4)
	list := make([]int32, len(b)/4)
	for i := range list {
		v := int32(binary.LittleEndian.Uint32(b[4*i:]))
		if int(v) < low || int(v) > high {
			p.fail("%d is not between %d and %d", v, low, high)
			return nil
		}
		list[i] = v
	}
	return list
}

// floats takes a list of n finite values.
func (p *parser) floats(n int) []float32 {
	b := p.block(4)
	if len(b) != 4*n {
		p.fail("a list has %d values, not %d", len(b)/4, n)
		return nil
	}
	list := make([]float32, n)
	for i := range list {
		v := math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		if v-v != 0 {
			p.fail("a value is not finite")
			return nil
		}
		list[i] = v
	}
	return list
}

// starts takes offsets into a list of whatever length the last one says.
func (p *parser) starts(rows int) []int32 {
	s := p.ints(0, math.MaxInt32)
	if len(s) != rows+1 || s[0] != 0 || !slices.IsSorted(s) {
		p.fail("the rows do not follow each other")
		return nil
	}
	return s
}

func (p *parser) sparse(rows, cols int) *sparse {
	m := &sparse{rows: p.number(), cols: p.number()}
	if p.err == nil && (m.rows != rows || (cols >= 0 && m.cols != cols)) {
		p.fail("the matrix is %d × %d, not %d × %d", m.rows, m.cols, rows, cols)
	}
	m.start = p.starts(rows)
	m.col = p.ints(0, m.cols-1)
	m.value = p.floats(len(m.col))
	if p.err == nil && int(m.start[rows]) != len(m.col) {
		p.fail("the rows end at %d of %d", m.start[rows], len(m.col))
	}
	for r := 0; p.err == nil && r < rows; r++ {
		if cols, _ := m.row(r); !slices.IsSorted(cols) {
			p.fail("row %d is not in order", r)
		}
	}
	return m
}

// end is the parser's error, or that something is left over.
func (p *parser) end() error {
	if p.err == nil && len(p.b) > 0 {
		p.fail("%d bytes too many", len(p.b))
	}
	return p.err
}

// assemble makes a model of its sections.
func assemble(sections map[string][]byte) (*Model, error) {
	var h head
	if err := json.Unmarshal(sections["HEAD"], &h); err != nil {
		return nil, fmt.Errorf("section %q: %w", "HEAD", err)
	}
	m := &Model{options: h.Options, warm: h.Warm, known: h.Known, means: h.Means}
	at := func(name string) *parser { return &parser{name: name, b: sections[name]} }
	p := at("ITEM")
	m.items = p.strings()
	if err := p.end(); err != nil {
		return nil, err
	}
	p = at("SEGM")
	m.segments = p.strings()
	if err := p.end(); err != nil {
		return nil, err
	}
	if err := h.check(m); err != nil {
		return nil, err
	}
	for _, part := range []func(func(string) *parser, *head) error{m.loadSales, m.loadRhythm, m.loadParts, m.loadShelf} {
		if err := part(at, &h); err != nil {
			return nil, err
		}
	}
	for f := range m.options.needs() {
		if (f == FromEASE && m.ease == nil) || (f == FromALS && m.als == nil) || (f == FromNeighbours && m.near == nil) {
			return nil, fmt.Errorf("the model is of kind %q and has no part %q", m.options.Kind, f)
		}
	}
	m.ready()
	if len(m.index) != len(m.items) {
		return nil, fmt.Errorf("section %q: an item is there twice", "ITEM")
	}
	return m, nil
}

// check looks at the numbers that everything else relies on.
func (h *head) check(m *Model) error {
	o := h.Options
	o.EASE.MostItems = math.MaxInt
	if err := o.check(len(m.items)); err != nil {
		return err
	}
	if o.Kind == Blend && o.Mix == nil {
		return fmt.Errorf("section %q: a blend without weights", "HEAD")
	}
	if h.Warm < 1 || h.Warm > len(m.items) || h.Known < 1 || h.Known > h.Warm || !sort.StringsAreSorted(m.segments) ||
		len(m.segments) == 0 || len(h.SegmentSums) != len(m.segments) || !(h.Sum > 0) {
		return fmt.Errorf("section %q: %d items of which %d were bought, %d segments, %v sales", "HEAD", h.Warm, h.Known, len(m.segments), h.Sum)
	}
	return nil
}

func (m *Model) loadSales(at func(string) *parser, h *head) error {
	p, n := at("SALE"), len(m.items)
	s := &sales{n: n, sum: h.Sum, segsum: h.SegmentSums}
	s.day = p.ints(-maxDay, maxDay)
	s.start = p.starts(len(s.day))
	s.item = p.ints(0, n-1)
	s.count = p.floats(len(s.item))
	if p.err == nil && (int(s.start[len(s.day)]) != len(s.item) || !slices.IsSorted(s.day) || slices.ContainsFunc(s.count, func(v float32) bool { return !(v > 0) })) {
		p.fail("the calendar is not in order")
	}
	s.total = p.floats(n)
	for range m.segments {
		s.segment = append(s.segment, p.floats(n))
	}
	m.sales = s
	return p.end()
}

func (m *Model) loadRhythm(at func(string) *parser, h *head) error {
	p, n := at("RHYT"), len(m.items)
	r := &Replenishment{Mean: h.Rhythm[0], Item: h.Rhythm[1], Person: h.Rhythm[2], Within: h.Rhythm[3], Intervals: h.Intervals}
	r.mean, r.spread, r.share = p.floats(n), p.floats(n), p.floats(n)
	if r.seen = p.ints(0, math.MaxInt32); len(r.seen) != n {
		p.fail("%d numbers for %d items", len(r.seen), n)
	}
	m.renewal = r
	return p.end()
}

// loadParts loads what scores.
func (m *Model) loadParts(at func(string) *parser, h *head) error {
	if p := at("EASE"); len(p.b) > 0 {
		w := p.floats(m.warm * m.warm)
		if err := p.end(); err != nil {
			return err
		}
		m.ease = &linear{n: m.warm, ld: padded(m.warm)}
		m.ease.w = make([]float32, m.ease.n*m.ease.ld)
		for i := range m.warm {
			copy(m.ease.w[i*m.ease.ld:], w[i*m.warm:(i+1)*m.warm])
		}
	}
	if p := at("ALSF"); len(p.b) > 0 {
		if f := h.Options.ALS.Factors; f < 1 || f > 1024 || h.Width != padded(f) || !(h.Scale > 0) || h.Others < 1 || h.Options.ALS.check() != nil {
			p.fail("%d factors, %d wide, constants %v and %d", f, h.Width, h.Scale, h.Others)
			return p.err
		}
		x := &factors{set: h.Options.ALS, f: h.Width, scale: h.Scale, known: h.Others}
		x.item = append(p.floats(m.warm*x.f), make([]float32, (padded(m.warm)-m.warm)*x.f)...)
		x.gram = p.floats(x.f * x.f)
		if err := p.end(); err != nil {
			return err
		}
		m.als = x
	}
	if p := at("NEAR"); len(p.b) > 0 {
		m.near = p.sparse(m.warm, m.warm)
		return p.end()
	}
	return nil
}

func (m *Model) loadShelf(at func(string) *parser, _ *head) error {
	p, n := at("SHLF"), len(m.items)
	if len(p.b) == 0 {
		return nil
	}
	s := &shelf{categories: p.strings()}
	s.category = p.ints(-1, len(s.categories)-1)
	s.attributes = p.strings()
	s.has = p.sparse(n, len(s.attributes))
	s.alike = p.sparse(n, n)
	s.cold = p.ints(0, n-1)
	if p.err == nil && len(s.category) != n {
		p.fail("%d categories for %d items", len(s.category), n)
	}
	m.shelf = s
	return p.end()
}
