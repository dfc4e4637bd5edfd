package rule

// Kind is how the values of a property, attribute or trait are read. A JSON scalar is kept as its text; a number is
// a text that reads as one, whatever its quotes.
type Kind string

// The kinds. Unknown is of names that no fact has had yet: any operator may be written for them.
const (
	Unknown Kind = ""
	Text    Kind = "text"
	Number  Kind = "number"
	Flag    Kind = "flag"
	Time    Kind = "time" // a day such as 2024-03-31 or an instant such as 2024-03-31T09:00:00Z
)

// Value is one scalar of a fact. The zero Value is unset.
type Value struct {
	Text   string
	Number float64
	Set    bool // there is a value
	Num    bool // its text reads as a number, which is Number
}

// Moment is one fact as a need keeps it: its instant, its place (which orders facts of one instant) and the values
// of the need's properties, in their order.
type Moment struct {
	AtUS   int64
	Place  uint64
	Values []Value
}
