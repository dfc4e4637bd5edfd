package audience

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/query"
	"github.com/dangol/dangol/internal/query/rule/pass"
	"github.com/dangol/dangol/internal/warehouse/columns"
)

// run is one analysis, on one connection of the warehouse.
type run struct {
	s      *Service
	conn   *sql.Conn
	asOf   day.Day
	scale  float64 // minor units in a major one
	p      *job.Progress
	a      *Analysis
	report json.RawMessage // of the models
}

// prepare computes everything into temporary tables, before the transaction that replaces the state.
func (r *run) prepare(ctx context.Context) error {
	r.p.Stage("computing traits", "steps", 5)
	if err := countProducts(ctx, r.conn, r.asOf); err != nil {
		return err
	}
	traits := query.Traits{AsOf: r.asOf, Traits: query.BuiltIn(), Unordered: true, Counted: map[string]string{"lines.product": productCounts}}
	if err := r.materialise(ctx, "traits_now", traits); err != nil {
		return err
	}
	r.p.Stage("scoring recency, frequency and value", "steps", 5)
	r.p.Set(1, 0)
	if err := r.materialise(ctx, "rfm_now", query.RFM{AsOf: r.asOf}); err != nil {
		return err
	}
	if err := r.materialise(ctx, "rfm_before", query.RFM{AsOf: r.asOf - movementDays}); err != nil {
		return err
	}
	r.p.Stage("fitting models and predicting", "steps", 5)
	r.p.Set(2, 0)
	return r.score(ctx)
}

func (r *run) materialise(ctx context.Context, table string, q query.Question) error {
	rendered, err := query.Render(q, r.s.dialect)
	if err != nil {
		return err
	}
	return exec(ctx, r.conn, `CREATE OR REPLACE TEMP TABLE `+table+` AS `+rendered.SQL, rendered.Args...)
}

// score hands histories to the scorer and stages its answers.
func (r *run) score(ctx context.Context) error {
	h, err := r.histories(ctx)
	if err != nil {
		return err
	}
	r.a.Customers = int64(len(h.Key))
	sample, err := r.sample(ctx, len(h.Key))
	if err != nil {
		return err
	}
	scores, report, err := r.s.scorer.Score(ctx, r.asOf, h, sample)
	if err != nil {
		return err
	}
	r.report = report
	if err := exec(ctx, r.conn, `CREATE OR REPLACE TEMP TABLE score (customer_key UINTEGER, p_alive DOUBLE, p_no_order_90d DOUBLE, expected_orders_12m DOUBLE, expected_value_minor BIGINT)`); err != nil {
		return err
	}
	w, err := columns.NewWriter(r.conn, "score")
	if err != nil {
		return err
	}
	for i, key := range h.Key {
		w.U32(0, key)
		orNull(w, 1, scores.PAlive[i])
		orNull(w, 2, scores.PNoOrder90[i])
		orNull(w, 3, scores.ExpectedOrders[i])
		if value := scores.ExpectedValue[i]; isKnown(value) {
			w.I64(4, int64(math.Round(value*r.scale)))
		} else {
			w.Null(4)
		}
		if err := w.Next(); err != nil {
			return errors.Join(err, w.Abandon())
		}
	}
	return w.Close()
}

// orNull writes a number, or NULL for what the data do not support.
func orNull(w *columns.Writer, column int, x float64) {
	if isKnown(x) {
		w.F64(column, x)
	} else {
		w.Null(column)
	}
}

