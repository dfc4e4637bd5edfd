package orders

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/dangol/dangol/internal/collect/table"
)

const (
	sampleLines = 5000
	sampleCells = 2_000_000 // fewer rows are kept of very wide tables
)

// sample is the first rows of a table, kept for looking at from all sides.
type sample struct {
	rows  [][]string
	lines []int64
}

func takeSample(ctx context.Context, t *table.Table) (*sample, error) {
	rows, err := t.Rows(ctx)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // only read from
	limit := max(20, min(sampleLines, sampleCells/max(1, len(t.Columns()))))
	s := &sample{}
	var b table.Batch
	for len(s.rows) < limit {
		if err := rows.Next(&b); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		for i := 0; i < b.Len() && len(s.rows) < limit; i++ {
			row := make([]string, len(b.Row(i)))
			for c, cell := range b.Row(i) {
				row[c] = strings.Clone(strings.TrimSpace(cell))
			}
			s.rows, s.lines = append(s.rows, row), append(s.lines, b.Line(i))
		}
	}
	return s, nil
}

// column returns the cells of column c that say something.
func (s *sample) column(c int) []string {
	var out []string
	for _, r := range s.rows {
		if c < len(r) && !isNull(r[c]) {
			out = append(out, r[c])
		}
	}
	return out
}

// profile is what a column's cells look like.
type profile struct {
	filled    int
	dates     float64 // share that are dates
	numbers   float64 // share that are numbers
	decimals  float64 // share with decimals
	tens      float64 // share that are multiples of ten, as amounts in won or yen are
	small     float64 // share that are whole and at most 1,000 in size
	median    float64
	distinct  int
	repeats   bool
	padded    bool // digits with leading zeros: a code
	averageIn int  // average length
}

func (s *sample) profile(c int) profile {
	p := profile{}
	values := s.column(c)
	p.filled = len(values)
	if p.filled == 0 {
		return p
	}
	var dates dateCount
	seen := map[string]bool{}
	var sizes []float64
	length, numbers, decimals, tens, small := 0, 0, 0, 0, 0
	comma := prefersComma(values)
	for _, v := range values {
		dates.add(v)
		seen[v] = true
		length += len(v)
		p.padded = p.padded || (len(v) > 1 && v[0] == '0' && plainNumber(v) && !strings.Contains(v, "."))
		d, _, st := parseNumber(v, comma)
		if st != readOK {
			continue
		}
		numbers++
		f := float64(d.m) / float64(pow10[d.scale])
		sizes = append(sizes, f)
		if d.scale > 0 && !strings.HasSuffix(v, ".0") {
			decimals++
		}
		if d.scale == 0 && d.m%10 == 0 {
			tens++
		}
		if d.scale == 0 && d.m >= -1000 && d.m <= 1000 {
			small++
		}
	}
	share := func(n int) float64 { return float64(n) / float64(p.filled) }
	p.dates, p.numbers, p.decimals, p.tens, p.small = dates.share(), share(numbers), share(decimals), share(tens), share(small)
	p.distinct, p.repeats, p.averageIn = len(seen), len(seen) < p.filled, length/p.filled
	p.median = middle(sizes)
	return p
}

// looksLikeDate tells a column of dates from one of numbers that could be read as dates.
func (p profile) looksLikeDate(values []string) bool {
	if p.filled == 0 || p.dates < 0.95 {
		return false
	}
	digits := 0
	for _, v := range values {
		if plainNumber(v) && len(v) != 8 && len(v) != 14 && len(v) != 10 && len(v) != 13 {
			digits++
		}
	}
	return digits*2 < len(values)
}

// idShaped tells a column that could hold ids: short, not amounts, not dates.
func (p profile) idShaped() bool {
	return p.filled > 0 && p.decimals == 0 && p.averageIn <= 40 && (p.small < 0.9 || p.padded)
}

// determines tells whether each value of column a goes with only one value of column b.
func (s *sample) determines(a, b int) bool {
	with := map[string]string{}
	for _, r := range s.rows {
		if isNull(r[a]) {
			continue
		}
		if had, ok := with[r[a]]; ok && had != r[b] {
			return false
		}
		with[r[a]] = r[b]
	}
	return true
}

// middle is the median.
func middle(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[len(values)/2]
}
