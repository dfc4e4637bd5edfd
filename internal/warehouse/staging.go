package warehouse

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/dangol/dangol/internal/event"
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
	kind                       event.Kind
}

const (
	blockRows  = 4096
	blockCount = 4 // blocks on their way between the two goroutines
)

type block struct {
	rows []stagedRow
	text []byte
}

// staging writes lines through DuckDB's appender on a goroutine of its own: finding a line's keys and writing the line
// before it cost about the same, so two cores do them side by side.
type staging struct {
	appender    *duckdb.Appender
	id          int64
	filling     *block
	full, empty chan *block
	done        chan struct{}
	failed      atomic.Pointer[error]
}

func newStaging(a *duckdb.Appender, id int64) *staging {
	s := &staging{appender: a, id: id, full: make(chan *block, blockCount), empty: make(chan *block, blockCount), done: make(chan struct{})}
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

func (s *staging) append(b *block) error {
	for i := range b.rows {
		r := &b.rows[i]
		err := s.appender.AppendRow(r.customer, r.order, r.hash, r.at, r.day, uint8(r.kind), r.product, r.quantity, r.amount, r.base, r.context,
			b.text[r.from:r.to], r.promised, r.delivered, s.id, r.origin)
		if err != nil {
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
	if err := s.appender.Close(); err != nil {
		return fmt.Errorf("stage lines: %w", err)
	}
	return nil
}

// abandon forgets what was staged.
func (s *staging) abandon() error {
	_ = s.stop() // its failure is no news to one who gives up
	return s.drop()
}

func (s *staging) drop() error {
	if err := errors.Join(s.appender.Clear(), s.appender.Close()); err != nil {
		return fmt.Errorf("abandon intake: %w", err)
	}
	return nil
}
