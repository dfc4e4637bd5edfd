package gbdt

// Histograms hold sums of rounded derivatives, as integers. Integer sums do not
// depend on the order of addition, so neither does the model on the number of
// goroutines, and one histogram less another is exact.
//
// Within a block of rows, gradient, hessian and number of rows of a bin share
// one 64-bit word, so that a row costs one addition a column:
//
//	bits 39-63  sum of gradients, signed, each within ±narrowTop
//	bits 15-38  sum of hessians, each 0 to narrowTop
//	bits  0-14  number of rows
//
// Where derivatives differ so much in size that ten bits are too coarse, and
// where there are so few rows that time does not matter, a second word is used:
//
//	word 0      sum of gradients, each within ±wideTop
//	word 1      bits 17-63 sum of hessians, each 0 to wideTop; bits 0-16 rows
const (
	block = 1 << 14 // rows that the fields of a word have room for

	narrowTop       = 1<<10 - 1
	narrowHessianAt = 15
	narrowGradAt    = 39

	wideTop       = 1<<30 - 1
	wideHessianAt = 17
)

// cell is a bin's sums, in units of the tree's scale.
type cell struct{ g, h, n int64 }

func (c cell) plus(d cell) cell  { return cell{c.g + d.g, c.h + d.h, c.n + d.n} }
func (c cell) minus(d cell) cell { return cell{c.g - d.g, c.h - d.h, c.n - d.n} }

// narrowCell takes a word apart.
func narrowCell(v uint64) cell {
	return cell{
		int64(v) >> narrowGradAt,
		int64(v >> narrowHessianAt & (1<<(narrowGradAt-narrowHessianAt) - 1)),
		int64(v & (1<<narrowHessianAt - 1)),
	}
}

// words8 is the histogram of eight columns within a block.
type words8 [8][256]uint64

// addNarrow adds rows' derivatives to the bins of eight columns.
func addNarrow(hist *words8, bins, derivatives []uint64) {
	derivatives = derivatives[:len(bins)]
	for i, w := range bins {
		d := derivatives[i]
		hist[0][uint8(w)] += d
		hist[1][uint8(w>>8)] += d
		hist[2][uint8(w>>16)] += d
		hist[3][uint8(w>>24)] += d
		hist[4][uint8(w>>32)] += d
		hist[5][uint8(w>>40)] += d
		hist[6][uint8(w>>48)] += d
		hist[7][uint8(w>>56)] += d
	}
}

// addNarrowTail is addNarrow for the last word of a row, of which only the
// lower columns are used.
func addNarrowTail(hist *words8, bins, derivatives []uint64, columns int) {
	derivatives = derivatives[:len(bins)]
	switch {
	case columns > 6:
		addNarrow(hist, bins, derivatives)
	case columns > 4:
		for i, w := range bins {
			d := derivatives[i]
			hist[0][uint8(w)] += d
			hist[1][uint8(w>>8)] += d
			hist[2][uint8(w>>16)] += d
			hist[3][uint8(w>>24)] += d
			hist[4][uint8(w>>32)] += d
			hist[5][uint8(w>>40)] += d
		}
	case columns > 2:
		for i, w := range bins {
			d := derivatives[i]
			hist[0][uint8(w)] += d
			hist[1][uint8(w>>8)] += d
			hist[2][uint8(w>>16)] += d
			hist[3][uint8(w>>24)] += d
		}
	default:
		for i, w := range bins {
			d := derivatives[i]
			hist[0][uint8(w)] += d
			hist[1][uint8(w>>8)] += d
		}
	}
}

// addNarrowRows is addNarrow for all words of consecutive rows, which need not
// be gathered: bins is the row-wise matrix from the first row's word on.
func addNarrowRows(hist *words8, bins []uint64, words int, derivatives []uint64) {
	at := 0
	for _, d := range derivatives {
		w := bins[at]
		at += words
		hist[0][uint8(w)] += d
		hist[1][uint8(w>>8)] += d
		hist[2][uint8(w>>16)] += d
		hist[3][uint8(w>>24)] += d
		hist[4][uint8(w>>32)] += d
		hist[5][uint8(w>>40)] += d
		hist[6][uint8(w>>48)] += d
		hist[7][uint8(w>>56)] += d
	}
}

// addWide is addNarrow with two words a bin.
func addWide(hist *[8][256][2]uint64, bins []uint64, derivatives [][2]uint64) {
	derivatives = derivatives[:len(bins)]
	for i, w := range bins {
		g, h := derivatives[i][0], derivatives[i][1]
		b := &hist[0][uint8(w)]
		b[0], b[1] = b[0]+g, b[1]+h
		b = &hist[1][uint8(w>>8)]
		b[0], b[1] = b[0]+g, b[1]+h
		b = &hist[2][uint8(w>>16)]
		b[0], b[1] = b[0]+g, b[1]+h
		b = &hist[3][uint8(w>>24)]
		b[0], b[1] = b[0]+g, b[1]+h
		b = &hist[4][uint8(w>>32)]
		b[0], b[1] = b[0]+g, b[1]+h
		b = &hist[5][uint8(w>>40)]
		b[0], b[1] = b[0]+g, b[1]+h
		b = &hist[6][uint8(w>>48)]
		b[0], b[1] = b[0]+g, b[1]+h
		b = &hist[7][uint8(w>>56)]
		b[0], b[1] = b[0]+g, b[1]+h
	}
}

