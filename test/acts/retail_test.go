package acts

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2" // the independent reader
	"github.com/google/go-cmp/cmp"

	"github.com/dangol/dangol/internal/kit/datatest"
)

// dangol runs the binary and reads its JSON.
func dangol(t *testing.T, out any, binary string, args ...string) {
	t.Helper()
	b, err := exec.CommandContext(t.Context(), binary, append(args, "--json", "--quiet")...).Output()
	if err != nil {
		t.Fatalf("dangol %s: %v\n%s", strings.Join(args, " "), err, b)
	}
	if err := json.Unmarshal(b, out); err != nil {
		t.Fatalf("dangol %s: %v in %s", strings.Join(args, " "), err, b)
	}
}

// plain reads the raw file with DuckDB's own CSV reader: nothing of the product takes part. A purchase is a line with a
// customer, a positive quantity and price, and an invoice that does not begin with C.
const plain = `CREATE TABLE bought AS SELECT "CustomerID" AS customer, "InvoiceNo" AS invoice, "InvoiceDate"::TIMESTAMP AS moment,
	"Quantity"::BIGINT * "UnitPrice"::DECIMAL(18,3) AS amount FROM read_csv('%s', all_varchar = true)
	WHERE "CustomerID" IS NOT NULL AND "Quantity"::BIGINT > 0 AND "UnitPrice"::DECIMAL(18,3) > 0 AND NOT starts_with("InvoiceNo", 'C')`

// TestOnlineRetailAgreesWithPlainSQL imports the raw file as a user would, without a flag, and compares what the reports
// print with plain SQL over that file.
func TestOnlineRetailAgreesWithPlainSQL(t *testing.T) {
	t.Parallel()
	file := datatest.Path(t, "online_retail/online_retail.csv.gz")
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.ExecContext(t.Context(), fmt.Sprintf(plain, strings.ReplaceAll(file, "'", "''"))); err != nil {
		t.Fatal(err)
	}
	binary, data := build(t), filepath.Join(t.TempDir(), "data")
	var imported map[string]any
	dangol(t, &imported, binary, "import", "orders", file, "--data", data)
	if imported["lines_read"] != 541909.0 {
		t.Fatalf("lines read: %v", imported["lines_read"])
	}
	t.Run("kpi", func(t *testing.T) { compareKPI(t, db, binary, data, "2010-12-01", "2011-12-09") })
	t.Run("kpi of a period", func(t *testing.T) { compareKPI(t, db, binary, data, "2011-03-05", "2011-08-20") })
	t.Run("cohorts", func(t *testing.T) { compareCohorts(t, db, binary, data) })
}

type kpi struct {
	Customers int64 `json:"customers"`
	Orders    int64 `json:"orders"`
	New       int64 `json:"new_customers"`
	Revenue   struct {
		Amount   string `json:"amount"`
		Currency string `json:"currency"`
	} `json:"revenue"`
	Repeat float64 `json:"repeat_purchase_rate"`
}

func compareKPI(t *testing.T, db *sql.DB, binary, data, from, to string) {
	t.Helper()
	var got, want kpi
	dangol(t, &got, binary, "report", "kpi", "--from", from, "--to", to, "--data", data)
	want.Revenue.Currency = "GBP"
	err := db.QueryRowContext(t.Context(), `WITH p AS (FROM bought WHERE moment::DATE BETWEEN $1::DATE AND $2::DATE),
		c AS (SELECT customer, count(DISTINCT invoice) AS orders FROM p GROUP BY customer),
		f AS (SELECT customer, min(moment::DATE) AS first FROM bought GROUP BY customer)
		SELECT (SELECT count(*) FROM c), (SELECT count(DISTINCT invoice) FROM p), (SELECT round(sum(amount), 2)::DECIMAL(18,2)::VARCHAR FROM p),
			(SELECT avg((orders >= 2)::INTEGER) FROM c), (SELECT count(*) FROM f WHERE first BETWEEN $1::DATE AND $2::DATE)`, from, to).
		Scan(&want.Customers, &want.Orders, &want.Revenue.Amount, &want.Repeat, &want.New)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b float64) bool { return a-b < 1e-12 && b-a < 1e-12 })); diff != "" {
		t.Errorf("kpi from %s to %s (-plain SQL +dangol):\n%s", from, to, diff)
	}
}

