package lab

import (
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/collect/table"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/models/classify"
)

// MaxCells is how much of a file is taken into memory.
const MaxCells = 50_000_000

// Sheet is a file in memory.
type Sheet struct {
	Name      string
	Names     []string   // of the columns
	Cells     [][]string // by column, trimmed
	Lines     []int64    // of the file, by row
	Malformed int64      // rows that could not be split
}

// Load reads a file of any of the formats that an import reads.
func Load(ctx context.Context, path string, o table.Options) (*Sheet, error) {
	t, err := table.Open(ctx, path, o)
	if err != nil {
		return nil, err
	}
	s := &Sheet{Name: t.Info().Name, Names: t.Columns()}
	s.Cells = make([][]string, len(s.Names))
	rows, err := t.Rows(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	interned := map[string]string{}
	var b table.Batch
	for {
		if err := rows.Next(&b); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		s.Malformed += int64(len(b.Malformed()))
		for i := range b.Len() {
			s.Lines = append(s.Lines, b.Line(i))
			for j, cell := range b.Row(i) {
				s.Cells[j] = append(s.Cells[j], keep(interned, strings.TrimSpace(cell)))
			}
		}
		if len(s.Lines)*len(s.Names) > MaxCells {
			return nil, fault.Newf(fault.Invalid, "lab.too_large", "the file has more than %d cells", MaxCells).At(fault.Place{File: s.Name}).Then("Take a sample of its rows, or leave out columns.")
		}
	}
	if len(s.Lines) == 0 {
		return nil, fault.New(fault.Invalid, "lab.no_rows", "the file holds a header but no rows").At(fault.Place{File: s.Name}).Then("Look into it, and export it again.")
	}
	return s, nil
}

// mostInterned bounds how many different short texts are shared between cells.
const mostInterned = 1 << 20

// keep copies a cell, short ones once.
func keep(interned map[string]string, cell string) string {
	if kept, ok := interned[cell]; ok {
		return kept
	}
	cell = strings.Clone(cell)
	if len(cell) <= 64 && len(interned) < mostInterned {
		interned[cell] = cell
	}
	return cell
}

// column finds a column by name: as it is written, or but for case and spaces.
func (s *Sheet) column(name, flag string) (int, error) {
	if j := slices.Index(s.Names, name); j >= 0 {
		return j, nil
	}
	for j, have := range s.Names {
		if strings.EqualFold(strings.TrimSpace(have), strings.TrimSpace(name)) {
			return j, nil
		}
	}
	f := fault.Newf(fault.Invalid, "lab.no_column", "the file has no column %q", name).At(fault.Place{File: s.Name, Field: flag})
	return 0, f.Then("Its columns are: " + strings.Join(s.Names, ", ") + ".")
}

// columns finds several, separated by commas.
func (s *Sheet) columns(names, flag string) (list []int, err error) {
	for _, name := range strings.Split(names, ",") {
		if strings.TrimSpace(name) == "" {
			continue
		}
		j, err := s.column(name, flag)
		if err != nil {
			return nil, err
		}
		list = append(list, j)
	}
	return list, nil
}

// hole says that a cell holds nothing, in the words of other programs.
func hole(cell string) bool {
	switch strings.ToLower(cell) {
	case "", "na", "n/a", "nan", "null", "none", "-", "?", "#n/a":
		return true
	}
	return false
}

// unwritten says that a cell of words holds nothing: "none" or "-" may be a kind of its own there.
func unwritten(cell string) bool {
	switch strings.ToLower(cell) {
	case "", "na", "n/a", "nan", "null", "#n/a":
		return true
	}
	return false
}

// typed makes a column for the models: numbers where every cell is one or a hole, days where every cell is a date, otherwise words.
func (s *Sheet) typed(j int, rows []int) classify.Column {
	c := classify.Column{Name: s.Names[j], Numbers: make([]float64, len(rows))}
	for _, read := range []func(string) (float64, bool){number, dateNumber} {
		if s.all(j, rows, read, c.Numbers) {
			return c
		}
	}
	c.Numbers, c.Texts = nil, make([]string, len(rows))
	for k, i := range rows {
		if cell := s.Cells[j][i]; !unwritten(cell) {
			c.Texts[k] = cell
		}
	}
	return c
}

// all reads every cell that is no hole, at least one, or says that it cannot.
func (s *Sheet) all(j int, rows []int, read func(string) (float64, bool), into []float64) bool {
	any := false
	for k, i := range rows {
		cell := s.Cells[j][i]
		if into[k] = math.NaN(); hole(cell) {
			continue
		}
		x, ok := read(cell)
		if !ok {
			return false
		}
		into[k], any = x, true
	}
	return any
}

// number reads 12, -3.5, 1e6, 1,234.50 and 12 %.
func number(cell string) (float64, bool) {
	x, err := strconv.ParseFloat(cell, 64)
	if err == nil {
		return x, !math.IsInf(x, 0) && !math.IsNaN(x)
	}
	if bare, ok := strings.CutSuffix(cell, "%"); ok {
		x, err = strconv.ParseFloat(strings.TrimSpace(bare), 64)
		return x / 100, err == nil
	}
	if !grouped(cell) {
		return 0, false
	}
	x, err = strconv.ParseFloat(strings.ReplaceAll(cell, ",", ""), 64)
	return x, err == nil
}

// grouped says that commas stand before each three digits, as in 1,234,567.8, and nowhere else.
func grouped(cell string) bool {
	whole, _, _ := strings.Cut(strings.TrimPrefix(cell, "-"), ".")
	parts := strings.Split(whole, ",")
	for k, part := range parts {
		if k > 0 && len(part) != 3 || k == 0 && (part == "" || len(part) > 3) {
			return false
		}
	}
	return len(parts) > 1
}

// dateNumber reads a date, with or without a time, as days since 1970.
func dateNumber(cell string) (float64, bool) {
	for _, layout := range []string{time.DateOnly, time.DateTime, time.RFC3339, "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, cell); err == nil {
			return float64(t.Unix()) / 86400, true
		}
	}
	return 0, false
}

// within waits for work that knows no context, or for the context: what is begun ends with the process then.
func within[T any](ctx context.Context, work func() (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		value, err := work()
		done <- outcome{value, err}
	}()
	select {
	case o := <-done:
		return o.value, o.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}
