package gbdt

// matrix is a table as bins, twice: by row, for histograms, eight columns in a
// word; and by column, for splitting rows. Columns with a single bin are left
// out.
type matrix struct {
	n     int
	words int        // a row
	rows  []uint64   // n*words; column f of the used ones is byte f%8 of word f/8
	cols  [][]uint8  // of the used columns
	used  []*binning // of the used columns
	at    []int      // index of each used column in the table
	all   []*binning // of all columns
	start []int      // first cell of each used column in a histogram
	cells int        // of a histogram
}

// newMatrix bins a training set.
func newMatrix(d *Data, o *Options) (*matrix, error) {
	m := &matrix{n: d.rows, all: make([]*binning, d.Width())}
	problems := make([]error, d.Width())
	t := team(o.Cores)
	t.run(func(member int) {
		var s sampled
		for f := member; f < d.Width(); f += int(t) {
			m.all[f], problems[f] = newBinning(&d.columns[f], o.MaxBins, o.Seed, &s)
		}
	})
	if err := firstError(problems...); err != nil {
		return nil, err
	}
	for f, b := range m.all {
		if b.bins < 2 {
			continue
		}
		m.used, m.at = append(m.used, b), append(m.at, f)
		m.start = append(m.start, m.cells)
		m.cells += b.bins
	}
	m.words = (len(m.used) + 7) / 8
	m.cols = make([][]uint8, len(m.used))
	for f := range m.cols {
		m.cols[f] = make([]uint8, m.n)
	}
	m.fill(d, t)
	return m, nil
}

// fill bins all rows, a block at a time so that its words stay in the cache.
func (m *matrix) fill(d *Data, t team) {
	m.rows = make([]uint64, m.n*m.words)
	t.chunks(m.n, func(_, begin, end int) {
		for f, b := range m.used {
			dst := m.cols[f][begin:end]
			b.apply(dst, &d.columns[m.at[f]], begin, end)
			shift, w := 8*(f%8), begin*m.words+f/8
			for _, bin := range dst {
				m.rows[w] |= uint64(bin) << shift
				w += m.words
			}
		}
	})
}
