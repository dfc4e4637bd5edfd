package insight

import (
	"context"
	"database/sql"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2" // the engine the room's SQL runs on

	"github.com/dangol/dangol/internal/audience"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/query"
)

// shop is a warehouse in memory, with the analysis and the currency that a test gives it.
type shop struct {
	db       *sql.DB
	analysis *audience.Analysis
	version  int64
}

func (s *shop) Ask(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	return s.db.QueryContext(ctx, text, args...)
}
func (s *shop) Version() int64      { return s.version }
func (s *shop) StateVersion() int64 { return 1 }
func (s *shop) Latest(context.Context) (audience.Analysis, bool, error) {
	if s.analysis == nil {
		return audience.Analysis{}, false, nil
	}
	return *s.analysis, true, nil
}
func (s *shop) Currency(context.Context) (string, error) { return "GBP", nil }

func (s *shop) service() *Service { return NewService(s, s, s) }

func open(t *testing.T) *shop {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s := &shop{db: db}
	s.exec(t, `CREATE TABLE product(key UINTEGER, id VARCHAR, name VARCHAR, category VARCHAR);
CREATE TABLE line(customer_key UINTEGER, order_key UBIGINT, at_us BIGINT, day INTEGER, kind UTINYINT, product_key UINTEGER, quantity_milli BIGINT, base_minor BIGINT, market VARCHAR, channel VARCHAR, coupon VARCHAR, promised_day INTEGER, delivered_day INTEGER);
CREATE VIEW order_line AS FROM line;
CREATE TABLE orders(customer_key UINTEGER, order_key UBIGINT, at_us BIGINT, day INTEGER, kind UTINYINT, lines UINTEGER, quantity_milli BIGINT, base_minor BIGINT, market VARCHAR, channel VARCHAR, coupon VARCHAR, promised_day INTEGER, delivered_day INTEGER);`)
	return s
}

func (s *shop) exec(t *testing.T, text string, args ...any) {
	t.Helper()
	if _, err := s.db.ExecContext(context.Background(), text, args...); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}

const deriveOrders = `INSERT INTO orders SELECT customer_key, order_key, min(at_us), min(day), kind, count(*), sum(quantity_milli)::BIGINT, sum(base_minor)::BIGINT,
 min(market), min(channel), max(coupon), max(promised_day), max(delivered_day) FROM line GROUP BY customer_key, order_key, kind ORDER BY customer_key`

// analyse fills customer_state from the room's own questions; stages and chances are made up from recency.
func (s *shop) analyse(t *testing.T, asOf day.Day) {
	t.Helper()
	render := func(q query.Question) (string, []any) {
		r, err := query.Render(q, query.DuckDB{})
		if err != nil {
			t.Fatal(err)
		}
		return r.SQL, r.Args
	}
	for name, q := range map[string]query.Question{
		"t": query.Traits{AsOf: asOf, Traits: query.BuiltIn()}, "n": query.RFM{AsOf: asOf}, "b": query.RFM{AsOf: asOf - movementDays},
	} {
		text, args := render(q)
		s.exec(t, "CREATE OR REPLACE TABLE "+name+" AS "+text, args...)
	}
	s.exec(t, `CREATE OR REPLACE TABLE customer_state AS SELECT t.*, n.r, n.f, n.m, n.rfm_group, coalesce(b.rfm_group, '') AS rfm_group_before,
 CASE WHEN days_since_last_order > 200 THEN 'lost' WHEN repeat_days = 0 AND tenure_days < 60 THEN 'new' WHEN repeat_days = 0 THEN 'one_time'
  WHEN days_since_last_order > 60 THEN 'at_risk' ELSE 'active' END AS lifecycle,
 1.0 / (1 + days_since_last_order / 100.0) AS p_alive, 0.5 AS p_no_order_90d, 1.0 AS expected_orders_12m, (t.spend // 2)::BIGINT AS expected_value_minor
 FROM t JOIN n USING (customer_key) LEFT JOIN b USING (customer_key)`)
	s.analysis = &audience.Analysis{AsOf: asOf}
}
