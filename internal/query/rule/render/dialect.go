package render

import (
	"regexp"
	"strconv"
	"strings"
)

// Dialect is what differs between engines; all other SQL of this package is common to them.
type Dialect interface {
	// Name is the engine's name.
	Name() string
	// Suffix ends every question: settings that make NULL mean the same everywhere.
	Suffix() string
	// JSONText is the text of the scalar at a path, NULL where there is none or null.
	JSONText(object string, path []string) string
	// JSONGiven is the raw JSON at a path, NULL only where the path is not there; ScalarText is its text.
	JSONGiven(object string, path []string) string
	ScalarText(raw string) string
	// Number reads a text as a finite number, NULL where it is none.
	Number(text string) string
	// DayNumber counts days since 1970 of a text that begins as a date; NULL where there is no such day.
	DayNumber(text string) string
	// DayText writes the day of such a number, 2024-03-31.
	DayText(number string) string
	// Matches says that a text is wholly of a pattern; Extract is its first group, ” where it is not in the text.
	Matches(text, pattern string) string
	Extract(text, pattern string) string
	Contains(text, part string) string
	StartsWith(text, part string) string
	// MD5 is the hash of a text in small hexadecimal digits.
	MD5(text string) string
	IntDiv(a, b string) string
	// Unsigned is the type of unsigned integers of 64 bits, None one without bits.
	Unsigned() string
	None() string
	// Bit is 2^i as an unsigned integer of 64 bits; BitAnd and BitOr join two of them, AnyBits those of a group.
	Bit(i int) string
	BitAnd(a, b string) string
	BitOr(a, b string) string
	AnyBits(expr string) string
	// Sum adds up integers of 64 bits in 128.
	Sum(expr string) string
	// OrderKey packs (at, place) into one ordered value; ArgMin and ArgMax take the value of the row with the least or
	// greatest key, skipping rows whose value is NULL.
	OrderKey(at, place string) string
	ArgMin(value, key string) string
	ArgMax(value, key string) string
}

// DuckDB is the dialect of the embedded engine.
type DuckDB struct{}

// ClickHouse is the dialect of the engine of clusters.
type ClickHouse struct{}

var _, _ Dialect = DuckDB{}, ClickHouse{}

// literal quotes a text that holds neither backslashes nor control characters.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Name is "duckdb".
func (DuckDB) Name() string { return "duckdb" }

// Suffix is empty: what the others must be told is how DuckDB is.
func (DuckDB) Suffix() string { return "" }

var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func jsonPath(path []string) string {
	s := "$"
	for _, p := range path {
		if !plainName.MatchString(p) {
			p = `"` + p + `"`
		}
		s += "." + p
	}
	return literal(s)
}

// JSONText is DuckDB's ->>.
func (DuckDB) JSONText(object string, path []string) string {
	return "nullif(" + DuckDB{}.jsonScalar(object, path) + ", '')"
}

// jsonScalar is JSONText that leaves an empty text what it is.
func (DuckDB) jsonScalar(object string, path []string) string {
	return object + "->>" + jsonPath(path)
}

// JSONGiven is DuckDB's ->, which gives null as JSON.
func (DuckDB) JSONGiven(object string, path []string) string {
	return "(" + object + "->" + jsonPath(path) + ")"
}

// ScalarText is DuckDB's ->> of the whole.
func (DuckDB) ScalarText(raw string) string { return "nullif((" + raw + ")->>'$', '')" }

// Number is TRY_CAST, which reads infinity and NaN too.
func (DuckDB) Number(text string) string {
	cast := "TRY_CAST(" + text + " AS DOUBLE)"
	return "CASE WHEN isfinite(" + cast + ") THEN " + cast + " END"
}

// DayNumber goes through DuckDB's DATE, whose epoch is day 0.
func (DuckDB) DayNumber(text string) string {
	return "(TRY_CAST(substr(" + text + ", 1, 10) AS DATE) - DATE '1970-01-01')"
}

// DayText is the text of a DATE.
func (DuckDB) DayText(number string) string { return "(DATE '1970-01-01' + " + number + ")::VARCHAR" }

// Matches is DuckDB's regexp_full_match.
func (DuckDB) Matches(text, pattern string) string {
	return "regexp_full_match(" + text + ", " + literal(pattern) + ")"
}

// Extract is DuckDB's regexp_extract.
func (DuckDB) Extract(text, pattern string) string {
	return "regexp_extract(" + text + ", " + literal(pattern) + ", 1)"
}

// Contains is DuckDB's contains.
func (DuckDB) Contains(text, part string) string { return "contains(" + text + ", " + part + ")" }

// StartsWith is DuckDB's starts_with.
func (DuckDB) StartsWith(text, part string) string { return "starts_with(" + text + ", " + part + ")" }

// MD5 is DuckDB's md5.
func (DuckDB) MD5(text string) string { return "md5(" + text + ")" }

// IntDiv is DuckDB's integer division.
func (DuckDB) IntDiv(a, b string) string { return "((" + a + ") // (" + b + "))" }

// Unsigned is UBIGINT.
func (DuckDB) Unsigned() string { return "UBIGINT" }

// None is 0.
func (DuckDB) None() string { return "0::UBIGINT" }

// Bit is a UBIGINT.
func (DuckDB) Bit(i int) string { return strconv.FormatUint(1<<i, 10) + "::UBIGINT" }

// BitAnd is &.
func (DuckDB) BitAnd(a, b string) string { return "(" + a + " & " + b + ")" }

// BitOr is |.
func (DuckDB) BitOr(a, b string) string { return "(" + a + " | " + b + ")" }

// AnyBits is bit_or.
func (DuckDB) AnyBits(expr string) string { return "bit_or(" + expr + ")" }

