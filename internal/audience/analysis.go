package audience

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/dangol/dangol/internal/audience/live"
	"github.com/dangol/dangol/internal/kit/answers"
	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/query"
	"github.com/dangol/dangol/internal/store"
	"github.com/dangol/dangol/internal/warehouse"
)

//go:embed queries.sql
var queries string

//go:embed migrations
var migrations embed.FS

// Schema is what the room keeps in the record store.
var Schema = store.Schema{Room: "audience", Queries: queries, Migrations: migrations}

// sampleSize bounds the customers on whom the models are compared; all are used below it.
const sampleSize = 50_000

// keptAnswers bounds the answers held in memory.
const keptAnswers = 256

// movementDays is how far back the RFM group is compared.
const movementDays = 90

// Service analyses customers and answers who is in which segment.
type Service struct {
	warehouse *warehouse.Warehouse
	store     *store.Store
	workspace *market.Workspace
	scorer    Scorer
	clock     clock.Clock
	dialect   query.DuckDB
	answers   *answers.Memory
	engine    *live.Engine // nil before GoLive
	counted   *countedRules
	defining  sync.Mutex // one definition at a time: two changes that are right each can close a circle together

	// Analysed, if given, hears of each analysis once its state is kept: what is foreseen of customers follows by itself.
	Analysed func()
}

// NewService joins the room to its engines and its scorer.
func NewService(w *warehouse.Warehouse, st *store.Store, ws *market.Workspace, sc Scorer, c clock.Clock) *Service {
	return &Service{warehouse: w, store: st, workspace: ws, scorer: sc, clock: c, answers: answers.New(keptAnswers), counted: newCountedRules()}
}

// Analysis is the record of one analysis.
type Analysis struct {
	AsOf        day.Day   `json:"as_of" format:"date"`
	FinishedAt  time.Time `json:"finished_at"`
	Seconds     float64   `json:"seconds"`
	Customers   int64     `json:"customers"`
	TypicalGap  float64   `json:"typical_gap_days" doc:"median over repeat buyers of their mean days between orders"`
	Stale       bool      `json:"stale" doc:"orders came in since"`
	DataVersion int64     `json:"data_version"`
	Model       string    `json:"model"`
}

