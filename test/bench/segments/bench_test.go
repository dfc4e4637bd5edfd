package segments

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/dangol/dangol/internal/query/rule/render"
)

func size(name string, usual int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return usual
}

func open(tb testing.TB) *sql.DB {
	tb.Helper()
	path := os.Getenv("DANGOL_BENCH_FILE")
	if path == "" {
		path = tb.TempDir() + "/bench.duckdb"
	}
	_, missing := os.Stat(path)
	db, err := sql.Open("duckdb", path+"?memory_limit=2000MB&preserve_insertion_order=false")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	if missing != nil {
		generate(tb, db, size("DANGOL_BENCH_CUSTOMERS", 1_000_000), size("DANGOL_BENCH_EVENTS", 20_000_000))
	}
	return db
}

// bare reads the columns that the rules read, and takes them together by customer.
var bare = []string{
	`SELECT count(a), count(b), count(c), count(d), count(e) FROM (SELECT customer_key, max(at_us) a, max(place) b, max(name_key) c, max(type) d, max(strlen(props)) e FROM event GROUP BY customer_key)`,
	`SELECT count(a), count(b), count(c), count(d), count(e), count(f), count(g) FROM (SELECT customer_key, max(at_us) a, max(order_key) b, max(kind) c, max(base_minor) d, max(market) e, max(channel) f, max(coupon) g FROM orders GROUP BY customer_key)`,
	`SELECT count(a), count(b), count(c), count(d) FROM (SELECT customer_key, max(at_us) a, max(line_hash) b, max(kind) c, max(product_key) d FROM line GROUP BY customer_key)`,
}

// measured runs questions to the end and gives their time, by the clock and of the processors.
func measured(tb testing.TB, db *sql.DB, texts []string, args []any) (took, busy time.Duration, rows int) {
	tb.Helper()
	began, before := time.Now(), processors()
	for _, text := range texts {
		r, err := db.QueryContext(context.Background(), text, args...)
		if err != nil {
			tb.Fatalf("%v in\n%s", err, text)
		}
		for r.Next() {
			rows++
		}
		if err := r.Err(); err != nil {
			tb.Fatal(err)
		}
		_ = r.Close() //nolint:sqlclosecheck // one after the other, in a loop
	}
	return time.Since(began), processors() - before, rows
}

func processors() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkFifty evaluates fifty rules for everyone, and makes the bare scan, in turns. The ratio is of the time of
// the processors, which others on the machine disturb least.
func BenchmarkFifty(b *testing.B) {
	db := open(b)
	text, args, err := render.Rules(bound(b, fifty), render.Ask{AsOfUS: asOf.UnixMicro()}, render.DuckDB{})
	if err != nil {
		b.Fatal(err)
	}
	measured(b, db, bare, nil)
	var full, scan, fullBusy, scanBusy time.Duration
	var people int
	b.ResetTimer()
	for range b.N {
		t, p, _ := measured(b, db, bare, nil)
		scan, scanBusy = scan+t, scanBusy+p
		t, p, people = measured(b, db, []string{text}, args)
		full, fullBusy = full+t, fullBusy+p
	}
	n := float64(b.N)
	b.ReportMetric(full.Seconds()/n, "s/fifty")
	b.ReportMetric(scan.Seconds()/n, "s/scan")
	b.ReportMetric(fullBusy.Seconds()/n, "cpu-s/fifty")
	b.ReportMetric(scanBusy.Seconds()/n, "cpu-s/scan")
	b.ReportMetric(float64(fullBusy)/float64(scanBusy), "ratio")
	b.ReportMetric(float64(people), "people")
}

// BenchmarkEach evaluates each rule alone, which tells what it costs.
func BenchmarkEach(b *testing.B) {
	db := open(b)
	for i, one := range bound(b, fifty) {
		text, args, err := render.Count(one, render.Ask{AsOfUS: asOf.UnixMicro()}, render.DuckDB{})
		if err != nil {
			b.Fatal(err)
		}
		_, _, _ = measured(b, db, []string{text}, args)
		took, busy, _ := measured(b, db, []string{text}, args)
		fmt.Fprintf(os.Stderr, "%5d ms, %5d ms of processors: %s\n", took.Milliseconds(), busy.Milliseconds(), fifty[i])
	}
}

// BenchmarkPreview counts the people of single rules, as the console does while somebody types.
func BenchmarkPreview(b *testing.B) {
	db := open(b)
	var all, busy []time.Duration
	for range b.N {
		for _, one := range bound(b, fifty[:48]) {
			text, args, err := render.Count(one, render.Ask{AsOfUS: asOf.UnixMicro()}, render.DuckDB{})
			if err != nil {
				b.Fatal(err)
			}
			t, p, _ := measured(b, db, []string{text}, args)
			all, busy = append(all, t), append(busy, p)
		}
	}
	slices.Sort(all)
	slices.Sort(busy)
	at := func(of []time.Duration, share float64) float64 {
		return of[int(share*float64(len(of)-1))].Seconds() * 1000
	}
	b.ReportMetric(at(all, 0.5), "ms/median")
	b.ReportMetric(at(all, 0.95), "ms/p95")
	b.ReportMetric(at(busy, 0.5), "cpu-ms/median")
	b.ReportMetric(at(busy, 0.95), "cpu-ms/p95")
}
