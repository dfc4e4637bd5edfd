package segments

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/pass"
	"github.com/dangol/dangol/internal/query/rule/render"
	"github.com/dangol/dangol/internal/warehouse"
	"github.com/dangol/dangol/internal/warehouse/columns"
	"github.com/dangol/dangol/test/bench/load"
	"github.com/dangol/dangol/test/bench/shop"
)

func size(name string, usual int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return usual
}

// file gives the path of the shop, which is filled where it is not there, or was by an older version.
func file(tb testing.TB) string {
	tb.Helper()
	path := os.Getenv("DANGOL_BENCH_FILE")
	if path == "" {
		path = tb.TempDir() + "/bench.duckdb"
	}
	_, missing := os.Stat(path)
	customers := size("DANGOL_BENCH_CUSTOMERS", 1_000_000)
	if missing != nil {
		if err := shop.Fill(context.Background(), path, customers, size("DANGOL_BENCH_EVENTS", 20_000_000)); err != nil {
			tb.Fatal(err)
		}
	}
	w, err := warehouse.Open(context.Background(), path, warehouse.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	err = w.Bulk(context.Background(), func(conn *sql.Conn) error {
		for _, text := range []string{
			`CREATE TABLE IF NOT EXISTS segment_member (segment VARCHAR NOT NULL, customer_key UINTEGER NOT NULL)`,
			`DELETE FROM segment_member`, fmt.Sprintf(`INSERT INTO segment_member SELECT '%s', 1 + i * 97 FROM range(%d) r(i)`, load.Friends, customers/200),
		} {
			if _, err := conn.ExecContext(context.Background(), text); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, w.Close()); err != nil {
		tb.Fatal(err)
	}
	return path
}

func open(tb testing.TB) *sql.DB {
	tb.Helper()
	db, err := sql.Open("duckdb", file(tb)+"?memory_limit=2000MB&preserve_insertion_order=false")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

// reading opens the warehouse as a server does, with the little memory that its engine has while nothing large is under way.
func reading(tb testing.TB) tables {
	tb.Helper()
	r, err := server(tb).Read(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(r.Close)
	return tables{r}
}

func server(tb testing.TB) *warehouse.Warehouse {
	tb.Helper()
	w, err := warehouse.Open(context.Background(), file(tb), warehouse.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = w.Close() })
	return w
}

// bare reads the columns that the rules read, and takes them together by customer.
var bare = []string{
	`SELECT count(a), count(b), count(c), count(d), count(e) FROM (SELECT customer_key, max(at_us) a, max(place) b, max(name_key) c, max(type) d, max(strlen(props)) e FROM event GROUP BY customer_key)`,
	`SELECT count(a), count(b), count(c), count(d), count(e), count(f), count(g) FROM (SELECT customer_key, max(at_us) a, max(order_key) b, max(kind) c, max(base_minor) d, max(market) e, max(channel) f, max(coupon) g FROM orders GROUP BY customer_key)`,
	`SELECT count(a), count(b), count(c), count(d) FROM (SELECT customer_key, max(at_us) a, max(line_hash) b, max(kind) c, max(product_key) d FROM line GROUP BY customer_key)`,
	`SELECT count(a), count(b), count(c) FROM (SELECT customer_key, max(at_us) a, max(place) b, max(strlen(props)) c FROM told GROUP BY customer_key)`,
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

// BenchmarkFifty evaluates load.Fifty rules for everyone as the engine of segments does, and makes the bare scan, in turns. The ratio is of the
// time of the processors, which others on the machine disturb least.
func BenchmarkFifty(b *testing.B) {
	db := open(b)
	t, set := columnsOf(b, db), rule.NewSet(bound(b, load.Fifty)...)
	against(b, db, func() int {
		found, err := pass.Evaluate(context.Background(), t, set, render.Ask{AsOfUS: shop.AsOf.UnixMicro()})
		if err != nil {
			b.Fatal(err)
		}
		return people(found)
	})
}

// BenchmarkFiftySQL does it in one question of SQL, as an engine elsewhere is asked.
func BenchmarkFiftySQL(b *testing.B) {
	db := open(b)
	text, args, err := render.Rules(bound(b, load.Fifty), render.Ask{AsOfUS: shop.AsOf.UnixMicro()}, render.DuckDB{})
	if err != nil {
		b.Fatal(err)
	}
	against(b, db, func() int {
		_, _, n := measured(b, db, []string{text}, args)
		return n
	})
}

// people counts who is in any.
func people(found []pass.Bits) int {
	any := make(pass.Bits, len(found[0]))
	for _, one := range found {
		for w, word := range one {
			any[w] |= word
		}
	}
	return int(any.Count())
}

func against(b *testing.B, db *sql.DB, evaluate func() int) {
	measured(b, db, bare, nil)
	var full, scan, fullBusy, scanBusy time.Duration
	var n int
	b.ResetTimer()
	for range b.N {
		t, p, _ := measured(b, db, bare, nil)
		scan, scanBusy = scan+t, scanBusy+p
		began, before := time.Now(), processors()
		n = evaluate()
		full, fullBusy = full+time.Since(began), fullBusy+processors()-before
	}
	times := float64(b.N)
	b.ReportMetric(full.Seconds()/times, "s/load.Fifty")
	b.ReportMetric(scan.Seconds()/times, "s/scan")
	b.ReportMetric(fullBusy.Seconds()/times, "cpu-s/load.Fifty")
	b.ReportMetric(scanBusy.Seconds()/times, "cpu-s/scan")
	b.ReportMetric(float64(fullBusy)/float64(scanBusy), "ratio")
	b.ReportMetric(float64(n), "people")
}

// counted counts one rule as a preview does.
func counted(tb testing.TB, t tables, m *pass.Memory, one *rule.Bound) (took, busy time.Duration, n int64) {
	began, before := time.Now(), processors()
	found, err := m.Evaluate(context.Background(), t, one.Set(), render.Ask{AsOfUS: shop.AsOf.UnixMicro()})
	if err != nil {
		tb.Fatal(err)
	}
	n = found[0].Count()
	return time.Since(began), processors() - before, n
}

// BenchmarkEach evaluates each rule alone, all of it anew, which tells what it costs. ONLY leaves out those that do not hold a text.
func BenchmarkEach(b *testing.B) {
	t := reading(b)
	all := slices.Concat(load.Fifty, load.Ever)
	all = slices.DeleteFunc(all, func(text string) bool { return !strings.Contains(text, os.Getenv("ONLY")) })
	for i, one := range bound(b, all) {
		took, busy, n := counted(b, t, pass.NewMemory(), one)
		fmt.Fprintf(os.Stderr, "%5d ms, %5d ms of processors, %7d people: %s\n", took.Milliseconds(), busy.Milliseconds(), n, all[i])
	}
}

// BenchmarkPreview counts the people of single rules, as the console does while somebody types. Cold, nothing of the rule was counted
// before; warm, all of it was, as when conditions are put together in another way. Ever are rules that look at everything of all time, cold.
func BenchmarkPreview(b *testing.B) {
	t := reading(b)
	for _, temperature := range []string{"cold", "warm", "ever"} {
		rules := load.Fifty
		if temperature == "ever" {
			rules = load.Ever
		}
		b.Run(temperature, func(b *testing.B) {
			var all, busy []time.Duration
			for range b.N {
				for _, one := range bound(b, rules) {
					m := pass.NewMemory()
					t1, p1, _ := counted(b, t, m, one)
					if temperature == "warm" {
						t1, p1, _ = counted(b, t, m, one)
					}
					all, busy = append(all, t1), append(busy, p1)
				}
			}
			spread(b, all, busy)
		})
	}
}

// spread reports the middle, what 19 of 20 are below, and the greatest.
func spread(b *testing.B, took, busy []time.Duration) {
	slices.Sort(took)
	slices.Sort(busy)
	for name, share := range map[string]float64{"median": 0.5, "p95": 0.95, "max": 1} {
		b.ReportMetric(float64(took[int(share*float64(len(took)-1))].Microseconds())/1000, "ms/"+name)
		b.ReportMetric(float64(busy[int(share*float64(len(busy)-1))].Microseconds())/1000, "cpu-ms/"+name)
	}
}

// countsOf says how many events of a name there are in a span of time, as the service of segments does.
func countsOf(b *testing.B, w *warehouse.Warehouse) func(n *rule.Need, fromUS, toUS int64) int64 {
	counts := map[uint32]float64{}
	var first int64
	rows, err := w.Ask(context.Background(), `SELECT name_key, count(*), min(at_us) FROM event GROUP BY name_key`)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var key uint32
		var n, at int64
		if err := rows.Scan(&key, &n, &at); err != nil {
			b.Fatal(err)
		}
		if counts[key] = float64(n); first == 0 || at < first {
			first = at
		}
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	for _, n := range counts {
		counts[0] += n // of any name
	}
	return func(n *rule.Need, fromUS, toUS int64) int64 {
		return int64(counts[n.NameKey] * float64(toUS-max(fromUS, first)) / float64(toUS-first))
	}
}

// BenchmarkFirstAnswer is what somebody who types waits for, of all rules with nothing counted before: the count, or an estimate by some of the
// people where it is not there after 100 ms, or is foretold to take more than twice as long (internal/audience/live_drawn.go). It tells how far
// the estimates are off, too.
func BenchmarkFirstAnswer(b *testing.B) {
	w := server(b)
	happened := countsOf(b, w)
	count := func(one *rule.Bound, patience time.Duration, oneIn int) (in, of int64, err error) {
		ctx, stop := context.WithTimeout(context.Background(), patience)
		defer stop()
		r, err := w.Read(ctx)
		if err != nil {
			return 0, 0, err
		}
		defer r.Close()
		m, q := pass.NewMemory(), render.Ask{AsOfUS: shop.AsOf.UnixMicro(), OneIn: oneIn}
		if m.Cost(one.Set(), q, happened) > 2*patience {
			return 0, 0, errors.New("it would take too long")
		}
		found, err := m.Evaluate(ctx, tables{r}, one.Set(), q)
		if err != nil {
			return 0, 0, err
		}
		return found[0].Count(), m.People().Count(), nil
	}
	texts := slices.Concat(load.Fifty, load.Ever)
	var all, busy []time.Duration
	var estimates, outside int
	var furthest float64
	for range b.N {
		for i, one := range bound(b, texts) {
			began, before := time.Now(), processors()
			_, _, err := count(one, 100*time.Millisecond, 1)
			brokenOff, some, asked := time.Since(began), int64(0), int64(0)
			if err != nil {
				some, asked, err = count(one, time.Minute, size("DANGOL_BENCH_CUSTOMERS", 1_000_000)>>15)
			}
			all, busy = append(all, time.Since(began)), append(busy, processors()-before)
			if err != nil {
				b.Fatal(err)
			}
			if asked == 0 {
				continue
			}
			estimates++
			began = time.Now()
			in, of, err := count(one, time.Minute, 1)
			if err != nil {
				b.Fatal(err)
			}
			share, truth := 100*float64(some)/float64(asked), 100*float64(in)/float64(of)
			furthest = max(furthest, math.Abs(share-truth))
			if n, all := float64(asked), float64(of); math.Abs(share-truth) > 1.96*math.Sqrt(truth*(100-truth)/n*(all-n)/(all-1)) {
				outside++ // one in twenty is expected to be
			}
			fmt.Fprintf(os.Stderr, "%4d ms, of which %d until it was broken off; exact %d ms; %.2f %% of the people, in truth %.2f: %s\n", all[len(all)-1].Milliseconds(), brokenOff.Milliseconds(),
				time.Since(began).Milliseconds(), share, truth, texts[i])
		}
	}
	spread(b, all, busy)
	b.ReportMetric(float64(estimates)/float64(b.N), "estimates")
	b.ReportMetric(float64(outside)/float64(b.N), "beyond-95%")
	b.ReportMetric(furthest, "points-off")
}

// tables answers questions.
type tables struct{ of pass.Tables }

// Blocks tells what each question took where BENCH_SQL is set.
func (t tables) Blocks(ctx context.Context, text string, args []any, take func(*pass.Block) error) error {
	if os.Getenv("BENCH_SQL") != "" {
		began, before := time.Now(), processors()
		defer func() {
			fmt.Fprintf(os.Stderr, "  %5d ms %5d cpu-ms  %s\n", time.Since(began).Milliseconds(), (processors() - before).Milliseconds(), text)
		}()
	}
	return t.of.Blocks(ctx, text, args, take)
}

// direct reads columns on a connection.
type direct struct{ conn *sql.Conn }

// Blocks reads.
func (d direct) Blocks(ctx context.Context, text string, args []any, take func(*pass.Block) error) error {
	return columns.Read(ctx, d.conn, text, args, take)
}

func columnsOf(tb testing.TB, db *sql.DB) tables {
	tb.Helper()
	conn, err := db.Conn(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	return tables{direct{conn}}
}
