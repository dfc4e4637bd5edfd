package rule_test

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/query"
	"github.com/dangol/dangol/internal/query/chtest"
	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/ref"
	"github.com/dangol/dangol/internal/query/rule/render"
)

// world is what the engines hold, in memory.
type world struct {
	customers []customer
	events    []fact
	orders    []order
	products  []product
	catalog   *rule.Catalog
}

type customer struct {
	key                uint32
	name, email, phone string
	state              map[string]any
	in                 []string
}

type fact struct {
	customer       uint32
	place          uint64
	at             int64
	typ            uint8
	name           string
	props, context string
}

type order struct {
	customer                          uint32
	key                               uint64
	kind                              uint8
	at                                int64
	id                                string
	currency, market, channel, coupon string
	promised, delivered, paid         day.Day
	lines                             []line
}

type line struct {
	hash     uint64
	product  uint32
	quantity int64
	amount   int64
}

type product struct {
	key                uint32
	id, name, category string
}

func (o order) total() (quantity, amount int64) {
	for _, l := range o.lines {
		quantity, amount = quantity+l.quantity, amount+l.amount
	}
	return quantity, amount
}

var stateSchema = query.Schema{
	{Name: "p_alive", Type: query.TypeNumber, Nullable: true, Unit: query.UnitShare},
	{Name: "m", Type: query.TypeInt},
	{Name: "spend", Type: query.TypeMoney, Unit: query.UnitMoney},
	{Name: "rfm_group", Type: query.TypeText},
	{Name: "lifecycle", Type: query.TypeText},
	{Name: "last_delivery_late", Type: query.TypeFlag, Nullable: true},
	{Name: "last_order_day", Type: query.TypeDay, Nullable: true, Unit: query.UnitDate},
}

const schemaSQL = `
CREATE TABLE event (place U64, customer_key U32, origin_key U32, at_us I64, received_us I64, name_key U32, type U8, source_key U32, message_id STR, props STR, context STR);
CREATE TABLE told (place U64, customer_key U32, origin_key U32, at_us I64, name_key U32, type U8, props STR, context STR);
CREATE TABLE seen (origin_key U32, customer_key U32, at_us I64);
CREATE TABLE seen_until (place U64, at_us I64, kind I64);
CREATE TABLE customer (key U32, id STR, name NSTR, email NSTR, phone NSTR, import_id I64);
CREATE TABLE product (key U32, id STR, name NSTR, category NSTR);
CREATE TABLE order_context (key U32, currency STR, market STR, channel STR, coupon STR);
CREATE TABLE line (customer_key U32, order_key U64, line_hash U64, at_us I64, day I32, kind U8, product_key U32, quantity_milli I64, amount_minor I64, base_minor I64, context_key U32, order_id STR, origin_key NU32);
CREATE TABLE orders (customer_key U32, order_key U64, kind U8, order_id STR, at_us I64, day I32, lines U32, quantity_milli I64, amount_minor I64, base_minor I64, currency STR, market STR, channel STR, coupon STR, promised_day NI32, delivered_day NI32, origin_key NU32, paid_until_day NI32);
CREATE TABLE segment_member (segment STR, customer_key U32);
CREATE TABLE customer_state (customer_key U32, p_alive NF64, m NI32, spend NI64, rfm_group NSTR, lifecycle NSTR, last_delivery_late NBOOL, last_order_day NI32);
`

var duckTypes = strings.NewReplacer("NU32", "UINTEGER", "NI32", "INTEGER", "NI64", "BIGINT", "NSTR", "VARCHAR", "NF64", "DOUBLE", "NBOOL", "BOOLEAN",
	"U64", "UBIGINT", "U32", "UINTEGER", "U8", "UTINYINT", "I64", "BIGINT", "I32", "INTEGER", "STR", "VARCHAR", "CREATE TABLE", "CREATE OR REPLACE TABLE")

var houseTypes = strings.NewReplacer("NU32", "Nullable(UInt32)", "NI32", "Nullable(Int32)", "NI64", "Nullable(Int64)", "NSTR", "Nullable(String)", "NF64", "Nullable(Float64)", "NBOOL", "Nullable(Bool)",
	"U64", "UInt64", "U32", "UInt32", "U8", "UInt8", "I64", "Int64", "I32", "Int32", "STR", "String", "CREATE TABLE", "CREATE OR REPLACE TABLE", ");", ") ENGINE = Memory;")