// Sum of BIGINT is a HUGEINT.
func (DuckDB) Sum(expr string) string { return "sum(" + expr + ")" }

// OrderKey packs into one HUGEINT: comparing one integer is several times faster than comparing structs.
func (DuckDB) OrderKey(at, place string) string {
	return "((" + at + ")::HUGEINT * 18446744073709551616::HUGEINT + " + place + ")"
}

// ArgMin is arg_min, which skips NULL.
func (DuckDB) ArgMin(value, key string) string { return "arg_min(" + value + ", " + key + ")" }

// ArgMax is arg_max, which skips NULL.
func (DuckDB) ArgMax(value, key string) string { return "arg_max(" + value + ", " + key + ")" }

// Name is "clickhouse".
func (ClickHouse) Name() string { return "clickhouse" }

// Suffix makes what a join does not find NULL, and casts keep NULL.
func (ClickHouse) Suffix() string { return "\nSETTINGS join_use_nulls = 1, cast_keep_nullable = 1" }

func jsonKeys(path []string) string {
	s := ""
	for _, p := range path {
		s += ", " + literal(p)
	}
	return s
}

// JSONText writes whole numbers with a fraction as DuckDB does: 2.0.
func (ClickHouse) JSONText(object string, path []string) string {
	keys := jsonKeys(path)
	text := "JSONExtractString(" + object + keys + ")"
	return "nullIf(if(toString(JSONType(" + object + keys + ")) = 'Double' AND NOT match(" + text + ", '[.e]'), concat(" + text + ", '.0'), " + text + "), '')"
}

// JSONGiven is the raw JSON.
func (ClickHouse) JSONGiven(object string, path []string) string {
	return "nullIf(JSONExtractRaw(" + object + jsonKeys(path) + "), '')"
}

// ScalarText reads the raw JSON as the only field of an object.
func (d ClickHouse) ScalarText(raw string) string {
	return d.JSONText("concat('{\"v\":', "+raw+", '}')", []string{"v"})
}

// numberPattern is what DuckDB reads as a finite number.
const numberPattern = `[ \\t\\n\\v\\f\\r]*[+]?-?([0-9]+(_[0-9]+)*([.]([0-9]+(_[0-9]+)*)?)?|[.][0-9]+(_[0-9]+)*)([eE][+-]?[0-9]+(_[0-9]+)*)?[ \\t\\n\\v\\f\\r]*`

// Number reads what DuckDB reads.
func (ClickHouse) Number(text string) string {
	cast := "toFloat64OrNull(replaceRegexpAll(assumeNotNull(" + text + "), '[ \\\\t\\\\n\\\\v\\\\f\\\\r+_]', ''))"
	// A sign of the exponent may go with the others, but for a minus.
	return "if(match(" + text + ", '^(" + numberPattern + ")$') AND isFinite(" + cast + "), " + cast + ", NULL)"
}

// DayNumber goes through Date32, and back, for it moves a 31 February into March.
func (ClickHouse) DayNumber(text string) string {
	date := "toDate32OrNull(substring(" + text + ", 1, 10))"
	return "if(toString(" + date + ") = substring(" + text + ", 1, 10), toInt32(" + date + "), NULL)"
}

// DayText is the text of a Date32.
func (ClickHouse) DayText(number string) string {
	return "toString(addDays(toDate32('1970-01-01'), " + number + "))"
}

// Matches anchors the pattern.
func (ClickHouse) Matches(text, pattern string) string {
	return "match(" + text + ", " + literal("^("+pattern+")$") + ")"
}

// Extract is extract.
func (ClickHouse) Extract(text, pattern string) string {
	return "extract(assumeNotNull(" + text + "), " + literal(pattern) + ")"
}

// Contains is position.
func (ClickHouse) Contains(text, part string) string {
	return "position(" + text + ", " + part + ") > 0"
}

// StartsWith is startsWith.
func (ClickHouse) StartsWith(text, part string) string {
	return "startsWith(" + text + ", " + part + ")"
}

// MD5 is in bytes.
func (ClickHouse) MD5(text string) string { return "lower(hex(MD5(" + text + ")))" }

// IntDiv is intDiv.
func (ClickHouse) IntDiv(a, b string) string { return "intDiv(" + a + ", " + b + ")" }

// Unsigned is UInt64.
func (ClickHouse) Unsigned() string { return "UInt64" }

// None is 0.
func (ClickHouse) None() string { return "toUInt64(0)" }

// Bit is a UInt64.
func (ClickHouse) Bit(i int) string { return "toUInt64(" + strconv.FormatUint(1<<i, 10) + ")" }

// BitAnd is a function.
func (ClickHouse) BitAnd(a, b string) string { return "bitAnd(" + a + ", " + b + ")" }

// BitOr is a function.
func (ClickHouse) BitOr(a, b string) string { return "bitOr(" + a + ", " + b + ")" }

// AnyBits is groupBitOr.
func (ClickHouse) AnyBits(expr string) string { return "groupBitOr(" + expr + ")" }

// Sum would overflow in 64 bits.
func (ClickHouse) Sum(expr string) string { return "sum(toInt128(" + expr + "))" }

// OrderKey packs into one Int128.
func (ClickHouse) OrderKey(at, place string) string {
	return "(toInt128(" + at + ") * toInt128('18446744073709551616') + toInt128(" + place + "))"
}

// ArgMin skips NULL.
func (ClickHouse) ArgMin(value, key string) string { return "argMin(" + value + ", " + key + ")" }

// ArgMax skips NULL.
func (ClickHouse) ArgMax(value, key string) string { return "argMax(" + value + ", " + key + ")" }
