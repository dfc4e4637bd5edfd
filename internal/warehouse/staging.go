package warehouse

import (
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/warehouse/columns"
)

// stagedRow is a line with its keys; its order id lies in the text of its block.
type stagedRow struct {
	source                     int64
	order, hash                uint64
	at, quantity, amount, base int64
	customer, product, context uint32
	origin                     uint32 // who the line was first given to; customer unless a merge came between
	from, to                   uint32 // of the order id
	day, promised, delivered   int32
	paidUntil                  int32
	kind                       event.Kind
	beside                     bool // goes to the table of what is told beside lines
}

const (
	blockRows  = 4096
	blockCount = 24 // blocks on their way between the two goroutines: the one that reads keeps its customers now and then
)

type block struct {
	rows []stagedRow
	text []byte
}

// staging writes lines into DuckDB's columns on a goroutine of its own: finding a line's keys and writing the line
// before it cost about the same, so two cores do them side by side.
type staging struct {
	table       *columns.Writer
	beside      *columns.Writer // nil where nothing comes beside lines
	id          int64
	filling     *block
	full, empty chan *block
	done        chan struct{}
	failed      atomic.Pointer[error]
}

func newStaging(table, beside *columns.Writer, id int64) *staging {
	s := &staging{table: table, beside: beside, id: id, full: make(chan *block, blockCount), empty: make(chan *block, blockCount), done: make(chan struct{})}
	for range blockCount {
		s.empty <- &block{rows: make([]stagedRow, 0, blockRows)}
	}
	s.filling = <-s.empty
	go s.write()
	return s
}

// add hands over a row and its order id, which is copied.
func (s *staging) add(r stagedRow, orderID string) error {
	b := s.filling
	if n := len(b.rows); n > 0 && string(b.text[b.rows[n-1].from:b.rows[n-1].to]) == orderID {
		r.from, r.to = b.rows[n-1].from, b.rows[n-1].to // lines of an order mostly follow each other
	} else {
		r.from = uint32(len(b.text))
		b.text = append(b.text, orderID...)
		r.to = uint32(len(b.text))
	}
	b.rows = append(b.rows, r)
	if len(b.rows) < blockRows {
		return nil
	}
	s.full <- b
	s.filling = <-s.empty
	return s.failure()
}

func (s *staging) failure() error {
	if err := s.failed.Load(); err != nil {
		return *err
	}
	return nil
}

func (s *staging) write() {
	defer close(s.done)
	for b := range s.full {
		if s.failed.Load() == nil {
			if err := s.append(b); err != nil {
				s.failed.Store(&err)
			}
		}
		b.rows, b.text = b.rows[:0], b.text[:0]
		s.empty <- b
	}
}

func (s *staging) append(b *block) (err error) {
	defer func() {
		if r := recover(); r != nil { // on this goroutine it would end the process
			err = fmt.Errorf("stage lines: panic: %v\n%s", r, debug.Stack())
		}
	}()
	for i := range b.rows {
		r, w := &b.rows[i], s.table
		if r.beside {
			w = s.beside
		}
		w.U32(0, r.customer)
		w.U64(1, r.order)
		w.U64(2, r.hash)
		w.I64(3, r.at)
		w.I32(4, r.day)
		w.U8(5, uint8(r.kind))
		w.U32(6, r.product)
		w.I64(7, r.quantity)
		w.I64(8, r.amount)
		w.I64(9, r.base)
		w.U32(10, r.context)
		if err := w.Bytes(11, b.text[r.from:r.to]); err != nil {
			return fmt.Errorf("stage line %d: %w", r.source, err)
		}
		w.I32(12, r.promised)
		w.I32(13, r.delivered)
		w.I64(14, s.id)
		w.U32(15, r.origin)
		w.I32(16, r.paidUntil)
		if err := w.Next(); err != nil {
			return fmt.Errorf("stage line %d: %w", r.source, err)
		}
	}
	return nil
}

// stop waits until what was handed over is with the appender.
func (s *staging) stop() error {
	if s.filling != nil {
		s.full <- s.filling
		s.filling = nil
		close(s.full)
	}
	<-s.done
	return s.failure()
}

// finish writes everything into the table.
func (s *staging) finish() error {
	if err := s.stop(); err != nil {
		return errors.Join(err, s.drop())
	}
	if s.beside == nil {
		return s.table.Close()
	}
	return errors.Join(s.table.Close(), s.beside.Close())
}

// abandon forgets what was staged.
func (s *staging) abandon() error {
	_ = s.stop() // its failure is no news to one who gives up
	return s.drop()
}

func (s *staging) drop() error {
	err := s.table.Abandon()
	if s.beside != nil {
		err = errors.Join(err, s.beside.Abandon())
	}
	if err != nil {
		return fmt.Errorf("abandon intake: %w", err)
	}
	return nil
}