// scratch is what a goroutine builds histograms with.
type scratch struct {
	gathered []uint64 // words*block: each word's bins of a block's rows
	narrow   []uint64 // derivatives of a block's rows
	wide     [][2]uint64
	sums     []words8 // a word of columns each
	sumsWide [][8][256][2]uint64
	cells    []cell // a whole histogram, of goroutines but the first
	right    []int32
}

// histogram sums the derivatives of rows by bin into dst.
func (g *grower) histogram(dst []cell, rows []int32) {
	clear(dst)
	t := g.team
	if len(rows) < few {
		t = 1
	}
	if t == 1 {
		g.histogramPart(dst, rows, &g.scratch[0])
		return
	}
	t.run(func(member int) {
		from, to := share(len(rows), int(t), member)
		s, into := &g.scratch[member], dst
		if member > 0 {
			if s.cells == nil {
				s.cells = make([]cell, g.m.cells)
			}
			into = s.cells
			clear(into)
		}
		g.histogramPart(into, rows[from:to], s)
	})
	t.run(func(member int) {
		from, to := share(len(dst), int(t), member)
		for other := 1; other < int(t); other++ {
			add := g.scratch[other].cells[from:to]
			for i, c := range dst[from:to] {
				dst[from+i] = c.plus(add[i])
			}
		}
	})
}

// histogramPart adds rows to dst, block by block.
func (g *grower) histogramPart(dst []cell, rows []int32, s *scratch) {
	s.prepare(g.m.words, g.wide)
	for len(rows) > 0 {
		n := min(len(rows), block)
		if !g.wide && int(rows[n-1]-rows[0]) == n-1 { // rising, so without gaps
			g.consecutive(dst, int(rows[0]), n, s)
			rows = rows[n:]
			continue
		}
		g.gather(rows[:n], s)
		for w := range g.m.words {
			if !g.wordUsed[w] {
				continue
			}
			bins, columns := s.gathered[w*block:w*block+n], min(8, len(g.m.used)-8*w)
			if g.wide {
				addWide(&s.sumsWide[w], bins, s.wide)
				g.flushWide(dst, &s.sumsWide[w], w, columns)
			} else {
				addNarrowTail(&s.sums[w], bins, s.narrow, columns)
				g.flushNarrow(dst, &s.sums[w], w, columns)
			}
		}
		rows = rows[n:]
	}
}

// consecutive adds a block of rows that follow each other.
func (g *grower) consecutive(dst []cell, first, n int, s *scratch) {
	words := g.m.words
	derivatives := g.narrows[first : first+n]
	for w := range words {
		if g.wordUsed[w] {
			addNarrowRows(&s.sums[w], g.m.rows[first*words+w:(first+n)*words], words, derivatives)
			g.flushNarrow(dst, &s.sums[w], w, min(8, len(g.m.used)-8*w))
		}
	}
}

// prepare makes room at first use.
func (s *scratch) prepare(words int, wide bool) {
	if s.gathered == nil {
		s.gathered = make([]uint64, words*block)
	}
	if wide && s.wide == nil {
		s.wide, s.sumsWide = make([][2]uint64, block), make([][8][256][2]uint64, words)
	}
	if !wide && s.narrow == nil {
		s.narrow, s.sums = make([]uint64, block), make([]words8, words)
	}
}

// gather brings the bins and derivatives of scattered rows together.
func (g *grower) gather(rows []int32, s *scratch) {
	switch {
	case g.wide:
		for i, r := range rows {
			s.wide[i] = g.wides[r]
		}
	default:
		narrow, all := s.narrow[:len(rows)], g.narrows
		for i, r := range rows {
			narrow[i] = all[r]
		}
	}
	words, all := g.m.words, g.m.rows
	w := 0
	for ; w+4 <= words; w += 4 {
		a, b := s.gathered[w*block:][:len(rows)], s.gathered[(w+1)*block:][:len(rows)]
		c, d := s.gathered[(w+2)*block:][:len(rows)], s.gathered[(w+3)*block:][:len(rows)]
		for i, r := range rows {
			row := all[int(r)*words+w:][:4]
			a[i], b[i], c[i], d[i] = row[0], row[1], row[2], row[3]
		}
	}
	for ; w < words; w++ {
		a := s.gathered[w*block:][:len(rows)]
		for i, r := range rows {
			a[i] = all[int(r)*words+w]
		}
	}
}

// flushNarrow adds a block's sums to the histogram and clears them.
func (g *grower) flushNarrow(dst []cell, sums *words8, w, columns int) {
	for c := range columns {
		f := 8*w + c
		bins := g.m.used[f].bins
		into, from := dst[g.m.start[f]:][:bins], sums[c][:bins]
		for i, v := range from {
			if v != 0 {
				into[i] = into[i].plus(narrowCell(v))
				from[i] = 0
			}
		}
	}
	for c := columns; c < 8; c++ {
		sums[c][0] = 0 // what the kernel added for columns that do not exist
	}
}

// flushWide is flushNarrow for two words.
func (g *grower) flushWide(dst []cell, sums *[8][256][2]uint64, w, columns int) {
	for c := range columns {
		f := 8*w + c
		bins := g.m.used[f].bins
		into, from := dst[g.m.start[f]:][:bins], sums[c][:bins]
		for i, v := range from {
			if v[1] == 0 {
				continue
			}
			into[i].g += int64(v[0])
			into[i].h += int64(v[1] >> wideHessianAt)
			into[i].n += int64(v[1] & (1<<wideHessianAt - 1))
			from[i] = [2]uint64{}
		}
	}
	for c := columns; c < 8; c++ {
		sums[c][0] = [2]uint64{}
	}
}