// engine is one that answers rendered questions.
type engine interface {
	dialect() render.Dialect
	exec(t testing.TB, text string)
	ask(text string, args []any) ([][]any, error)
}

type duck struct{ db *sql.DB }

func openDuck(t testing.TB) engine {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return duck{db}
}

func (duck) dialect() render.Dialect { return render.DuckDB{} }

func (d duck) exec(t testing.TB, text string) {
	t.Helper()
	if _, err := d.db.ExecContext(context.Background(), text); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
}

func (d duck) ask(text string, args []any) ([][]any, error) {
	rows, err := d.db.QueryContext(context.Background(), text, args...)
	if err != nil {
		return nil, fmt.Errorf("%w in\n%s", err, shortened(text))
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var out [][]any
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

type house struct {
	e        *chtest.Engine
	database string
}

var databases int

func openHouse(t testing.TB) engine {
	t.Helper()
	e := chtest.Open(t)
	databases++
	h := house{e, "rules" + strconv.Itoa(databases)}
	if err := e.Exec("CREATE DATABASE " + h.database); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Exec("DROP DATABASE " + h.database) })
	return h
}

func (house) dialect() render.Dialect { return render.ClickHouse{} }

func (h house) exec(t testing.TB, text string) {
	t.Helper()
	if err := h.e.Exec("USE " + h.database); err != nil {
		t.Fatal(err)
	}
	if err := h.e.Exec(text); err != nil {
		t.Fatal(err)
	}
}

func (h house) ask(text string, args []any) ([][]any, error) {
	if err := h.e.Exec("USE " + h.database); err != nil {
		return nil, err
	}
	return h.e.Query(text, args...)
}

// load replaces what an engine holds.
func (w *world) load(t testing.TB, e engine) {
	t.Helper()
	_, isDuck := e.dialect().(render.DuckDB)
	types := houseTypes
	if isDuck {
		types = duckTypes
	}
	e.exec(t, types.Replace(schemaSQL))
	insert := func(table string, rows [][]any) {
		if len(rows) == 0 {
			return
		}
		var b strings.Builder
		b.WriteString("INSERT INTO " + table + " VALUES ")
		for i, row := range rows {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString("(")
			for j, v := range row {
				if j > 0 {
					b.WriteString(", ")
				}
				b.WriteString(written(v, isDuck))
			}
			b.WriteString(")")
		}
		e.exec(t, b.String())
	}
	var customers, states, members, events, told, products, contexts, lines, orders [][]any
	for _, c := range w.customers {
		customers = append(customers, []any{c.key, "c" + strconv.Itoa(int(c.key)), null(c.name), null(c.email), null(c.phone), 0})
		if c.state != nil {
			row := []any{c.key}
			for _, col := range stateSchema {
				row = append(row, c.state[col.Name])
			}
			states = append(states, row)
		}
		for _, s := range c.in {
			members = append(members, []any{s, c.key})
		}
	}
	for _, f := range w.events {
		events = append(events, []any{f.place, f.customer, f.customer, f.at, f.at, w.nameKey(f.name), f.typ, 1, "m" + strconv.FormatUint(f.place, 10), f.props, f.context})
		if f.typ == 4 || f.name == "Consent Changed" {
			told = append(told, []any{f.place, f.customer, f.customer, f.at, w.nameKey(f.name), f.typ, f.props, f.context})
		}
	}
	for _, p := range w.products {
		products = append(products, []any{p.key, p.id, null(p.name), null(p.category)})
	}
	for i, o := range w.orders {
		quantity, amount := o.total()
		d := int(day.Of(time.UnixMicro(o.at).UTC()))
		contexts = append(contexts, []any{i, o.currency, o.market, o.channel, o.coupon})
		orders = append(orders, []any{o.customer, o.key, o.kind, o.id, o.at, d, len(o.lines), quantity, amount, amount, o.currency, o.market, o.channel, o.coupon, nullDay(o.promised), nullDay(o.delivered), nil, nullDay(o.paid)})
		for _, l := range o.lines {
			lines = append(lines, []any{o.customer, o.key, l.hash, o.at, d, o.kind, l.product, l.quantity, l.amount, l.amount, i, o.id, nil})
		}
	}
	for table, rows := range map[string][][]any{"customer": customers, "customer_state": states, "segment_member": members, "event": events, "told": told, "product": products, "order_context": contexts, "line": lines, "orders": orders} {
		insert(table, rows)
	}
	if isDuck && len(w.events)%4 > 0 {
		w.see(t, e, w.events[len(w.events)/4*(len(w.events)%4)])
	}
}

