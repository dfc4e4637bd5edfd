package query

import "github.com/dangol/dangol/internal/kit/day"

// property is one thing known of a source's row.
type property struct {
	name     string
	kind     Type
	nullable bool
	// expr is the SQL of its value over the source's alias; unset is NULL, unset text is ''.
	expr func(asOf day.Day) string
	// milli marks quantities, kept in thousandths.
	milli bool
	// coded properties are counted by an integer code and shown by a dictionary.
	coded bool
}

func plain(sql string) func(day.Day) string { return func(day.Day) string { return sql } }

// lateSQL is NULL unless both days are known and the delivery is not after as_of, so that nothing
// later than as_of leaks into the answer.
func lateSQL(value string) func(day.Day) string {
	return func(asOf day.Day) string {
		return "CASE WHEN s.promised_day IS NOT NULL AND s.delivered_day <= " + num(asOf) + " THEN " + value + " END"
	}
}

func text(name string) property {
	return property{name: name, kind: TypeText, expr: plain("coalesce(s." + name + ", '')")}
}

var orderProperties = []property{
	{name: "day", kind: TypeDay, expr: plain("s.day")},
	{name: "amount", kind: TypeMoney, expr: plain("s.base_minor")},
	{name: "lines", kind: TypeInt, expr: plain("s.lines")},
	{name: "quantity", kind: TypeNumber, expr: plain("s.quantity_milli"), milli: true},
	text("market"), text("channel"), text("coupon"),
	{name: "late", kind: TypeFlag, nullable: true, expr: lateSQL("s.delivered_day > s.promised_day")},
	{name: "late_days", kind: TypeInt, nullable: true, expr: lateSQL("s.delivered_day - s.promised_day")},
	{name: "paid_until_day", kind: TypeDay, nullable: true, expr: plain("s.paid_until_day")}, // known from the order on: it is what was paid for
}

var lineProperties = []property{
	{name: "day", kind: TypeDay, expr: plain("s.day")},
	{name: "amount", kind: TypeMoney, expr: plain("s.base_minor")},
	{name: "quantity", kind: TypeNumber, expr: plain("s.quantity_milli"), milli: true},
	text("market"), text("channel"), text("coupon"),
	{name: "product", kind: TypeText, coded: true, expr: plain("p.label")},
	{name: "category", kind: TypeText, coded: true, expr: plain("p.category")},
}

var customerDayProperties = []property{
	{name: "day", kind: TypeDay, expr: plain("s.day")},
	{name: "amount", kind: TypeMoney, expr: plain("s.amount")},
	{name: "orders", kind: TypeInt, expr: plain("s.orders")},
	{name: "first", kind: TypeFlag, expr: plain("(s.day = f.first_day)")},
}

var sources = map[Source][]property{
	Orders: orderProperties, Refunds: orderProperties, Lines: lineProperties, CustomerDays: customerDayProperties,
}

func findProperty(s Source, name string) (property, bool) {
	for _, p := range sources[s] {
		if p.name == name {
			return p, true
		}
	}
	return property{}, false
}

// SourceSchema is what the conditions of a trait over a source can name.
func SourceSchema(s Source) Schema {
	var out Schema
	for _, p := range sources[s] {
		out = append(out, Column{Name: p.name, Type: p.kind, Nullable: p.nullable})
	}
	return out
}
