package predict

import (
	"database/sql"
	"testing"

	"github.com/dangol/dangol/internal/warehouse"
)

// The tenth of fewer than ten customers is one of them, not none.
func TestTheTopTenthOfFew(t *testing.T) {
	t.Parallel()
	w, err := warehouse.Open(t.Context(), "", warehouse.Options{MemoryMB: 100})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	for n, want := range map[int]float64{1: 1, 4: 0.4, 10: 10.0 / 55, 20: 39.0 / 210} {
		err := w.ReplaceState(t.Context(), nil, func(c *sql.Conn) error {
			_, err := c.ExecContext(t.Context(), `CREATE OR REPLACE TABLE customer_state AS SELECT i * 100 AS spend, '' AS last_market FROM range(1, $1 + 1) r(i)`, n)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		v := &Value{}
		if err := NewService(w).distribution(t.Context(), v, "spend", "", "EUR"); err != nil {
			t.Fatal(err)
		}
		if last := v.Pareto[len(v.Pareto)-1]; !near(v.TopDecile, want, 1e-9) || last.ShareCustomers != 1 || !near(last.ShareValue, 1, 1e-9) {
			t.Errorf("of %d: the top tenth has %v, want %v; in the end %+v", n, v.TopDecile, want, last)
		}
		var counted int64
		for _, b := range v.Bins {
			counted += b.Customers
		}
		if counted != int64(n) {
			t.Errorf("of %d: %d in the bins", n, counted)
		}
	}
}
