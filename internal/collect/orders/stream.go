package orders

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"unsafe"

	"github.com/dangol/dangol/internal/collect/table"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
)

// BatchLines is the largest number of lines given to emit at once.
const BatchLines = 8192

// Reject is a row set aside.
type Reject struct {
	Line   int64  // 1-based line in the file
	Column string // header of the cell at fault, "" where it is the whole row
	Value  string // that cell
	Reason Reason
	Row    string // the row as CSV text
	// Cancelled is the sale of a row set aside as cancelled_order, which an earlier file may have told of while it stood.
	Cancelled *CancelledSale
}

// CancelledSale is a sale that was called off.
type CancelledSale struct {
	Line event.OrderLine
	AtUS int64   // when it was called off
	Day  day.Day // day.Unknown where the file does not say
}

// Totals counts what a pass read: LinesRead = LinesAccepted + RefundLines + the sum of SetAside.
type Totals struct {
	LinesRead     int64
	LinesAccepted int64 // purchases
	RefundLines   int64 // rows that are refunds
	RefundsBeside int64 // refunds that share a row with their purchase, which is the one that is counted above
	SetAside      map[Reason]int64
	FirstDay      day.Day // of purchases and refunds; day.Unknown when there are none
	LastDay       day.Day
	Revenue       map[string]int64 // purchases, minor units by currency
	Refunds       map[string]int64
}

// load is a batch on its way from the parsing goroutine to the caller and back.
type load struct {
	batch   table.Batch
	lines   []event.OrderLine
	rejects []Reject
	gone    []CancelledSale // of the rejects that are cancelled, in their order
	arena   []byte
	err     error
}

// loads is how many batches are under way: one being parsed, one being taken in, one between them.
const loads = 3

// Stream reads every row of t. Lines go to emit in file order, in batches of up to BatchLines; rows set aside go to reject.
// Both are called on the caller's goroutine while the next batch is parsed on another; the strings and the slice
// they are given hold only until they return. The first error of either ends the pass and is returned.
func Stream(ctx context.Context, t *table.Table, m *Mapping, emit func([]event.OrderLine) error, reject func(Reject) error) (Totals, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	rows, err := t.Rows(ctx)
	if err != nil {
		return newTotals(), err
	}
	p := &parser{reader: newRowReader(m.plan), headers: t.Columns(), totals: newTotals()}
	free, full := make(chan *load, loads), make(chan *load, loads)
	for range loads {
		free <- &load{}
	}
	go func() {
		defer close(full)
		for l := range free {
			p.next(rows, l)
			full <- l
			if l.err != nil {
				return
			}
		}
	}()
	err = drain(ctx, full, free, emit, reject)
	stop()
	close(free)
	for range full {
		continue // until the parsing goroutine has ended
	}
	if closing := rows.Close(); err == nil {
		err = closing
	}
	p.sum()
	return p.totals, err
}