// see keeps when each customer was last seen, as of what came and had happened by a fact.
func (w *world) see(t testing.TB, e engine, by fact) {
	t.Helper()
	var own []uint32
	for _, name := range rule.OwnEvents {
		if key := w.nameKey(name); key != 0 {
			own = append(own, key)
		}
	}
	e.exec(t, fmt.Sprintf(`INSERT INTO seen SELECT s.origin_key, s.customer_key, max(s.at_us) FROM event s WHERE %s AND s.place <= %d AND s.at_us <= %d GROUP BY ALL`, render.Activity("s", own), by.place, by.at))
	e.exec(t, fmt.Sprintf(`INSERT INTO seen_until VALUES (%d, %d, 1)`, by.place, by.at))
}

func (w *world) nameKey(name string) uint32 { return w.catalog.Events[name].Key }

func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func nullDay(d day.Day) any {
	if d == day.Unknown {
		return nil
	}
	return int(d)
}

func written(v any, isDuck bool) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		if isDuck {
			return "'" + strings.ReplaceAll(v, "'", "''") + "'"
		}
		s, _ := chtest.Literal(v)
		return s
	}
	return fmt.Sprint(v)
}

// person is a customer as ref reads her.
type person struct {
	w *world
	c *customer
}

func (p person) Key() uint32 { return p.c.key }

func (p person) State(column string) any {
	switch column {
	case "customer.name":
		return p.c.name
	case "customer.email":
		return p.c.email
	case "customer.phone":
		return p.c.phone
	}
	return p.c.state[column]
}

func (p person) In(segment string) bool { return slices.Contains(p.c.in, segment) }

func (p person) Moments(n *rule.Need) []rule.Moment {
	var out []rule.Moment
	switch n.Source {
	case rule.Events, rule.Identified:
		for _, f := range p.w.events {
			if f.customer != p.c.key {
				continue
			}
			if values, ok := n.Project(f.typ, f.name, []byte(f.props), []byte(f.context)); ok {
				out = append(out, rule.Moment{AtUS: f.at, Place: f.place, Values: values})
			}
		}
	default:
		out = p.orders(n)
	}
	slices.SortFunc(out, func(a, b rule.Moment) int { return cmp.Or(cmp.Compare(a.AtUS, b.AtUS), cmp.Compare(a.Place, b.Place)) })
	return out
}

func (p person) orders(n *rule.Need) []rule.Moment {
	var out []rule.Moment
	number := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	scale := 1.0
	for range p.w.catalog.Digits {
		scale *= 10
	}
	for _, o := range p.w.orders {
		if o.customer != p.c.key || (n.Source == rule.Refunds) != (o.kind == 2) {
			continue
		}
		values := func(props map[string]string) []rule.Value {
			var v []rule.Value
			for _, name := range n.Props {
				v = append(v, rule.ValueOf(props[name]))
			}
			return v
		}
		shared := map[string]string{"order_id": o.id, "market": o.market, "channel": o.channel, "coupon": o.coupon}
		if n.Source == rule.Lines {
			for _, l := range o.lines {
				props := map[string]string{"quantity": number(float64(l.quantity) / 1000), "revenue": number(float64(l.amount) / scale)}
				for k, v := range shared {
					props[k] = v
				}
				for _, q := range p.w.products {
					if q.key == l.product {
						props["product"], props["name"], props["category"] = q.id, q.name, q.category
					}
				}
				out = append(out, rule.Moment{AtUS: o.at, Place: l.hash, Values: values(props)})
			}
			continue
		}
		quantity, amount := o.total()
		shared["currency"], shared["lines"] = o.currency, strconv.Itoa(len(o.lines))
		shared["quantity"], shared["revenue"] = number(float64(quantity)/1000), number(float64(amount)/scale)
		shared["paid_until_day"] = o.paid.String()
		if o.delivered != day.Unknown {
			shared["delivered_day"] = strconv.Itoa(int(o.delivered))
			if o.promised != day.Unknown {
				shared["late_days"] = strconv.Itoa(int(o.delivered - o.promised))
			}
		}
		out = append(out, rule.Moment{AtUS: o.at, Place: o.key, Values: values(shared)})
	}
	return out
}

