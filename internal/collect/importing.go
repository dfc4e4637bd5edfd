package collect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/collect/orders"
	"github.com/dangol/dangol/internal/collect/table"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/warehouse"
)

// Import takes the file in, whole or not at all; name is what people call it. One import runs at a time.
func (s *Service) Import(ctx context.Context, path, name string, o Options, p *job.Progress) (Result, error) {
	started := s.clock()
	if err := s.settleOpen(ctx); err != nil {
		return Result{}, err
	}
	o.Simulated = o.Simulated || strings.HasPrefix(name, "simulated-")
	p.Stage("looking at the columns", "bytes", 0)
	t, err := table.Open(ctx, path, o.Table(name))
	if err != nil {
		return Result{}, err
	}
	m, err := orders.Recognise(ctx, t, o.Options)
	if err != nil {
		return Result{}, err
	}
	c, err := s.money(ctx, m, o)
	if err != nil {
		return Result{}, err
	}
	id, err := s.begin(ctx, name, o)
	if err != nil {
		return Result{}, err
	}
	r, err := s.run(ctx, id, name, t, m, c, p, started)
	if err != nil {
		if f := fault.From(err); f.Reason == "collect.reading_broke" {
			s.log.Error("reading an import's file broke", "import", id, "name", name, "line", f.Where.Line, "error", f.Unwrap())
		}
		// The request may be gone; what it began must be undone all the same.
		return Result{}, errors.Join(err, s.settleOne(context.WithoutCancel(ctx), id, "", fault.From(err).Sentence))
	}
	return r, nil
}

func dropFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("drop %s: %w", path, err)
	}
	return nil
}

// counting is how an import counts money, and what the workspace will say about it.
type counting struct {
	rates    market.Rates
	settings market.Settings
	fixed    bool // orders are kept in the workspace's currency
}

// money settles which currency the file and the workspace count in.
func (s *Service) money(ctx context.Context, m *orders.Mapping, o Options) (c counting, err error) {
	settings, err := s.workspace.Settings(ctx)
	if err != nil {
		return c, err
	}
	kept := settings.Currency
	if m.Currency == "" {
		code, by := settings.Currency, "workspace"
		if code == "" {
			code, by = market.None, "none"
			m.Notes = append(m.Notes, orders.NoteOf("no_currency", "Nothing in the file names a currency, so amounts are shown without one; --currency gives it."))
		}
		if err := m.SetCurrency(code, by); err != nil {
			return c, err
		}
	}
	span, err := s.warehouse.Span(ctx)
	if err != nil {
		return c, err
	}
	settings.Simulated = settings.Simulated || o.Simulated
	// While no orders are kept, a currency into which the file's cannot be converted yields to the file's.
	_, convertible := settings.Rates[m.Currency]
	yields := span.Lines == 0 && settings.Currency != m.Currency && !convertible && len(o.Rates) == 0
	if settings.Currency == "" || yields || o.BaseCurrency != "" && o.BaseCurrency != settings.Currency {
		if settings.Currency = o.BaseCurrency; settings.Currency == "" {
			settings.Currency = m.Currency
		}
	}
	if span.Lines > 0 && settings.Currency != kept {
		// It cannot change any more, and whoever asks for it should hear so before the file is read.
		return c, s.workspace.Put(ctx, market.Settings{Currency: settings.Currency}, true)
	}
	maps.Copy(settings.Rates, o.Rates)
	c = counting{settings: settings, fixed: span.Lines > 0}
	c.rates, err = market.NewRates(settings.Currency, settings.Rates)
	return c, err
}