// drain hands the loads to the caller's functions until the file ends or one of them fails.
func drain(ctx context.Context, full <-chan *load, free chan<- *load, emit func([]event.OrderLine) error, reject func(Reject) error) error {
	for l := range full {
		for lines := l.lines; len(lines) > 0 && emit != nil; {
			n := min(len(lines), BatchLines)
			if err := emit(lines[:n:n]); err != nil {
				return err
			}
			lines = lines[n:]
		}
		for i := 0; i < len(l.rejects) && reject != nil; i++ {
			if err := reject(l.rejects[i]); err != nil {
				return err
			}
		}
		if errors.Is(l.err, io.EOF) {
			return nil
		}
		if l.err != nil {
			return l.err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		free <- l
	}
	return ctx.Err()
}

func newTotals() Totals {
	return Totals{SetAside: map[Reason]int64{}, FirstDay: day.Unknown, LastDay: day.Unknown, Revenue: map[string]int64{}, Refunds: map[string]int64{}}
}

// parser turns batches of rows into loads of lines and counts them.
type parser struct {
	reader  *rowReader
	headers []string
	totals  Totals
	line    int64 // of the row at hand
}

// next reads and parses a batch. A panic in it is a fault of this pass: on a goroutine of its own it would end the process.
func (p *parser) next(rows *table.Rows, l *load) {
	defer func() {
		if r := recover(); r != nil {
			l.lines, l.rejects, l.gone, l.err = nil, nil, nil, p.broke(r)
		}
	}()
	l.err = rows.Next(&l.batch)
	p.parse(l)
}

// broke is the fault of a panic, with the row it happened at for people and the stack for the log.
func (p *parser) broke(reason any) error {
	return fault.New(fault.Internal, "collect.reading_broke", "the file could not be read to its end because of an error in this program; nothing was kept").
		At(fault.Place{Line: p.line}).Then("Report it with the rows around this one; the log has the details.").
		Because(fmt.Errorf("panic while parsing: %v\n%s", reason, debug.Stack()))
}

func (p *parser) parse(l *load) {
	l.lines, l.rejects, l.gone, l.arena = l.lines[:0], l.rejects[:0], l.gone[:0], l.arena[:0]
	p.reader.arena = &l.arena
	l.lines = slices.Grow(l.lines, l.batch.Len())
	for i := range l.batch.Len() {
		row := l.batch.Row(i)
		n := len(l.lines)
		l.lines = slices.Grow(l.lines, 2)[:n+1] // a returned row makes two
		p.line = l.batch.Line(i)
		f := p.reader.read(row, p.line, &l.lines[n])
		if f.reason != "" {
			p.setAside(l, i, f)
			l.lines = l.lines[:n]
			continue
		}
		p.count(&l.lines[n])
		if p.reader.back > 0 {
			p.totals.RefundsBeside++
			l.lines = append(l.lines, p.reader.refund(&l.lines[n]))
		}
	}
	for _, bad := range l.batch.Malformed() {
		p.totals.SetAside[MalformedRow]++
		l.rejects = append(l.rejects, Reject{Line: bad.Line, Value: bad.Problem, Reason: MalformedRow, Row: bad.Text})
	}
	for i, at := 0, 0; at < len(l.gone); i++ {
		if l.rejects[i].Cancelled != nil { // where it lies, now that all are there
			l.rejects[i].Cancelled = &l.gone[at]
			at++
		}
	}
	p.totals.LinesRead += int64(l.batch.Len() + len(l.batch.Malformed()))
}

func (p *parser) count(l *event.OrderLine) {
	if l.Kind == event.Refund {
		p.totals.RefundLines++
	} else {
		p.totals.LinesAccepted++
	}
	if p.totals.FirstDay == day.Unknown || l.Day < p.totals.FirstDay {
		p.totals.FirstDay = l.Day
	}
	if p.totals.LastDay == day.Unknown || l.Day > p.totals.LastDay {
		p.totals.LastDay = l.Day
	}
}

func (p *parser) setAside(l *load, i int, f rowFault) {
	p.totals.SetAside[f.reason]++
	row := l.batch.Row(i)
	r := Reject{Line: l.batch.Line(i), Reason: f.reason}
	if f.column >= 0 {
		r.Column, r.Value = p.headers[f.column], p.reader.row[f.column] // which its order's first row may have filled
	}
	from := len(l.arena)
	l.arena = appendCSV(l.arena, row)
	if n := len(l.arena) - from; n > 0 {
		r.Row = unsafe.String(&l.arena[from], n) //nolint:gosec // lives as long as the load
	}
	if f.reason == CancelledOrder && p.reader.order >= 0 {
		l.gone = append(l.gone, p.reader.cancelledSale(&l.lines[len(l.lines)-1]))
		r.Cancelled = &l.gone[len(l.gone)-1]
	}
	l.rejects = append(l.rejects, r)
}

// sum adds up the money by currency.
func (p *parser) sum() {
	for key, m := range p.reader.currencies {
		if m == nil || !strings.HasPrefix(key, "\x00") {
			continue
		}
		if m.revenue != 0 {
			p.totals.Revenue[m.code] += m.revenue
		}
		if m.refunds != 0 {
			p.totals.Refunds[m.code] += m.refunds
		}
	}
}

// appendCSV writes a row as one CSV record, without the line's end.
func appendCSV(dst []byte, row []string) []byte {
	for i, c := range row {
		if i > 0 {
			dst = append(dst, ',')
		}
		if !strings.ContainsAny(c, ",\"\r\n") {
			dst = append(dst, c...)
			continue
		}
		dst = append(dst, '"')
		dst = append(dst, strings.ReplaceAll(c, `"`, `""`)...)
		dst = append(dst, '"')
	}
	return dst
}