var _ ref.Person = person{}

// answers asks an engine: for each customer the bits of the rules.
func answers(e engine, bs []*rule.Bound, q render.Ask) (map[uint32][]uint64, error) {
	if d, ok := e.(direct); ok {
		return d.answers(bs, q)
	}
	text, args, err := render.Rules(bs, q, e.dialect())
	if err != nil {
		return nil, err
	}
	rows, err := e.ask(text, args)
	if err != nil {
		return nil, err
	}
	out := map[uint32][]uint64{}
	for _, row := range rows {
		var bits []uint64
		for _, v := range row[1:] {
			n, err := strconv.ParseUint(fmt.Sprint(v), 10, 64)
			if err != nil {
				return nil, err
			}
			bits = append(bits, n)
		}
		key, err := strconv.ParseUint(fmt.Sprint(row[0]), 10, 32)
		if err != nil {
			return nil, err
		}
		if out[uint32(key)] != nil {
			return nil, fmt.Errorf("customer %d is in the answer twice", key)
		}
		out[uint32(key)] = bits
	}
	return out, nil
}

// compare asks ref and an engine the same, and says where they part.
func (w *world) compare(t testing.TB, e engine, bs []*rule.Bound, q render.Ask) {
	t.Helper()
	got, err := answers(e, bs, q)
	if err != nil {
		for _, b := range bs {
			if _, one := answers(e, []*rule.Bound{b}, q); one != nil {
				text, _ := b.Rule().MarshalJSON()
				t.Fatalf("%s\n%v", text, one)
			}
		}
		t.Fatal(err)
	}
	ev := ref.New(rule.NewSet(bs...))
	words := (len(bs) + 63) / 64
	want := make([]uint64, words)
	for i := range w.customers {
		c := &w.customers[i]
		if q.Customers != nil && !slices.Contains(q.Customers, c.key) {
			if got[c.key] != nil {
				t.Errorf("%s: customer %d was not asked for", e.dialect().Name(), c.key)
			}
			continue
		}
		ev.Begin(person{w, c}, q.AsOfUS)
		ev.Bits(want)
		bits := got[c.key]
		if bits == nil {
			bits = make([]uint64, words)
		}
		for r, b := range bs {
			x, y := bits[r/64]>>(r%64)&1, want[r/64]>>(r%64)&1
			if x == y {
				continue
			}
			text, _ := b.Rule().MarshalJSON()
			alone, args, _ := render.Rules([]*rule.Bound{b}, q, e.dialect())
			t.Fatalf("customer %d as of %s: %s says %d, ref %d (alone %v)\n%s\n%s\n%s %v", c.key, time.UnixMicro(q.AsOfUS).UTC().Format(time.RFC3339Nano), e.dialect().Name(), x, y,
				ref.Holds(b, person{w, c}, q.AsOfUS), text, w.story(c.key), shortened(alone), args)
		}
	}
}

// story tells all facts of a customer.
func (w *world) story(key uint32) string {
	var b strings.Builder
	for _, c := range w.customers {
		if c.key == key {
			fmt.Fprintf(&b, "customer %q %q %q %v %v\n", c.name, c.email, c.phone, c.state, c.in)
		}
	}
	at := func(us int64) string { return time.UnixMicro(us).UTC().Format(time.RFC3339Nano) }
	for _, f := range w.events {
		if f.customer == key {
			fmt.Fprintf(&b, "%s %d type %d %s %s %s\n", at(f.at), f.place, f.typ, f.name, f.props, f.context)
		}
	}
	for _, o := range w.orders {
		if o.customer == key {
			fmt.Fprintf(&b, "%s %d order %+v\n", at(o.at), o.key, o)
		}
	}
	return b.String()
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// shortened keeps failures readable; RULE_SQL=1 shows the whole.
func shortened(text string) string {
	if os.Getenv("RULE_SQL") == "" && len(text) > 2000 {
		return text[:2000] + " ..."
	}
	return text
}