// Prepare creates the tables of the state, empty, where they are missing or of another shape. They are derived: nothing is lost.
func (s *Service) Prepare(ctx context.Context) error {
	want := stateDDL(s.dialect)
	return s.warehouse.Bulk(ctx, func(conn *sql.Conn) error {
		if err := exec(ctx, conn, `CREATE TABLE IF NOT EXISTS analysis (as_of INTEGER, finished_us BIGINT, seconds DOUBLE, customers BIGINT, typical_gap DOUBLE,
			data_version BIGINT, model VARCHAR, report VARCHAR, state_shape VARCHAR)`); err != nil {
			return err
		}
		var shape sql.NullString
		var present int
		if err := conn.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM information_schema.tables WHERE table_name = 'customer_state'), (SELECT max(state_shape) FROM analysis)`).
			Scan(&present, &shape); err != nil {
			return fmt.Errorf("customer_state: %w", err)
		}
		if present == 1 && (!shape.Valid || shape.String == want) {
			return nil
		}
		if err := exec(ctx, conn, `DELETE FROM analysis`); err != nil {
			return err
		}
		return exec(ctx, conn, want)
	})
}

// Forget drops the analysis kept, inside a transaction of the warehouse that changes what it was made of.
func (s *Service) Forget(ctx context.Context, conn *sql.Conn) error {
	if err := exec(ctx, conn, `DELETE FROM analysis`); err != nil {
		return err
	}
	return exec(ctx, conn, `DELETE FROM customer_state`)
}

func stateDDL(d query.DuckDB) string {
	columns := []string{"customer_key UINTEGER"}
	for _, c := range query.StateSchema() {
		columns = append(columns, c.Name+" "+d.TypeName(c.Type))
	}
	return `CREATE OR REPLACE TABLE customer_state (` + strings.Join(columns, ", ") + `)`
}

func exec(ctx context.Context, conn *sql.Conn, text string, args ...any) error {
	if _, err := conn.ExecContext(ctx, text, args...); err != nil {
		return fmt.Errorf("analysis: %w", err)
	}
	return nil
}

// AsOf resolves the day asked for: day.Unknown means the last day in the data.
func (s *Service) AsOf(ctx context.Context, asked day.Day) (day.Day, error) {
	span, err := s.warehouse.Span(ctx)
	if err != nil {
		return asked, err
	}
	if span.Lines == 0 {
		return asked, fault.New(fault.Invalid, "audience.no_orders", "there are no orders yet").Then("Import some with `dangol import orders FILE`.")
	}
	if asked == day.Unknown {
		return span.Last, nil
	}
	if asked < span.First {
		return asked, fault.Newf(fault.Invalid, "audience.before_data", "there are no orders on or before %s; the first is on %s", asked, span.First).
			At(fault.Place{Field: "as_of", Value: asked.String()}).Then("Choose a later day.")
	}
	return asked, nil
}

// Analyze computes the state of every customer as of a day (day.Unknown: the last day in the data) and keeps it.
func (s *Service) Analyze(ctx context.Context, asked day.Day, p *job.Progress) (Analysis, error) {
	started := s.clock()
	asOf, err := s.AsOf(ctx, asked)
	if err != nil {
		return Analysis{}, err
	}
	currency, err := s.workspace.Currency(ctx)
	if err != nil {
		return Analysis{}, err
	}
	a := Analysis{AsOf: asOf, DataVersion: s.warehouse.Version()}
	r := run{s: s, asOf: asOf, scale: math.Pow10(market.Digits(currency)), p: p, a: &a}
	prepare := func(conn *sql.Conn) error {
		r.conn = conn
		return r.prepare(ctx)
	}
	err = s.warehouse.ReplaceState(ctx, prepare, func(*sql.Conn) error {
		r.p.Stage("keeping the state of every customer", "steps", 5)
		r.p.Set(4, 0)
		return r.keep(ctx, started)
	})
	if err != nil {
		return Analysis{}, err
	}
	p.Stage("keeping segment memberships", "segments", int64(len(segments())))
	// The state is committed: a stop that comes now must not leave it without its memberships.
	if err := s.keepMemberships(context.WithoutCancel(ctx), asOf, p); err != nil {
		return Analysis{}, err
	}
	if s.engine != nil {
		s.engine.Analysed()
	}
	if s.Analysed != nil {
		s.Analysed()
	}
	a.FinishedAt = s.clock()
	a.Seconds = a.FinishedAt.Sub(started).Seconds()
	return a, nil
}

// Latest returns the analysis kept; found is false before the first.
func (s *Service) Latest(ctx context.Context) (a Analysis, found bool, err error) {
	rows, err := s.warehouse.Ask(ctx, `SELECT as_of, finished_us, seconds, customers, typical_gap, data_version, model FROM analysis`)
	if err != nil {
		return a, false, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var asOf int32
		var us int64
		if err := rows.Scan(&asOf, &us, &a.Seconds, &a.Customers, &a.TypicalGap, &a.DataVersion, &a.Model); err != nil {
			return a, false, fmt.Errorf("analysis: %w", err)
		}
		a.AsOf, a.FinishedAt, found = day.Day(asOf), time.UnixMicro(us).UTC(), true
		a.Stale = a.DataVersion != s.warehouse.Version()
	}
	if err := rows.Err(); err != nil {
		return a, false, fmt.Errorf("analysis: %w", err)
	}
	return a, found, nil
}

// StateVersion counts the analyses kept, for those who remember answers about the last one.
func (s *Service) StateVersion() int64 { return s.warehouse.StateVersion() }

// Report returns the scorer's report kept with the analysis, or nil before the first.
func (s *Service) Report(ctx context.Context) (json.RawMessage, error) {
	rows, err := s.warehouse.Ask(ctx, `SELECT report FROM analysis`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var text json.RawMessage
	for rows.Next() {
		var t string
		if err := rows.Scan(&t); err != nil {
			return nil, fmt.Errorf("analysis report: %w", err)
		}
		text = json.RawMessage(t)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("analysis report: %w", err)
	}
	return text, nil
}