func (s *Service) run(ctx context.Context, id int64, name string, t *table.Table, m *orders.Mapping, c counting, p *job.Progress, started time.Time) (Result, error) {
	people, err := s.registry.Begin(ctx)
	if err != nil {
		return Result{}, err
	}
	rejects := &rejectsFile{path: s.rejectsPath(id)}
	defer rejects.close()
	r := Result{Import: id, Name: name, SetAside: map[string]int64{}, Currency: c.rates.Base(), Notes: m.Notes}
	p.Stage("reading", "bytes", t.Info().Bytes)
	fill := func(in *warehouse.Intake) ([]warehouse.Person, error) {
		w := writer{in: in, people: people, rates: c.rates, progress: p, table: t}
		totals, err := orders.Stream(ctx, t, m, func(lines []event.OrderLine) error {
			if err := w.add(lines); err != nil {
				return err
			}
			return people.KeepMet(ctx, id)
		}, func(x orders.Reject) error {
			return errors.Join(rejects.add(x), w.withdraw(x.Cancelled))
		})
		if err != nil {
			return nil, err
		}
		// A file of cancellations alone may concern what is here.
		if totals.LinesAccepted+totals.RefundLines == 0 && (totals.SetAside[orders.CancelledOrder] == 0 || !c.fixed) {
			return nil, nothingUsable(totals, name)
		}
		if r.RejectsFile, err = rejects.finish(); err != nil {
			return nil, err
		}
		undated := dayOf(started, m.Zone())
		if totals.LastDay != day.Unknown { // everything is told as of the last day in the data
			undated = min(undated, totals.LastDay)
		}
		in.Undated(undated)
		r.read(totals, w, c.rates.Base())
		p.Stage("committing", "rows", totals.LinesRead)
		s.Pause("before customers")
		// The settings change with the first lines counted by them, not with a file that turns out to hold none.
		if err := s.workspace.Put(ctx, c.settings, c.fixed); err != nil {
			return nil, err
		}
		if err := s.registry.Keep(ctx, id, people.Fresh()); err != nil {
			return nil, err
		}
		if err := s.keepResult(ctx, id, r); err != nil {
			return nil, err
		}
		s.Pause("before commit")
		return people.Fresh(), nil
	}
	taken, err := s.warehouse.Take(ctx, id, started.UnixMicro(), fill)
	if err != nil {
		return Result{}, err
	}
	s.Pause("after commit")
	r.settle(taken)
	r.Seconds = s.clock().Sub(started).Seconds()
	if r.Seconds > 0 {
		r.LinesPerS = float64(r.LinesRead) / r.Seconds
	}
	text, err := json.Marshal(r)
	if err != nil {
		return Result{}, fmt.Errorf("import result: %w", err)
	}
	// The lines are committed: failing now would deny what has happened, so recovery finishes the record instead.
	always := context.WithoutCancel(ctx)
	err = s.registry.Done(always, id)
	if err == nil {
		err = s.end(always, id, "done", string(text), "")
	}
	if err != nil {
		s.log.Error("the import is done but its record is not", "import", id, "error", err)
	}
	if err := s.Imported(always); err != nil {
		s.log.Error("segments have not heard of the import", "import", id, "error", err)
	}
	return r, nil
}

func nothingUsable(t orders.Totals, name string) error {
	most, n := "", int64(0)
	for reason, count := range t.SetAside {
		if count > n || count == n && string(reason) < most {
			most, n = string(reason), count
		}
	}
	if t.LinesRead == 0 {
		return fault.New(fault.Invalid, "collect.nothing_usable", "the file holds a header but no rows").At(fault.Place{File: name}).Then("Look into it, and export it again.")
	}
	f := fault.Newf(fault.Invalid, "collect.nothing_usable", "none of the %d lines can be used", t.LinesRead).At(fault.Place{File: name})
	return f.Then(fmt.Sprintf("Most (%d) were set aside as %s; look at the mapping with --dry-run and correct it with --columns.", n, most))
}

func (s *Service) keepResult(ctx context.Context, id int64, r Result) error {
	text, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("import result: %w", err)
	}
	return s.storeResult(ctx, id, string(text))
}

func (r *Result) read(t orders.Totals, w writer, base string) {
	r.LinesRead, r.LinesAccepted, r.RefundLines, r.RefundsBeside = t.LinesRead, t.LinesAccepted, t.RefundLines, t.RefundsBeside
	r.FirstDay, r.LastDay = t.FirstDay, t.LastDay
	r.Revenue, r.Refunds = market.New(w.revenue, base), market.New(w.refunds, base)
	r.Notes = append(r.Notes, t.Notes()...)
	for reason, n := range t.SetAside {
		r.SetAside[string(reason)] = n
	}
}

// writer is the sink of a stream: it resolves the customer, converts the amount and stages the line.
type writer struct {
	in               *warehouse.Intake
	people           People
	rates            market.Rates
	progress         *job.Progress
	table            *table.Table
	revenue, refunds int64
}

// withdraw tells of a sale that the file calls off.
func (w *writer) withdraw(c *orders.CancelledSale) error {
	if c == nil {
		return nil
	}
	return w.in.AddCancelled(&c.Line, c.AtUS, c.Day)
}

// dayOf is the day of an instant in a zone.
func dayOf(at time.Time, zone *time.Location) day.Day { return day.New(at.In(zone).Date()) }

func (w *writer) add(lines []event.OrderLine) error {
	for i := range lines {
		l := &lines[i]
		base := l.AmountMinor
		if l.Currency != w.rates.Base() {
			var err error
			if base, err = w.rates.Convert(market.New(l.AmountMinor, l.Currency)); err != nil {
				return lineFault(err, l)
			}
		}
		if l.Kind == event.Purchase {
			w.revenue += base
		} else {
			w.refunds += base
		}
		customer, origin := w.people.Whose(l)
		if err := w.in.AddMoved(l, customer, origin, base); err != nil {
			return err
		}
	}
	bytes, rows := w.table.Progress()
	w.progress.Set(bytes, rows)
	return nil
}

func lineFault(err error, l *event.OrderLine) error {
	var f *fault.Fault
	if errors.As(err, &f) {
		where := f.Where
		where.Line = l.SourceLine
		return f.At(where)
	}
	return err
}

// Preview shows what an import would do, changing nothing. budget 0 reads the whole file.
func (s *Service) Preview(ctx context.Context, path, name string, o Options, budget int64) (*orders.Preview, error) {
	settings, err := s.workspace.Settings(ctx)
	if err != nil {
		return nil, err
	}
	t, err := table.Open(ctx, path, o.Table(name))
	if err != nil {
		return nil, err
	}
	return orders.Inspect(ctx, t, o.Options, settings.Currency, budget)
}
