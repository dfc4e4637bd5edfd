package query

// Dialect is what differs between engines: a handful of functions and the names of types. All other
// SQL of this package is common to them.
type Dialect interface {
	// Name is the engine's name, for explanations.
	Name() string
	// TypeName is the SQL type of a column type.
	TypeName(Type) string
	// MonthIndex counts calendar months since 1970-01 of a day expression.
	MonthIndex(day string) string
	// IntDiv divides two non-negative integers, dropping the remainder.
	IntDiv(a, b string) string
	// Median is the middle of an expression, the mean of the middle two where there are two.
	Median(expr, filter string) string
	// FirstBy and LastBy take value in the row with the least or greatest (at, tie): two integers,
	// tie not negative. Rows whose value is NULL do not count.
	FirstBy(value, at, tie, filter string) string
	LastBy(value, at, tie, filter string) string
	// OrderKey packs (at, tie) into one ordered value; TieOf takes tie out of it.
	OrderKey(at, tie string) string
	TieOf(key string) string
}
