package churn

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/warehouse/columns"
)

// The bands of risk.
const (
	lowBand    = "low"
	mediumBand = "medium"
	highBand   = "high"
	// mediumFrom and highFrom are where bands begin: who is high leaves twice as likely as stays, who is low stays twice as likely as leaves.
	mediumFrom = 1.0 / 3
	highFrom   = 2.0 / 3
)

func bandOf(risk float64) string {
	switch {
	case risk >= highFrom:
		return highBand
	case risk >= mediumFrom:
		return mediumBand
	}
	return lowBand
}

// Scored says what a scoring did.
type Scored struct {
	AsOf      day.Day `json:"as_of" format:"date"`
	Version   int64   `json:"version"`
	Customers int64   `json:"customers" doc:"who may leave"`
	High      int64   `json:"high"`
	Changed   int64   `json:"changed" doc:"whose band changed under the same version"`
	Seconds   float64 `json:"seconds"`
	Drift     string  `json:"drift" enum:"steady,watch,drifting,unknown,"`
	Fresh     bool    `json:"fresh" doc:"true: the scores there were of this analysis and version already"`
}

// state is what scoring some people takes from the last scoring of all.
type state struct {
	asOf    int32
	version int64
	pace    pace
	season  season
}

// run is the row of prediction_run.
type run struct {
	state
	stateVersion, dataVersion int64
	customers                 int64
}

// lastRun reads what the last scoring of all left; false before the first.
func (s *Service) lastRun(ctx context.Context) (r run, found bool, err error) {
	rows, err := s.Warehouse.Ask(ctx, `SELECT as_of, version, state_version, data_version, customers, pace, season FROM prediction_run`)
	if err != nil {
		return r, false, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var pace, season string
		if err := rows.Scan(&r.asOf, &r.version, &r.stateVersion, &r.dataVersion, &r.customers, &pace, &season); err != nil {
			return r, false, fmt.Errorf("churn: %w", err)
		}
		if err := errors.Join(json.Unmarshal([]byte(pace), &r.pace), json.Unmarshal([]byte(season), &r.season)); err != nil {
			return r, false, fmt.Errorf("churn: %w", err)
		}
		found = true
	}
	if err := rows.Err(); err != nil {
		return r, false, fmt.Errorf("churn: %w", err)
	}
	return r, found, nil
}

// Score gives everybody who may leave a chance and its reasons, as of the last analysis. Where that was done already, it says so.
func (s *Service) Score(ctx context.Context, p *job.Progress) (*Scored, error) {
	m, err := s.model(ctx)
	if err == nil && m == nil {
		err = noModel()
	}
	if err != nil {
		return nil, err
	}
	latest, err := s.analysed(ctx)
	if err != nil {
		return nil, err
	}
	if r, found, err := s.lastRun(ctx); err != nil || found && r.version == m.version && r.stateVersion == s.Warehouse.StateVersion() {
		return &Scored{AsOf: latest.AsOf, Version: m.version, Customers: r.customers, Fresh: true}, err
	}
	defer s.Warehouse.Work(ctx)()
	stage(p)("reading orders")
	b, err := s.book(ctx, loaded{asOf: int32(latest.AsOf), words: &m.Words})
	if err != nil {
		return nil, err
	}
	return s.scoreBook(ctx, b, m, int32(latest.AsOf), p)
}

// verdict is what is kept of one customer.
type verdict struct {
	key             uint32
	risk, low, high float64
	reason          string
	reasons         []byte
}

// keptReasons is how many reasons are kept of each customer for lists; her own page tells all.
const keptReasons = 3

// reasonKept is one of them.
type reasonKept struct {
	Code string  `json:"code"`
	Part float64 `json:"part"`
}

func (v *verdict) fill(s *said, once bool) {
	list := grouped(s, once)
	v.risk, v.low, v.high, v.reason = s.risk, s.low, s.high, first(list)
	v.reasons = append(v.reasons[:0], '[')
	for i, w := range list[:min(keptReasons, len(list))] {
		if i > 0 {
			v.reasons = append(v.reasons, ',')
		}
		v.reasons = fmt.Appendf(v.reasons, `{"code":%q,"part":%.3f}`, w.code, w.part)
	}
	v.reasons = append(v.reasons, ']')
}

// viewNow is how a book is looked at today, with no year of it to come.
func viewNow(b *book, m *model, asOf int32) (view, state) {
	st := state{asOf: asOf, version: m.version}
	if !m.Definition.paid() {
		st.pace = paces(b, asOf)
		if first, some := b.begins(); some && asOf-year-first >= m.horizon() {
			then := paces(b, asOf-year)
			st.season = seasons(b, asOf-year, m.horizon(), &then)
		}
	}
	return m.view(asOf, &st), st
}

