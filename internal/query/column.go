package query

// Type is the kind of value in a column; each dialect has one SQL type for it.
type Type string

// The types. Money is an integer in minor units of the base currency, Day an integer of days since
// 1970-01-01, Int an integer, Number a double.
const (
	TypeKey    Type = "key"   // UINTEGER
	TypeInt    Type = "int"   // INTEGER
	TypeBig    Type = "big"   // BIGINT
	TypeDay    Type = "day"   // INTEGER
	TypeMoney  Type = "money" // BIGINT
	TypeNumber Type = "number"
	TypeText   Type = "text"
	TypeFlag   Type = "flag"
)

// Unit says what a value counts, for people.
type Unit string

// The units.
const (
	UnitDays   Unit = "days"  // a length of time
	UnitDate   Unit = "date"  // a calendar day
	UnitMoney  Unit = "money" // minor units of the base currency
	UnitCount  Unit = "count"
	UnitNumber Unit = "number"
	UnitShare  Unit = "share" // a fraction; 0.25 is 25 %
	UnitText   Unit = "text"
	UnitFlag   Unit = "flag" // true or false
)

// Column is one typed output of a question, or one column that conditions can name.
type Column struct {
	Name     string `json:"name"`
	Type     Type   `json:"type"`
	Unit     Unit   `json:"unit,omitempty"`
	Nullable bool   `json:"nullable,omitempty"` // unset is NULL; unset text is ''
	Label    string `json:"label,omitempty"`
	Says     string `json:"-"`
}

// Schema is what conditions can name, in order.
type Schema []Column

// Find returns the column of a name.
func (s Schema) Find(name string) (Column, bool) {
	for _, c := range s {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}
