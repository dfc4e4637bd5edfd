package insight

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/dangol/dangol/internal/audience"
	"github.com/dangol/dangol/internal/kit/answers"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/query"
)

// Warehouse is what the room needs of the events: answers, and the versions they belong to.
type Warehouse interface {
	Ask(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	Version() int64
	StateVersion() int64
}

// Analyses tells which analysis customer_state holds.
type Analyses interface {
	Latest(ctx context.Context) (a audience.Analysis, found bool, err error)
}

// Workspace tells the currency of reports.
type Workspace interface {
	Currency(ctx context.Context) (string, error)
}

// kept bounds the answers held in memory; the largest, cohorts by category, takes about a megabyte.
const kept = 128

// Service answers questions about the base.
type Service struct {
	warehouse Warehouse
	analyses  Analyses
	workspace Workspace
	dialect   query.Dialect
	answers   *answers.Memory

	// Foreseen, if given, tells what makes customers leave, of one market or of all: predict's findings, joined in app.
	Foreseen func(ctx context.Context, market string) ([]Finding, error)
}

// NewService joins the room to what it asks.
func NewService(w Warehouse, a Analyses, ws Workspace) *Service {
	return &Service{warehouse: w, analyses: a, workspace: ws, dialect: query.DuckDB{}, answers: answers.New(kept)}
}

// scope is what one answer stands on.
type scope struct {
	asOf     day.Day
	first    day.Day // of the data
	last     day.Day
	market   string
	currency string
	analysed bool    // customer_state holds an analysis of asOf over the present data
	kept     day.Day // of the analysis from which findings are told; unknown for none
	markets  []string
}

// cached answers from memory where the same question was answered over the same data.
func cached[T any](ctx context.Context, s *Service, key string, compute func(context.Context) (T, error)) (T, error) {
	return answers.Of(ctx, s.answers, fmt.Sprintf("%s@%d.%d", key, s.warehouse.Version(), s.warehouse.StateVersion()), compute)
}

type span struct {
	first, last day.Day
	markets     []string
}

// span is the days of the data and its markets, most orders first.
func (s *Service) span(ctx context.Context) (span, error) {
	return cached(ctx, s, "span", func(ctx context.Context) (span, error) {
		out := span{first: day.Unknown, last: day.Unknown}
		err := s.each(ctx, `SELECT market, min(day), max(day) FROM orders GROUP BY market ORDER BY count(*) DESC, market`, nil, func(scan scanner) error {
			var name sql.NullString
			var first, last int32
			if err := scan(&name, &first, &last); err != nil {
				return err
			}
			if out.last == day.Unknown || day.Day(first) < out.first {
				out.first = day.Day(first)
			}
			out.last = max(out.last, day.Day(last))
			if name.String != "" {
				out.markets = append(out.markets, name.String)
			}
			return nil
		})
		return out, err
	})
}

// keptFor is for how many days an overview of the present tells what an earlier analysis found.
const keptFor = 35

// scope resolves the day and the market asked for; day.Unknown means the last day in the data.
func (s *Service) scope(ctx context.Context, asOf day.Day, marketName string) (scope, error) {
	data, err := s.span(ctx)
	if err != nil {
		return scope{}, err
	}
	if data.last == day.Unknown {
		return scope{}, fault.New(fault.Invalid, "insight.no_orders", "there are no orders yet").Then("Import some with `dangol import orders FILE`.")
	}
	newest := asOf == day.Unknown || asOf == data.last
	if asOf == day.Unknown {
		asOf = data.last
	}
	if asOf < data.first {
		return scope{}, fault.Newf(fault.Invalid, "insight.before_data", "there are no orders on or before %s; the first is on %s", asOf, data.first).
			At(fault.Place{Field: "as_of", Value: asOf.String()}).Then("Choose a later day.")
	}
	sc := scope{asOf: asOf, first: data.first, last: data.last, market: marketName, markets: data.markets}
	if sc.currency, err = s.workspace.Currency(ctx); err != nil {
		return scope{}, err
	}
	latest, found, err := s.analyses.Latest(ctx)
	if err != nil {
		return scope{}, err
	}
	sc.analysed = found && !latest.Stale && latest.AsOf == asOf
	// Orders come in all day long. Where nobody asked for another day, what the last analysis found still holds for some weeks.
	recent := newest && latest.AsOf <= asOf && asOf-latest.AsOf <= keptFor || latest.AsOf == asOf
	if sc.kept = day.Unknown; found && recent {
		sc.kept = latest.AsOf
	}
	return sc, nil
}

// key names a question within a scope, for the cache.
func (sc scope) key(what string, parts ...any) string {
	return fmt.Sprint(what, "|", int(sc.asOf), "|", sc.market, "|", sc.currency, "|", sc.analysed, "|", int(sc.kept), "|", parts)
}

type scanner func(into ...any) error

// each runs SQL and hands over its rows one by one.
func (s *Service) each(ctx context.Context, text string, args []any, row func(scanner) error) error {
	rows, err := s.warehouse.Ask(ctx, text, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return fmt.Errorf("insight: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("insight: %w", err)
	}
	return nil
}

// ask renders a question and hands over its rows.
func (s *Service) ask(ctx context.Context, q query.Question, row func(scanner) error) error {
	r, err := query.Render(q, s.dialect)
	if err != nil {
		return err
	}
	return s.each(ctx, r.SQL, r.Args, row)
}
