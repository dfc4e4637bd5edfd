package churn

import (
	"context"
	"database/sql"
	"slices"
	"sync"
	"time"

	"github.com/dangol/dangol/internal/kit/day"
)

func dayText(d int32) string { return day.Day(d).String() }

// touched are the people whose orders changed since they were scored.
type touched struct {
	mu    sync.Mutex
	keys  map[uint32]struct{}
	woken chan struct{}
	moved bool // bands changed since segments were told; only Live looks at it
}

func newTouched() touched { return touched{keys: map[uint32]struct{}{}, woken: make(chan struct{}, 1)} }

// The bounds of live scoring: people are gathered for a moment, and taken so many at a time. More than mostTouched wait for the next scoring
// of all, which an import is followed by anyway.
const (
	gatherFor   = 300 * time.Millisecond
	touchBatch  = 2000
	mostTouched = 100_000
	// segmentsEvery is how often segments that name scores hear of those that changed.
	segmentsEvery = 20 * time.Second
)

// Touched says whose orders, refunds or deliveries changed. It returns at once; they are scored within two seconds.
func (s *Service) Touched(keys []uint32) {
	if len(keys) == 0 {
		return
	}
	s.touched.mu.Lock()
	for _, k := range keys {
		if len(s.touched.keys) < mostTouched {
			s.touched.keys[k] = struct{}{}
		}
	}
	s.touched.mu.Unlock()
	select {
	case s.touched.woken <- struct{}{}:
	default:
	}
}

// take gives some of the people touched, and whether there are more.
func (t *touched) take() (keys []uint32, more bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for k := range t.keys {
		if len(keys) == touchBatch {
			break
		}
		keys = append(keys, k)
		delete(t.keys, k)
	}
	slices.Sort(keys)
	return keys, len(t.keys) > 0
}

// Live scores people as their orders change, until ctx ends. What fails is logged and does not end it.
func (s *Service) Live(ctx context.Context) error {
	segments := time.NewTicker(segmentsEvery)
	defer segments.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-segments.C:
			if e := s.Audience.Engine(); e != nil && s.touched.moved {
				s.touched.moved = false
				e.Analysed() // segments that name the scores
			}
			continue
		case <-s.touched.woken:
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(gatherFor):
		}
		for more := true; more && ctx.Err() == nil; {
			var keys []uint32
			keys, more = s.touched.take()
			if err := s.rescore(ctx, keys); err != nil && ctx.Err() == nil {
				s.Log.ErrorContext(ctx, "people could not be scored as their orders changed", "people", len(keys), "error", err.Error())
				break
			}
		}
	}
}

// stateNow is what the last scoring of all left, read again after a start; nil before the first, or when another version scores now.
func (s *Service) stateNow(ctx context.Context, version int64) (*state, error) {
	s.mu.Lock()
	st := s.state
	s.mu.Unlock()
	if st == nil {
		r, found, err := s.lastRun(ctx)
		if err != nil || !found {
			return nil, err
		}
		st = &r.state
		s.mu.Lock()
		s.state = st
		s.mu.Unlock()
	}
	if st.version != version {
		return nil, nil //nolint:nilnil // nothing to go by is no failure: the scoring of all is on its way
	}
	return st, nil
}

// today is the day as of which somebody touched now is scored: that of the last scoring, or later where orders came since. What lies in the
// future by the clock is not waited for.
func (s *Service) today(st *state, b *book) int32 {
	last, now := st.asOf, int32(day.Of(s.Clock()))+1
	for i := range b.list {
		if d := b.list[i].day; d > last && d <= now {
			last = d
		}
	}
	return last
}

// rescore scores some people anew, and keeps that in one transaction.
func (s *Service) rescore(ctx context.Context, keys []uint32) error {
	if len(keys) == 0 {
		return nil
	}
	m, err := s.model(ctx)
	if err != nil || m == nil {
		return err
	}
	s.scoring.Lock()
	defer s.scoring.Unlock()
	st, err := s.stateNow(ctx, m.version)
	if err != nil || st == nil {
		return err
	}
	b, err := s.book(ctx, loaded{asOf: int32(day.Of(s.Clock())) + 1 + max(0, st.asOf-int32(day.Of(s.Clock()))), keys: keys, words: &m.Words})
	if err != nil {
		return err
	}
	asOf := s.today(st, b)
	f := b.look(m.view(asOf, st))
	verdicts := make([]verdict, f.rows())
	err = m.say(b, f, func(i int, said *said) {
		verdicts[i].key = b.keys[f.who[i]]
		verdicts[i].fill(said, f.number[days][i] == 1)
	})
	if err != nil {
		return err
	}
	changed, list := int64(0), numbersOf(keys)
	err = s.Warehouse.Bulk(ctx, func(conn *sql.Conn) error {
		if err := stageVerdicts(ctx, conn, verdicts, asOf, m.version); err != nil {
			return err
		}
		if changed, err = s.announce(ctx, conn, m.version); err != nil {
			return err
		}
		return execAll(ctx, conn, `DELETE FROM prediction WHERE customer_key IN (`+list+`)`,
			`INSERT INTO prediction SELECT customer_key, as_of, version, risk, risk_low, risk_high, band, reason, reasons, previous FROM next_prediction`,
			`UPDATE customer_state SET churn_risk = NULL, churn_band = '', churn_reason = '', value_at_risk_minor = NULL WHERE customer_key IN (`+list+`)`,
			scoreColumns+` AND s.customer_key IN (`+list+`)`)
	})
	s.touched.moved = s.touched.moved || err == nil && changed > 0
	return err
}
