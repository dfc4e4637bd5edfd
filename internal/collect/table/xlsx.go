package table

import (
	"context"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/dangol/dangol/internal/kit/fault"
)

// xlsxPass streams the rows of one sheet. Cells come raw, so that numbers keep their digits and do not
// take on a display format; the columns shown as dates are written as ISO text.
type xlsxPass struct {
	t     *Table
	file  *excelize.File
	rows  *excelize.Rows
	done  func() error
	dates []bool
	since time.Time
	line  int64
	total int64
}

func (t *Table) openXLSX(ctx context.Context, o Options) (err error) {
	defer guard(&err)
	t.info.Encoding = "utf-8"
	f, done, err := t.workbook(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	sheets := f.GetSheetList()
	chosen, rows, dates := "", []looseRow(nil), []bool(nil)
	for _, s := range sheets {
		if o.Sheet != "" && !strings.EqualFold(strings.TrimSpace(s), strings.TrimSpace(o.Sheet)) {
			continue
		}
		chosen = s
		if rows, dates, err = sampleSheet(f, s); err != nil {
			return err
		}
		if len(rows) > 0 {
			break
		}
	}
	switch {
	case chosen == "" && o.Sheet == "":
		return fault.New(fault.Invalid, "collect.empty_file", "The workbook holds no sheet").At(fault.Place{File: t.info.Name}).Then("Look into it, and save it again")
	case chosen == "":
		return fault.Newf(fault.Invalid, "collect.no_such_sheet", "The workbook has no sheet %q", o.Sheet).
			At(fault.Place{File: t.info.Name, Field: "sheet", Value: o.Sheet}).Then("Its sheets are: " + strings.Join(sheets, ", "))
	case len(rows) == 0:
		return emptyFile(t.info.Name)
	}
	t.info.Sheet = chosen
	width := 0
	for _, r := range rows {
		width = max(width, len(r.cells))
	}
	for i := range rows {
		rows[i].cells = append(rows[i].cells, make([]string, width-len(rows[i].cells))...)
	}
	t.setColumns(rows, o.Header)
	t.start = func(ctx context.Context) (pass, error) { return t.startXLSX(ctx, dates) }
	return nil
}

// workbook opens the file; sheets beyond 16 MiB are unpacked to temporary files, which done removes.
func (t *Table) workbook(ctx context.Context) (*excelize.File, func() error, error) {
	f, done, err := random(ctx, t.path, t.info.Compression, &t.bytesRead)
	if err != nil {
		return nil, nil, err
	}
	name := f.Name()
	w, err := excelize.OpenFile(name, excelize.Options{RawCellValue: true})
	if err != nil {
		if foreign := archived(name, t.info.Name); foreign != nil {
			err = foreign
		}
		return nil, nil, errors.Join(err, done())
	}
	return w, func() error { return errors.Join(w.Close(), done()) }, nil
}

// sampleSheet reads the first rows twice, raw and as shown: a number shown with date signs is a date.
func sampleSheet(f *excelize.File, sheet string) ([]looseRow, []bool, error) {
	raw, err := firstRows(f, sheet, true)
	if err != nil {
		return nil, nil, err
	}
	shown, err := firstRows(f, sheet, false)
	if err != nil {
		return nil, nil, err
	}
	var dates, numbers []int
	for i, r := range raw {
		for c, cell := range r.cells {
			for c >= len(dates) {
				dates, numbers = append(dates, 0), append(numbers, 0)
			}
			if _, err := strconv.ParseFloat(cell, 64); err != nil || cell == "" {
				continue
			}
			numbers[c]++
			if i < len(shown) && c < len(shown[i].cells) && shownAsDate(cell, shown[i].cells[c]) {
				dates[c]++
			}
		}
	}
	is := make([]bool, len(dates))
	for c := range is {
		is[c] = dates[c] > 0 && dates[c]*2 > numbers[c]
	}
	return raw, is, nil
}

func firstRows(f *excelize.File, sheet string, raw bool) ([]looseRow, error) {
	rows, err := f.Rows(sheet)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // only read from
	var out []looseRow
	for line := int64(1); len(out) < sampleRows && line < 10*sampleRows && rows.Next(); line++ {
		cells, err := rows.Columns(excelize.Options{RawCellValue: raw})
		if err != nil {
			return nil, err
		}
		if filled(cells) > 0 {
			out = append(out, looseRow{line, cells})
		}
	}
	return out, nil
}

// shownAsDate tells whether a number is displayed as a date or time.
func shownAsDate(raw, shown string) bool {
	if raw == shown || strings.ContainsAny(shown, "%") {
		return false
	}
	digits := strings.Count(shown, "/") + strings.Count(shown, ":")
	if digits > 0 || strings.ContainsAny(shown, "년월일年月日") {
		return true
	}
	return strings.Count(strings.TrimPrefix(shown, "-"), "-") >= 2
}

func (t *Table) startXLSX(ctx context.Context, dates []bool) (p *xlsxPass, err error) {
	defer guard(&err)
	f, done, err := t.workbook(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := f.Rows(t.info.Sheet)
	if err != nil {
		return nil, errors.Join(err, done())
	}
	p = &xlsxPass{t: t, file: f, rows: rows, done: done, dates: dates, since: time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)}
	if props, err := f.GetWorkbookProps(); err == nil && props.Date1904 != nil && *props.Date1904 {
		p.since = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if ref, err := f.GetSheetDimension(t.info.Sheet); err == nil {
		if _, last, ok := strings.Cut(ref, ":"); ok {
			_, row, _ := excelize.CellNameToCoordinates(last)
			p.total = int64(row)
		}
	}
	return p, nil
}

func (p *xlsxPass) next(b *Batch) (err error) {
	defer guard(&err)
	for b.Len()+len(b.bad) < 2048 {
		if !p.rows.Next() {
			if err := p.rows.Error(); err != nil {
				return err
			}
			return io.EOF
		}
		p.line++
		cells, err := p.rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return err
		}
		if filled(cells) > 0 {
			p.add(b, cells)
		}
	}
	if p.total > 0 {
		p.t.bytesRead.Store(p.t.info.Bytes * min(p.line, p.total) / p.total)
	}
	return nil
}

func (p *xlsxPass) add(b *Batch, cells []string) {
	before := len(b.cells)
	for i, c := range cells {
		if i < len(p.dates) && p.dates[i] {
			c = p.iso(c)
		}
		b.cells = append(b.cells, mend(c))
	}
	for i := len(cells); i < b.width; i++ {
		b.cells = append(b.cells, "")
	}
	if st, problem := b.fit(before, len(b.cells)-before); st != rowOK {
		b.cells = b.cells[:before]
		b.bad = append(b.bad, Malformed{Line: p.line, Text: strings.Join(cells, ","), Problem: problem})
		return
	}
	b.lines = append(b.lines, p.line)
}

// iso writes a serial day number as a date, with the time where it has one; other text stays as it is.
func (p *xlsxPass) iso(cell string) string {
	serial, err := strconv.ParseFloat(cell, 64)
	if err != nil || serial < 0 || serial > 2958465.99999 {
		return cell
	}
	days, part := math.Modf(serial)
	seconds := int(math.Round(part * 86400))
	at := p.since.AddDate(0, 0, int(days)).Add(time.Duration(seconds) * time.Second)
	switch {
	case serial < 1:
		return at.Format(time.TimeOnly)
	case seconds == 0:
		return at.Format(time.DateOnly)
	}
	return at.Format(time.DateTime)
}

func (p *xlsxPass) close() error {
	return errors.Join(p.rows.Close(), p.done())
}