func isKnown(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// histories is what the models learn from, by rising key.
func (r *run) histories(ctx context.Context) (h Histories, err error) {
	text := fmt.Sprintf(`SELECT customer_key, repeat_days::BIGINT, (last_order_day - first_order_day)::BIGINT, (%d - first_order_day)::BIGINT, repeat_day_spend FROM traits_now ORDER BY customer_key`, r.asOf)
	err = columns.Read(ctx, r.conn, text, nil, func(b *pass.Block) error {
		x, tx, t, repeat := b.Columns[1].I64, b.Columns[2].I64, b.Columns[3].I64, b.Columns[4].I64
		h.Key = append(h.Key, b.Columns[0].U32...)
		for i := range b.Len {
			mean := 0.0
			if x[i] > 0 {
				mean = float64(repeat[i]) / r.scale / float64(x[i])
			}
			h.X, h.Tx, h.T, h.Mean = append(h.X, int32(x[i])), append(h.Tx, int32(tx[i])), append(h.T, int32(t[i])), append(h.Mean, mean)
		}
		return nil
	})
	if err != nil {
		return h, fmt.Errorf("histories: %w", err)
	}
	return h, nil
}

// sample reads the purchase days of every n-th customer, n chosen so that at most sampleSize are read.
func (r *run) sample(ctx context.Context, customers int) (Log, error) {
	l := Log{Every: max(1, (customers+sampleSize-1)/sampleSize)}
	rows, err := r.conn.QueryContext(ctx, `SELECT customer_key, day FROM orders WHERE kind = 1 AND day <= $1 AND customer_key % $2 = 0 GROUP BY customer_key, day ORDER BY customer_key, day`,
		int32(r.asOf), l.Every)
	if err != nil {
		return l, fmt.Errorf("sample: %w", err)
	}
	defer func() { _ = rows.Close() }()
	last := int64(-1)
	for rows.Next() {
		var key int64
		var d int32
		if err := rows.Scan(&key, &d); err != nil {
			return l, fmt.Errorf("sample: %w", err)
		}
		if key != last {
			l.Days, last = append(l.Days, nil), key
		}
		l.Days[len(l.Days)-1] = append(l.Days[len(l.Days)-1], d)
	}
	if err := rows.Err(); err != nil {
		return l, fmt.Errorf("sample: %w", err)
	}
	return l, nil
}

// minimumGap keeps the rhythm of a business that sells daily from calling everybody late.
const minimumGap = 7

func (r *run) keep(ctx context.Context, started time.Time) error {
	var gap sql.NullFloat64
	if err := r.conn.QueryRowContext(ctx, `SELECT median(avg_days_between_orders) FROM traits_now WHERE repeat_days > 0`).Scan(&gap); err != nil {
		return fmt.Errorf("typical gap: %w", err)
	}
	r.a.TypicalGap = max(minimumGap, gap.Float64)
	if !gap.Valid {
		r.a.TypicalGap = 30 // nobody has ordered twice yet
	}
	if err := exec(ctx, r.conn, stateDDL(r.s.dialect)); err != nil {
		return err
	}
	risks, err := r.risks(ctx)
	if err != nil {
		return err
	}
	if err := exec(ctx, r.conn, r.assemble(risks)); err != nil {
		return err
	}
	var kept struct {
		Model string `json:"model"`
	}
	if err := json.Unmarshal(r.report, &kept); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	r.a.Model = kept.Model
	now := r.s.clock()
	if err := exec(ctx, r.conn, `DELETE FROM analysis`); err != nil {
		return err
	}
	return exec(ctx, r.conn, `INSERT INTO analysis VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, int32(r.asOf), now.UnixMicro(), now.Sub(started).Seconds(),
		r.a.Customers, r.a.TypicalGap, r.a.DataVersion, kept.Model, string(r.report), stateDDL(r.s.dialect))
}

// risks are what the last scoring says of who leaves; the next one, which follows an analysis, brings it up to date. It is nothing where
// there has been none: predict makes its table.
func (r *run) risks(ctx context.Context) (map[string]string, error) {
	none := map[string]string{"churn_risk": "NULL", "churn_band": "''", "churn_reason": "''", "value_at_risk_minor": "NULL", "from": ""}
	var there bool
	err := r.conn.QueryRowContext(ctx, `SELECT count(*) > 0 FROM duckdb_tables() WHERE table_name = 'prediction' AND NOT temporary`).Scan(&there)
	if err != nil {
		return nil, fmt.Errorf("analysis: %w", err)
	}
	if !there {
		return none, nil
	}
	return map[string]string{
		"churn_risk": "p.risk", "churn_band": "coalesce(p.band, '')", "churn_reason": "coalesce(p.reason, '')",
		"value_at_risk_minor": "round(s.expected_value_minor * p.risk)::BIGINT", "from": " LEFT JOIN prediction p USING (customer_key)",
	}, nil
}

// assemble joins traits, scores, stage and risks into customer_state, column by column of its schema.
func (r *run) assemble(risks map[string]string) string {
	traits := map[string]bool{}
	for _, t := range query.BuiltIn() {
		traits[t.Name] = true
	}
	columns := []string{"t.customer_key"}
	for _, c := range query.StateSchema() {
		switch {
		case traits[c.Name]:
			columns = append(columns, "t."+c.Name)
		case c.Name == "lifecycle":
			columns = append(columns, stageSQL(r.a.TypicalGap))
		case c.Name == "rfm_group":
			columns = append(columns, "n.rfm_group")
		case c.Name == "rfm_group_before":
			columns = append(columns, "coalesce(b.rfm_group, '')")
		case c.Name == "r" || c.Name == "f" || c.Name == "m":
			columns = append(columns, "n."+c.Name)
		case risks[c.Name] != "":
			columns = append(columns, risks[c.Name])
		default:
			columns = append(columns, "s."+c.Name)
		}
	}
	return `INSERT INTO customer_state SELECT ` + strings.Join(columns, ", ") + ` FROM traits_now t JOIN rfm_now n USING (customer_key)
		LEFT JOIN rfm_before b USING (customer_key) LEFT JOIN score s USING (customer_key)` + risks["from"]
}
