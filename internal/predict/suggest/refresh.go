package suggest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/models/recommend"
)

// fill makes the row of every customer and lets them answer. Rows of before that are of the same purchases are taken over.
func (s *Service) fill(ctx context.Context, b *brain, bought *purchases, before *lists, p *job.Progress) error {
	b, err := s.current(ctx, b, bought)
	if err != nil {
		return err
	}
	e, err := bought.extent(ctx)
	if err != nil {
		return err
	}
	p.Stage("what each customer will buy next", "customers", e.Customers)
	m := &making{b: b, before: before, out: &lists{version: b.version, at: bought.asOf, rows: make([]byte, 0, e.Customers*rowBytes)}}
	if err := m.all(ctx, bought, p); err != nil {
		return err
	}
	if err := s.keepLists(m.out); err != nil {
		return err
	}
	fresh := &answering{brain: b, lists: m.out, markets: bought.markets}
	if fresh.everybody, err = everybody(ctx, b, bought); err != nil {
		return err
	}
	s.exchange(fresh)
	return nil
}

// current gives the model what was sold after it learnt, of the customers it has learnt from.
func (s *Service) current(ctx context.Context, b *brain, bought *purchases) (*brain, error) {
	var sales []recommend.Sale
	if bought.asOf > b.asOf {
		more := drawn(b.share) + fmt.Sprintf(" AND day > %d", b.asOf)
		err := bought.lines(ctx, more, false, func(_, key uint32, _ uint64, on int32) error {
			if item, known := b.model.Item(bought.goods.byKey[key].id); known {
				sales = append(sales, recommend.Sale{Item: item, Day: on})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return b.since(sales, bought.goods)
}

// all reads every customer and lets the workers make the rows.
func (m *making) all(ctx context.Context, bought *purchases, p *job.Progress) error {
	in := make(chan batch, 4)
	var working errgroup.Group
	for range runtime.NumCPU() {
		working.Go(func() error { return m.work(in) })
	}
	var next batch
	send := func() {
		if len(next.patrons) > 0 {
			in <- next
			next = batch{first: next.first + len(next.patrons)}
			p.Set(int64(next.first), 0)
		}
	}
	err := bought.patrons(ctx, m.b, "", func(who *patron) error {
		m.out.keys, m.out.marks = append(m.out.keys, who.customer), append(m.out.marks, who.mark)
		if next.patrons = append(next.patrons, who); len(next.patrons) == batchSize {
			send()
		}
		return nil
	})
	send()
	close(in)
	return errors.Join(err, working.Wait())
}

// everybody are the rows for people of whom nothing is known, by market, with "" for all: what was bought by most customers lately, and
// behind that what the model would show to anybody.
func everybody(ctx context.Context, b *brain, bought *purchases) (map[string][]byte, error) {
	rows := map[string][]byte{}
	plain := make([]byte, rowBytes)
	if err := b.fillRow(plain, recommend.History{At: int32(bought.asOf) + 1}); err != nil {
		return nil, err
	}
	for _, name := range append([]string{""}, bought.markets.names...) {
		best, err := bought.best(ctx, name, newToHer)
		if err != nil {
			return nil, err
		}
		var list []entry
		for _, key := range best {
			if item := b.item(key); item >= 0 {
				list = append(list, entry{item, -1, popular})
			}
		}
		for k := range newToHer {
			if e, there := entryOf(plain, k); there && !slices.ContainsFunc(list, func(x entry) bool { return x.item == e.item }) {
				list = append(list, e)
			}
		}
		row := bytes.Repeat([]byte{0xff}, rowBytes)
		for k, e := range list[:min(len(list), newToHer)] {
			putEntry(row, k, e)
			if k < ofAnything {
				putEntry(row, newToHer+k, e)
			}
		}
		rows[name] = row
	}
	return rows, nil
}

const (
	touchedEvery = 500 * time.Millisecond
	touchedMost  = 500 // customers at once
	staleAfter   = 7   // days of data after which the trends in a row are old
)

// Touched says that orders of these customers changed; their rows are made anew within two seconds.
func (s *Service) Touched(customers []uint32) {
	if len(customers) == 0 || s.now.Load() == nil {
		return
	}
	s.mu.Lock()
	for _, c := range customers {
		s.touched[c] = struct{}{}
	}
	s.mu.Unlock()
}

// Imported says that orders of many customers may have changed.
func (s *Service) Imported() { signal(s.stale) }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // one is waiting already
	}
}

// loadAfter and refreshAfter let commands end that need no model, before it is read, and before everybody is looked at.
const (
	loadAfter    = time.Second
	refreshAfter = 10 * time.Second
)

// Run loads the active model and keeps rows in step with what customers buy, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	wait := time.NewTimer(loadAfter)
	defer wait.Stop()
	select {
	case <-ctx.Done():
		return nil
	case <-s.wanted:
	case <-wait.C:
	}
	s.open(ctx)
	tick, settled := time.NewTicker(touchedEvery), time.NewTimer(refreshAfter)
	risks := time.NewTicker(risksEvery)
	defer tick.Stop()
	defer settled.Stop()
	defer risks.Stop()
	var stale chan struct{} // nil until commands would have ended
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-settled.C:
			stale = s.stale
		case <-stale:
			err = s.Refresh(ctx, new(job.Progress))
		case <-tick.C:
			err = s.follow(ctx)
		case <-risks.C:
			err = s.readRisks(ctx)
		case <-s.changed:
			err = s.readRisks(ctx)
		}
		if err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "what customers will buy next could not be brought up to date", "error", err.Error())
		}
	}
}

