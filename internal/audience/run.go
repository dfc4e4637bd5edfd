package audience

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/query"
	"github.com/dangol/dangol/internal/warehouse"
)

// run is one analysis, inside the warehouse's transaction.
type run struct {
	s     *Service
	conn  *sql.Conn
	asOf  day.Day
	scale float64 // minor units in a major one
	p     *job.Progress
	a     *Analysis
}

func (r *run) all(ctx context.Context, started time.Time) error {
	r.p.Stage("computing traits", "steps", 5)
	if err := r.materialise(ctx, "traits_now", query.Traits{AsOf: r.asOf, Traits: query.BuiltIn(), Unordered: true}); err != nil {
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
	report, err := r.score(ctx)
	if err != nil {
		return err
	}
	r.p.Stage("keeping the state of every customer", "steps", 5)
	r.p.Set(4, 0)
	return r.keep(ctx, started, report)
}

func (r *run) materialise(ctx context.Context, table string, q query.Question) error {
	rendered, err := query.Render(q, r.s.dialect)
	if err != nil {
		return err
	}
	return exec(ctx, r.conn, `CREATE OR REPLACE TEMP TABLE `+table+` AS `+rendered.SQL, rendered.Args...)
}

// score hands histories to the scorer and stages its answers.
func (r *run) score(ctx context.Context) (json.RawMessage, error) {
	h, err := r.histories(ctx)
	if err != nil {
		return nil, err
	}
	r.a.Customers = int64(len(h.Key))
	sample, err := r.sample(ctx, len(h.Key))
	if err != nil {
		return nil, err
	}
	scores, report, err := r.s.scorer.Score(ctx, r.asOf, h, sample)
	if err != nil {
		return nil, err
	}
	if err := exec(ctx, r.conn, `CREATE OR REPLACE TEMP TABLE score (customer_key UINTEGER, p_alive DOUBLE, p_no_order_90d DOUBLE, expected_orders_12m DOUBLE, expected_value_minor BIGINT)`); err != nil {
		return nil, err
	}
	err = warehouse.Append(r.conn, "score", func(add func(...any) error) error {
		for i, key := range h.Key {
			if err := add(key, number(scores.PAlive[i]), number(scores.PNoOrder90[i]), number(scores.ExpectedOrders[i]), minor(scores.ExpectedValue[i], r.scale)); err != nil {
				return err
			}
		}
		return nil
	})
	return report, err
}

// number is nil for what the data do not support.
func number(x float64) any {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return x
}

func minor(major, scale float64) any {
	if math.IsNaN(major) || math.IsInf(major, 0) {
		return nil
	}
	return int64(math.Round(major * scale))
}

func (r *run) histories(ctx context.Context) (Histories, error) {
	var h Histories
	rows, err := r.conn.QueryContext(ctx, `SELECT customer_key, repeat_days, last_order_day - first_order_day, $1 - first_order_day, repeat_day_spend FROM traits_now ORDER BY customer_key`, int32(r.asOf))
	if err != nil {
		return h, fmt.Errorf("histories: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var key uint32
		var x, tx, t int32
		var repeat int64
		if err := rows.Scan(&key, &x, &tx, &t, &repeat); err != nil {
			return h, fmt.Errorf("histories: %w", err)
		}
		mean := 0.0
		if x > 0 {
			mean = float64(repeat) / r.scale / float64(x)
		}
		h.Key, h.X, h.Tx, h.T = append(h.Key, key), append(h.X, x), append(h.Tx, tx), append(h.T, t)
		h.Mean = append(h.Mean, mean)
	}
	if err := rows.Err(); err != nil {
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

func (r *run) keep(ctx context.Context, started time.Time, report json.RawMessage) error {
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
	if err := exec(ctx, r.conn, r.assemble()); err != nil {
		return err
	}
	var kept struct {
		Model string `json:"model"`
	}
	if err := json.Unmarshal(report, &kept); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	r.a.Model = kept.Model
	now := r.s.clock()
	if err := exec(ctx, r.conn, `DELETE FROM analysis`); err != nil {
		return err
	}
	return exec(ctx, r.conn, `INSERT INTO analysis VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, int32(r.asOf), now.UnixMicro(), now.Sub(started).Seconds(),
		r.a.Customers, r.a.TypicalGap, r.a.DataVersion, kept.Model, string(report), stateDDL(r.s.dialect))
}

// assemble joins traits, scores and stage into customer_state, column by column of its schema.
func (r *run) assemble() string {
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
		default:
			columns = append(columns, "s."+c.Name)
		}
	}
	return `INSERT INTO customer_state SELECT ` + strings.Join(columns, ", ") + ` FROM traits_now t JOIN rfm_now n USING (customer_key)
		LEFT JOIN rfm_before b USING (customer_key) LEFT JOIN score s USING (customer_key)`
}