type cohortCell struct {
	Start   string
	Index   int
	Active  int64
	Revenue string
}

func compareCohorts(t *testing.T, db *sql.DB, binary, data string) {
	t.Helper()
	var report struct {
		Cohorts []struct {
			Start   string `json:"start"`
			Size    int64  `json:"size"`
			Periods []struct {
				Index   int   `json:"index"`
				Active  int64 `json:"active"`
				Revenue struct {
					Amount string `json:"amount"`
				} `json:"revenue"`
			} `json:"periods"`
		} `json:"cohorts"`
	}
	dangol(t, &report, binary, "report", "cohorts", "--data", data)
	var got, want []cohortCell
	for _, c := range report.Cohorts {
		for _, p := range c.Periods {
			if p.Active > 0 {
				got = append(got, cohortCell{c.Start, p.Index, p.Active, p.Revenue.Amount})
			}
		}
		if len(c.Periods) > 0 && c.Periods[0].Active != c.Size {
			t.Errorf("cohort %s has %d customers and %d active in its first month", c.Start, c.Size, c.Periods[0].Active)
		}
	}
	rows, err := db.QueryContext(t.Context(), `WITH f AS (SELECT customer, date_trunc('month', min(moment)) AS start FROM bought GROUP BY customer)
		SELECT strftime(start, '%Y-%m-%d'), date_diff('month', start, date_trunc('month', moment)) AS i, count(DISTINCT customer), round(sum(amount), 2)::DECIMAL(18,2)::VARCHAR
		FROM bought JOIN f USING (customer) GROUP BY 1, 2 ORDER BY 1, 2`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var c cohortCell
		if err := rows.Scan(&c.Start, &c.Index, &c.Active, &c.Revenue); err != nil {
			t.Fatal(err)
		}
		want = append(want, c)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 90 {
		t.Errorf("%d cohort cells (-plain SQL +dangol):\n%s", len(want), diff)
	}
}

// TestCDNOWReproducesThePublishedModels takes the file as it is published through the command line.
func TestCDNOWReproducesThePublishedModels(t *testing.T) {
	t.Parallel()
	file := datatest.Path(t, "cdnow/CDNOW_master.txt")
	binary, data := build(t), filepath.Join(t.TempDir(), "data")
	var imported map[string]any
	dangol(t, &imported, binary, "import", "orders", file, "--columns", "customer=1,at=2,quantity=3,amount=4", "--data", data)
	if imported["lines_read"] != 69659.0 || imported["orders"] != 69659.0 || imported["customers"] != 23570.0 {
		t.Errorf("import: %v", imported)
	}
	// Log-likelihoods and holdout sums of independent fits; see docs/understand.
	for model, want := range map[string]struct{ likelihood, expected float64 }{
		"bgnbd": {-95368.4439, 16873.7343}, "mbgnbd": {-95336.9583, 15933.6}, "paretonbd": {-95415.1186, 17153.1881},
	} {
		var got struct {
			Model      string  `json:"model"`
			Likelihood float64 `json:"log_likelihood"`
			Holdout    struct {
				Expected float64 `json:"expected"`
				Actual   float64 `json:"actual"`
			} `json:"holdout"`
			Spend struct {
				P float64 `json:"p"`
				Q float64 `json:"q"`
				V float64 `json:"v"`
			} `json:"spend"`
		}
		dangol(t, &got, binary, "report", "clv", "--model", model, "--calibrate-until", "1997-09-30", "--unit", "week", "--data", data)
		near(t, model+" log-likelihood", got.Likelihood, want.likelihood, 0.001)
		near(t, model+" holdout expected", got.Holdout.Expected, want.expected, 0.5)
		near(t, model+" holdout actual", got.Holdout.Actual, 19684, 0)
		near(t, "spend p", got.Spend.P, 6.275359, 1e-4)
		near(t, "spend q", got.Spend.Q, 3.624450, 1e-4)
		near(t, "spend v", got.Spend.V, 14.983687, 1e-3)
		if got.Model != model {
			t.Errorf("asked for %s, got %s", model, got.Model)
		}
	}
}

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if d := got - want; d > within || d < -within {
		t.Errorf("%s = %.6f, want %.6f", what, got, want)
	}
}
