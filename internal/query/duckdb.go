package query

// DuckDB is the dialect of the embedded engine.
type DuckDB struct{}

var _ Dialect = DuckDB{}

// Name is "duckdb".
func (DuckDB) Name() string { return "duckdb" }

var duckTypes = map[Type]string{
	TypeKey: "UINTEGER", TypeInt: "INTEGER", TypeBig: "BIGINT", TypeDay: "INTEGER", TypeMoney: "BIGINT",
	TypeNumber: "DOUBLE", TypeText: "VARCHAR", TypeFlag: "BOOLEAN",
}

// TypeName is DuckDB's name of a type.
func (DuckDB) TypeName(t Type) string { return duckTypes[t] }

// MonthIndex goes through DuckDB's DATE, whose epoch is day 0.
func (DuckDB) MonthIndex(day string) string {
	date := "(DATE '1970-01-01' + " + day + ")"
	return "((year(" + date + ") - 1970) * 12 + month(" + date + ") - 1)::INTEGER"
}

// IntDiv is DuckDB's integer division.
func (DuckDB) IntDiv(a, b string) string { return "((" + a + ") // (" + b + "))" }

// Median is DuckDB's continuous median.
func (DuckDB) Median(expr, filter string) string { return "median(" + expr + ")" + filtered(filter) }

// OrderKey packs a signed 64-bit time and an unsigned 64-bit tie-break into one HUGEINT: comparing
// one integer is several times faster than comparing structs.
func (DuckDB) OrderKey(at, tie string) string {
	return "(" + at + ")::HUGEINT * 18446744073709551616::HUGEINT + " + tie
}

// FirstBy is arg_min over the packed key.
func (d DuckDB) FirstBy(value, at, tie, filter string) string {
	return "arg_min(" + value + ", " + d.OrderKey(at, tie) + ")" + filtered(filter)
}

// LastBy is arg_max over the packed key.
func (d DuckDB) LastBy(value, at, tie, filter string) string {
	return "arg_max(" + value + ", " + d.OrderKey(at, tie) + ")" + filtered(filter)
}

// TieOf is the lower half of the packed key.
func (DuckDB) TieOf(key string) string { return "(" + key + " & 18446744073709551615::HUGEINT)" }

func filtered(filter string) string {
	if filter == "" {
		return ""
	}
	return " FILTER (WHERE " + filter + ")"
}
