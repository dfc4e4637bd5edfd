package audience

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/dangol/dangol/internal/warehouse"
)

// TestProductsAreCounted compares the counting with a plain question, over lines of few and of many products, after the day, given
// back, of customers without any, and of none.
func TestProductsAreCounted(t *testing.T) {
	w, err := warehouse.Open(t.Context(), filepath.Join(t.TempDir(), "w.duckdb"), warehouse.Options{MemoryMB: 512})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	none := func(conn *sql.Conn) error { return countProducts(t.Context(), conn, 100) }
	if err := w.ReplaceState(t.Context(), none, func(*sql.Conn) error { return nil }); err != nil {
		t.Fatal("a shop without lines:", err)
	}
	if err := w.Bulk(t.Context(), fillLines(t.Context())); err != nil {
		t.Fatal(err)
	}
	prepare := func(conn *sql.Conn) error { return countProducts(t.Context(), conn, 100) }
	err = w.ReplaceState(t.Context(), prepare, func(conn *sql.Conn) error {
		var rows, wrong int
		err := conn.QueryRowContext(t.Context(), `WITH g AS (SELECT customer_key, product_key, count(*) AS n FROM line WHERE kind = 1 AND day <= 100 GROUP BY ALL),
			want AS (SELECT customer_key, count(*) FILTER (WHERE product_key <> 7)::UINTEGER AS kinds,
				arg_max(product_key, n * 1000000 - product_key) FILTER (WHERE product_key <> 7) AS commonest FROM g GROUP BY customer_key)
			SELECT count(*), count(*) FILTER (WHERE w.kinds IS DISTINCT FROM p.kinds OR w.commonest IS DISTINCT FROM p.commonest)
			FROM want w FULL JOIN product_counts p USING (customer_key)`).Scan(&rows, &wrong)
		if err == nil && (rows < 2000 || wrong > 0) {
			t.Errorf("%d of %d customers are counted wrong", wrong, rows)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func fillLines(ctx context.Context) func(conn *sql.Conn) error {
	return func(conn *sql.Conn) error {
		for _, text := range []string{
			`INSERT INTO product SELECT range, CASE WHEN range = 7 THEN '' ELSE 'p' || range END, '', '' FROM range(1, 400)`,
			`INSERT INTO line SELECT h % 2500 * 3, range, range, 0, 60 + (h // 7) % 60, 1 + (h // 11) % 10 // 9,
				CASE WHEN h % 2500 < 40 THEN 7 ELSE 1 + (h // 13) % (CASE WHEN h % 2 = 0 THEN 5 ELSE 399 END) END, 1000, 1, 1, 1, 'o', 0, 0, 1, h % 2500 * 3, 0
				FROM (SELECT range, (hash(range) % 1000000007)::BIGINT AS h FROM range(200000))`,
		} {
			if err := exec(ctx, conn, text); err != nil {
				return err
			}
		}
		return nil
	}
}
