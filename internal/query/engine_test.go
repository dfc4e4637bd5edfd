package query_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/query"
	"github.com/dangol/dangol/internal/query/ref"
)

// engine is the warehouse's tables in an in-memory DuckDB.
type engine struct {
	db        *sql.DB
	connector *duckdb.Connector
}

const tables = `
CREATE TABLE product(key UINTEGER, id VARCHAR, name VARCHAR, category VARCHAR);
CREATE TABLE order_line(customer_key UINTEGER, order_key UBIGINT, at_us BIGINT, day INTEGER, kind UTINYINT, product_key UINTEGER,
  quantity_milli BIGINT, base_minor BIGINT, market VARCHAR, channel VARCHAR, coupon VARCHAR, promised_day INTEGER, delivered_day INTEGER, paid_until_day INTEGER);
CREATE VIEW line AS SELECT customer_key, order_key, at_us, day, kind, product_key, quantity_milli, base_minor FROM order_line;
CREATE TABLE orders(customer_key UINTEGER, order_key UBIGINT, at_us BIGINT, day INTEGER, kind UTINYINT, lines UINTEGER,
  quantity_milli BIGINT, base_minor BIGINT, market VARCHAR, channel VARCHAR, coupon VARCHAR, promised_day INTEGER, delivered_day INTEGER, paid_until_day INTEGER);`

func openEngine(t testing.TB, path string) *engine {
	t.Helper()
	c, err := duckdb.NewConnector(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	e := &engine{db: sql.OpenDB(c), connector: c}
	t.Cleanup(func() { _ = e.db.Close() })
	return e
}

func (e *engine) exec(t testing.TB, text string) {
	t.Helper()
	if _, err := e.db.ExecContext(context.Background(), text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// load replaces what the tables hold.
func (e *engine) load(t testing.TB, d ref.Data) {
	t.Helper()
	e.exec(t, "DROP VIEW IF EXISTS line; DROP TABLE IF EXISTS product; DROP TABLE IF EXISTS order_line; DROP TABLE IF EXISTS orders;"+tables)
	e.fill(t, "product", len(d.Products), func(i int) []driver.Value {
		p := d.Products[i]
		return []driver.Value{p.Key, p.ID, p.Name, p.Category}
	})
	e.fill(t, "order_line", len(d.Lines), func(i int) []driver.Value {
		l := d.Lines[i]
		return []driver.Value{l.Customer, l.Order, l.AtUS, int32(l.Day), uint8(l.Kind), l.Product, l.QuantityMilli, l.Amount, l.Market, l.Channel, l.Coupon, null(l.Promised), null(l.Delivered), null(l.PaidUntil)}
	})
	e.fill(t, "orders", len(d.Orders), func(i int) []driver.Value {
		o := d.Orders[i]
		return []driver.Value{o.Customer, o.Order, o.AtUS, int32(o.Day), uint8(o.Kind), uint32(o.Lines), o.QuantityMilli, o.Amount, o.Market, o.Channel, o.Coupon, null(o.Promised), null(o.Delivered), null(o.PaidUntil)}
	})
}

func null(d day.Day) any {
	if d == day.Unknown {
		return nil
	}
	return int32(d)
}

func (e *engine) fill(t testing.TB, table string, n int, row func(int) []driver.Value) {
	t.Helper()
	conn, err := e.connector.Connect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	a, err := duckdb.NewAppenderFromConn(conn, "", table)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if err := a.AppendRow(row(i)...); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
}

// answer renders a question, asks it, and gives the rows in ref's types.
func (e *engine) answer(q query.Question) (ref.Table, error) {
	r, err := query.Render(q, query.DuckDB{})
	if err != nil {
		return ref.Table{}, err
	}
	rows, err := e.db.QueryContext(context.Background(), r.SQL, r.Args...)
	if err != nil {
		return ref.Table{}, fmt.Errorf("%w in:\n%s", err, r.SQL)
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		return ref.Table{}, err
	}
	for i, c := range r.Columns {
		if i >= len(names) || names[i] != c.Name {
			return ref.Table{}, fmt.Errorf("columns are %v, promised were %v", names, r.Columns)
		}
	}
	t := ref.Table{Columns: r.Columns}
	for rows.Next() {
		row := make([]any, len(names))
		into := make([]any, len(names))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return t, err
		}
		for i, v := range row {
			if row[i], err = plain(v, r.Columns[i].Type); err != nil {
				return t, fmt.Errorf("%s: %w", names[i], err)
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t, rows.Err()
}

// plain widens a value, and insists that its type is the promised one.
func plain(v any, promised query.Type) (any, error) {
	ok := true
	switch x := v.(type) {
	case nil:
	case int32:
		ok, v = promised == query.TypeInt || promised == query.TypeDay, int64(x)
	case int64:
		ok = promised == query.TypeBig || promised == query.TypeMoney
	case uint32:
		ok, v = promised == query.TypeKey, int64(x)
	case float64:
		ok = promised == query.TypeNumber
	case string:
		ok = promised == query.TypeText
	case bool:
		ok = promised == query.TypeFlag
	case *big.Int:
		ok = false
	default:
		ok = false
	}
	if !ok {
		return nil, fmt.Errorf("a %T came where %s was promised", v, promised)
	}
	return v, nil
}

// differ says where two answers part; "" where they agree.
func differ(a, b ref.Table) string {
	if len(a.Rows) != len(b.Rows) {
		return fmt.Sprintf("%d rows against %d", len(a.Rows), len(b.Rows))
	}
	for i := range a.Rows {
		for j, c := range a.Columns {
			if !same(a.Rows[i][j], b.Rows[i][j]) {
				return fmt.Sprintf("row %d (%v), %s: %v against %v", i, a.Rows[i][0], c.Name, a.Rows[i][j], b.Rows[i][j])
			}
		}
	}
	return ""
}

func same(a, b any) bool {
	x, ok := a.(float64)
	y, also := b.(float64)
	if ok && also {
		return math.Abs(x-y) <= 1e-12*max(1, math.Abs(x))
	}
	return a == b
}

// print is the answer as an aligned table.
func print(t ref.Table) string {
	cells := [][]string{{}}
	for _, c := range t.Columns {
		cells[0] = append(cells[0], c.Name)
	}
	for _, row := range t.Rows {
		var line []string
		for j, v := range row {
			line = append(line, shown(v, t.Columns[j].Type))
		}
		cells = append(cells, line)
	}
	width := make([]int, len(t.Columns))
	for _, line := range cells {
		for j, c := range line {
			width[j] = max(width[j], len(c))
		}
	}
	var b strings.Builder
	for _, line := range cells {
		var s string
		for j, c := range line {
			s += c + strings.Repeat(" ", width[j]-len(c)+2)
		}
		b.WriteString(strings.TrimRight(s, " ") + "\n")
	}
	return b.String()
}

func shown(v any, typ query.Type) string {
	switch x := v.(type) {
	case nil:
		return "unset"
	case string:
		if x == "" {
			return "-"
		}
		return x
	case float64:
		return fmt.Sprintf("%.6g", x)
	case int64:
		if typ == query.TypeDay {
			return day.Day(x).String()
		}
	}
	return fmt.Sprint(v)
}