// Refresh makes the rows anew of customers whose purchases changed, and all where their trends are old.
func (s *Service) Refresh(ctx context.Context, p *job.Progress) error {
	s.training.Lock()
	defer s.training.Unlock()
	a := s.now.Load()
	if a == nil {
		return nil
	}
	asOf, err := s.days.AsOf(ctx, day.Unknown)
	if err != nil {
		return err
	}
	s.mu.Lock()
	clear(s.touched)
	s.mu.Unlock()
	bought, err := begin(ctx, s.warehouse, asOf)
	if err != nil {
		return err
	}
	defer bought.reading.Close()
	before := a.lists
	if before != nil && asOf-before.at >= staleAfter {
		before = nil
	}
	return s.fill(ctx, a.brain, bought, before, p)
}

// follow makes the rows of those anew who were touched.
func (s *Service) follow(ctx context.Context) error {
	s.mu.Lock()
	customers := slices.Sorted(maps.Keys(s.touched))
	customers = customers[:min(len(customers), touchedMost)]
	for _, c := range customers {
		delete(s.touched, c)
	}
	s.mu.Unlock()
	a := s.now.Load()
	if len(customers) == 0 || a == nil {
		return nil
	}
	asOf, err := s.days.AsOf(ctx, day.Unknown)
	if err != nil {
		return err
	}
	bought, err := begin(ctx, s.warehouse, asOf)
	if err != nil {
		return err
	}
	defer bought.reading.Close()
	gone := map[uint32]bool{}
	for _, c := range customers {
		gone[c] = true
	}
	err = bought.patrons(ctx, a.brain, among(customers), func(who *patron) error {
		row := make([]byte, rowBytes)
		if err := a.brain.fillRow(row, who.history); err != nil {
			return err
		}
		a.lists.put(who.customer, row)
		delete(gone, who.customer)
		return nil
	})
	for c := range gone {
		a.lists.put(c, nil)
	}
	return err
}

func among(customers []uint32) string {
	texts := make([]string, len(customers))
	for i, c := range customers {
		texts[i] = strconv.FormatUint(uint64(c), 10)
	}
	return " AND customer_key IN (" + strings.Join(texts, ",") + ")"
}
