package query_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/query"
	"github.com/dangol/dangol/internal/query/ref"
)

var rewrite = flag.Bool("rewrite", false, "write what the naive evaluator answers into the scripts")

// TestScripts runs each script of testdata (see README.md) on ref and on DuckDB.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts in testdata (%v)", err)
	}
	e := openEngine(t, "")
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { runScript(t, e, file) })
	}
}

func runScript(t *testing.T, e *engine, file string) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var d ref.Data
	var got string
	changed := false
	for i, f := range a.Files {
		what, name, _ := strings.Cut(f.Name, " ")
		switch what {
		case "rows":
			if d, err = readRows(string(f.Data)); err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
			e.load(t, d)
		case "ask":
			got = ask(t, e, d, name, string(f.Data))
		case "want":
			if got == string(f.Data) {
				continue
			}
			if !*rewrite {
				t.Errorf("%s: got\n%swant\n%s", name, got, f.Data)
			}
			a.Files[i].Data, changed = []byte(got), true
		default:
			t.Fatalf("%s: a section is rows, ask or want", f.Name)
		}
	}
	if *rewrite && changed {
		if err := os.WriteFile(file, txtar.Format(a), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// ask gives the answer that both engines agree on, printed; or the fault.
func ask(t *testing.T, e *engine, d ref.Data, name, text string) string {
	t.Helper()
	q, err := readQuestion(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	want, err := ref.Answer(q, d)
	if err != nil {
		if _, other := query.Render(q, query.DuckDB{}); other == nil || other.Error() != err.Error() {
			t.Errorf("%s: ref refuses with %q, rendering with %v", name, err, other)
		}
		return "error: " + err.Error() + "\n"
	}
	got, err := e.answer(q)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return ""
	}
	if d := differ(got, want); d != "" {
		t.Errorf("%s: DuckDB and ref part: %s\nDuckDB\n%sref\n%s", name, d, print(got), print(want))
	}
	return print(want)
}

// readQuestion reads "kind field=value ..." and, for traits, one JSON object a line for each defined trait.
func readQuestion(text string) (query.Question, error) {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	words := strings.Fields(lines[0])
	given := map[string]string{}
	for _, w := range words[1:] {
		k, v, ok := strings.Cut(w, "=")
		if !ok {
			return nil, fmt.Errorf("%q is not field=value", w)
		}
		given[k] = v
	}
	days := map[string]day.Day{}
	for _, k := range []string{"as_of", "from", "to"} {
		days[k] = day.Unknown
		if given[k] != "" {
			d, err := day.Parse(given[k])
			if err != nil {
				return nil, err
			}
			days[k] = d
		}
	}
	switch words[0] {
	case "traits":
		return readTraits(given, days["as_of"], lines[1:])
	case "rfm":
		return query.RFM{AsOf: days["as_of"], Market: given["market"]}, nil
	case "rfm_cells":
		return query.RFMCells{AsOf: days["as_of"], Market: given["market"]}, nil
	case "rfm_movement":
		return query.RFMMovement{From: days["from"], To: days["to"], Market: given["market"]}, nil
	case "cohorts":
		return query.Cohorts{AsOf: days["as_of"], Market: given["market"], Category: given["category"], By: query.Split(given["by"])}, nil
	case "kpi":
		return query.KPI{From: days["from"], To: days["to"], AsOf: days["as_of"], Market: given["market"], Bucket: query.Bucket(given["bucket"])}, nil
	}
	return nil, fmt.Errorf("no question is called %q", words[0])
}

func readTraits(given map[string]string, asOf day.Day, defined []string) (query.Question, error) {
	q := query.Traits{AsOf: asOf}
	for _, name := range strings.FieldsFunc(given["traits"], func(r rune) bool { return r == ',' }) {
		tr, ok := query.BuiltInTrait(name)
		if !ok {
			return nil, fmt.Errorf("no built-in trait is called %q", name)
		}
		q.Traits = append(q.Traits, tr)
	}
	for _, line := range defined {
		var tr query.Trait
		if err := json.Unmarshal([]byte(line), &tr); err != nil {
			return nil, fmt.Errorf("%s: %w", line, err)
		}
		q.Traits = append(q.Traits, tr)
	}
	for _, key := range strings.FieldsFunc(given["customers"], func(r rune) bool { return r == ',' }) {
		n, err := strconv.ParseUint(key, 10, 32)
		if err != nil {
			return nil, err
		}
		q.Customers = append(q.Customers, uint32(n))
	}
	return q, nil
}

// readRows reads order lines under a header of column names; "-" is unset.
func readRows(text string) (ref.Data, error) {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	header := strings.Fields(lines[0])
	var d ref.Data
	products := map[string]uint32{}
	for n, line := range lines[1:] {
		cells := strings.Fields(line)
		if len(cells) != len(header) {
			return d, fmt.Errorf("row %d has %d cells, the header %d", n+1, len(cells), len(header))
		}
		row := map[string]string{}
		for i, h := range header {
			if cells[i] != "-" {
				row[h] = cells[i]
			}
		}
		l, err := readLine(row)
		if err != nil {
			return d, fmt.Errorf("row %d: %w", n+1, err)
		}
		id := row["product"]
		if products[id] == 0 {
			products[id] = uint32(len(products) + 1)
			d.Products = append(d.Products, ref.Product{Key: products[id], ID: id, Name: row["name"], Category: row["category"]})
		}
		l.Product = products[id]
		d.Lines = append(d.Lines, l)
	}
	d.Orders = ref.OrdersOf(d.Lines)
	return d, nil
}

func readLine(row map[string]string) (ref.Line, error) {
	l := ref.Line{Kind: ref.Purchase, Market: row["market"], Channel: row["channel"], Coupon: row["coupon"], Promised: day.Unknown, Delivered: day.Unknown, PaidUntil: day.Unknown, QuantityMilli: 1000}
	customer, err := strconv.ParseUint(row["customer"], 10, 32)
	if err != nil {
		return l, err
	}
	l.Customer = uint32(customer)
	h := fnv.New64a()
	_, _ = h.Write([]byte(row["customer"] + "/" + row["order"]))
	l.Order = h.Sum64()
	at, err := time.Parse("2006-01-02T15:04", row["at"])
	if err != nil {
		if at, err = time.Parse(time.DateOnly, row["at"]); err != nil {
			return l, err
		}
	}
	l.AtUS, l.Day = at.UnixMicro(), day.Of(at)
	if row["kind"] == "refund" {
		l.Kind = ref.Refund
	}
	if l.Amount, err = strconv.ParseInt(row["amount"], 10, 64); err != nil {
		return l, err
	}
	if row["quantity"] != "" {
		f, err := strconv.ParseFloat(row["quantity"], 64)
		if err != nil {
			return l, err
		}
		l.QuantityMilli = int64(f * 1000)
	}
	for name, into := range map[string]*day.Day{"promised": &l.Promised, "delivered": &l.Delivered, "paid_until": &l.PaidUntil} {
		if row[name] != "" {
			if *into, err = day.Parse(row[name]); err != nil {
				return l, err
			}
		}
	}
	return l, nil
}