// scoreBook scores everybody in a book and keeps that in one transaction.
func (s *Service) scoreBook(ctx context.Context, b *book, m *model, asOf int32, p *job.Progress) (*Scored, error) {
	s.scoring.Lock()
	defer s.scoring.Unlock()
	began := s.Clock()
	stage(p)("scoring who may leave")
	stateVersion, dataVersion := s.Warehouse.StateVersion(), s.Warehouse.Version()
	v, st := viewNow(b, m, asOf)
	f := b.look(v)
	verdicts := make([]verdict, f.rows())
	err := m.say(b, f, func(i int, said *said) {
		verdicts[i].key = b.keys[f.who[i]]
		verdicts[i].fill(said, f.number[days][i] == 1)
	})
	if err := errors.Join(err, ctx.Err()); err != nil {
		return nil, err
	}
	out := &Scored{AsOf: day.Day(asOf), Version: m.version, Customers: int64(len(verdicts))}
	for i := range verdicts {
		if verdicts[i].risk >= highFrom {
			out.High++
		}
	}
	stage(p)("keeping scores")
	err = s.Warehouse.Bulk(ctx, func(conn *sql.Conn) error {
		if err := stageVerdicts(ctx, conn, verdicts, asOf, m.version); err != nil {
			return err
		}
		if out.Changed, err = s.announce(ctx, conn, m.version); err != nil {
			return err
		}
		if err := s.replace(ctx, conn); err != nil {
			return err
		}
		out.Seconds = s.Clock().Sub(began).Seconds()
		return keepRun(ctx, conn, &run{state: st, stateVersion: stateVersion, dataVersion: dataVersion, customers: out.Customers}, s.Clock().UnixMicro(), out.Seconds)
	})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.state = &st
	s.mu.Unlock()
	risks := make([]float64, len(verdicts))
	for i := range risks {
		risks[i] = verdicts[i].risk
	}
	d, err := drifted(b, m, f, risks, asOf)
	if err := errors.Join(err, s.noteDrift(ctx, m.version, d)); err != nil {
		return nil, err
	}
	out.Drift = d.Status
	if e := s.Audience.Engine(); e != nil {
		e.Analysed() // segments that name the scores
	}
	return out, nil
}

// stageVerdicts writes verdicts beside the table, with what was said of the same people before.
func stageVerdicts(ctx context.Context, conn *sql.Conn, list []verdict, asOf int32, version int64) error {
	err := execAll(ctx, conn, `CREATE OR REPLACE TEMP TABLE staged_prediction (customer_key UINTEGER NOT NULL, risk DOUBLE NOT NULL, risk_low DOUBLE NOT NULL,
		risk_high DOUBLE NOT NULL, band VARCHAR NOT NULL, reason VARCHAR NOT NULL, reasons VARCHAR NOT NULL)`)
	if err != nil {
		return err
	}
	w, err := columns.NewWriter(conn, "staged_prediction")
	if err != nil {
		return err
	}
	for i := range list {
		v := &list[i]
		w.U32(0, v.key)
		w.F64(1, v.risk)
		w.F64(2, v.low)
		w.F64(3, v.high)
		if err := errors.Join(w.Text(4, bandOf(v.risk)), w.Text(5, v.reason), w.Bytes(6, v.reasons), w.Next()); err != nil {
			return errors.Join(err, w.Abandon())
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return execAll(ctx, conn, fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE next_prediction AS SELECT n.customer_key, %d AS as_of, %d::BIGINT AS version, n.risk, n.risk_low, n.risk_high, n.band, n.reason, n.reasons,
		o.risk AS previous, o.band AS band_before, o.version AS version_before FROM staged_prediction n LEFT JOIN prediction o USING (customer_key)`, asOf, version))
}

// scoreColumns brings the scores of customer_state to what prediction says, for those whom a condition names.
const scoreColumns = `UPDATE customer_state AS s SET churn_risk = p.risk, churn_band = p.band, churn_reason = p.reason, value_at_risk_minor = round(s.expected_value_minor * p.risk)::BIGINT
	FROM prediction p WHERE p.customer_key = s.customer_key`

// replace keeps what is staged in place of all that was said before. Tables are made anew instead of changed: the engine writes a column at once
// many times faster than it looks its rows up one by one.
func (s *Service) replace(ctx context.Context, conn *sql.Conn) error {
	return execAll(ctx, conn,
		`CREATE OR REPLACE TABLE prediction AS SELECT customer_key, as_of, version, risk, risk_low, risk_high, band, reason, reasons, previous FROM next_prediction`,
		`CREATE OR REPLACE TABLE customer_state AS SELECT s.* REPLACE (n.risk AS churn_risk, coalesce(n.band, '') AS churn_band, coalesce(n.reason, '') AS churn_reason,
			round(s.expected_value_minor * n.risk)::BIGINT AS value_at_risk_minor) FROM customer_state s LEFT JOIN next_prediction n USING (customer_key)`)
}

func keepRun(ctx context.Context, conn *sql.Conn, r *run, at int64, seconds float64) error {
	pace, err := json.Marshal(r.pace)
	if err != nil {
		return fmt.Errorf("churn: %w", err)
	}
	season, err := json.Marshal(r.season)
	if err != nil {
		return fmt.Errorf("churn: %w", err)
	}
	if err := execAll(ctx, conn, `DELETE FROM prediction_run`); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, `INSERT INTO prediction_run VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, r.asOf, r.version, r.stateVersion, r.dataVersion, at, math.Round(seconds*1000)/1000,
		r.customers, string(pace), string(season))
	if err != nil {
		return fmt.Errorf("churn: %w", err)
	}
	return nil
}

func execAll(ctx context.Context, conn *sql.Conn, texts ...string) error {
	for _, text := range texts {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("churn: %w", err)
		}
	}
	return nil
}

// Forget deletes what is said of these people, of whom nothing is to be left.
func (s *Service) Forget(ctx context.Context, keys []uint32) (rows int64, err error) {
	s.scoring.Lock()
	defer s.scoring.Unlock()
	err = s.Warehouse.Bulk(ctx, func(conn *sql.Conn) error {
		done, err := conn.ExecContext(ctx, `DELETE FROM prediction WHERE customer_key IN (`+numbersOf(keys)+`)`) //nolint:gosec // numbers alone
		if err != nil {
			return fmt.Errorf("churn: %w", err)
		}
		rows, err = done.RowsAffected()
		return err
	})
	return rows, err
}
