package query

// Source is where a trait's rows come from. Rows after the question's as_of never count.
type Source string

// The sources: purchase orders, refund orders, lines of purchase orders, and the days on which the
// customer bought (all orders of a day taken together).
const (
	Orders       Source = "orders"
	Refunds      Source = "refunds"
	Lines        Source = "lines"
	CustomerDays Source = "customer_days"
)

// Aggregate is what a trait does with its rows.
type Aggregate string

// The aggregates. First and Last take the property of the earliest and latest row; MostFrequent the
// value on most rows (ties: the smallest value; for products the one seen first in the data); DaysSince
// and DaysSinceFirst count days from the latest and earliest row to as_of; Gap is the mean number of
// days between consecutive customer_days; Ratio divides the trait Of by the trait By; Trend compares
// the last WindowDays with as many days before: (recent - before) / (recent + before).
const (
	Count          Aggregate = "count"
	Sum            Aggregate = "sum"
	Avg            Aggregate = "avg"
	Min            Aggregate = "min"
	Max            Aggregate = "max"
	First          Aggregate = "first"
	Last           Aggregate = "last"
	Distinct       Aggregate = "distinct"
	MostFrequent   Aggregate = "most_frequent"
	DaysSince      Aggregate = "days_since"
	DaysSinceFirst Aggregate = "days_since_first"
	Gap            Aggregate = "gap"
	Ratio          Aggregate = "ratio"
	Trend          Aggregate = "trend"
)

// Trait is a named aggregate over one customer's rows of a source.
type Trait struct {
	Name        string     `json:"name"`
	Label       string     `json:"label,omitempty"`
	Description string     `json:"description,omitempty"`
	Unit        Unit       `json:"unit,omitempty"` // "" lets Check derive it
	Source      Source     `json:"source,omitempty"`
	Aggregate   Aggregate  `json:"aggregate"`
	Property    string     `json:"property,omitempty"`
	Where       *Condition `json:"where,omitempty"`
	// WindowDays keeps rows with as_of - WindowDays < day <= as_of; 0 keeps all up to as_of.
	WindowDays int `json:"window_days,omitempty"`
	// Of and By name the two traits that a Ratio divides; unset where By is zero.
	Of string `json:"of,omitempty"`
	By string `json:"by,omitempty"`
	// Says is the English phrase of a condition on this trait, with %s for "more than 3".
	Says string `json:"-"`
}

// Column is the typed output of a trait.
func (t Trait) Column() Column {
	c := Column{Name: t.Name, Label: t.Label, Says: t.Says, Unit: t.Unit}
	if c.Label == "" {
		c.Label = t.Name
	}
	p, _ := findProperty(t.Source, t.Property)
	// Everyone in the answer has bought, so only what is filtered or of another source may be missing.
	always := t.Source == Orders && t.Where == nil && t.WindowDays == 0
	switch t.Aggregate {
	case Count, Distinct:
		c.Type = TypeInt
	case Sum:
		c.Type = p.kind
		if p.kind == TypeInt {
			c.Type = TypeBig
		}
	case Avg:
		c.Type = TypeNumber
		if p.kind == TypeMoney {
			c.Type = TypeMoney
		}
	case Min, Max, First, Last:
		c.Type, c.Nullable = p.kind, (!always || p.nullable) && p.kind != TypeText
	case MostFrequent:
		c.Type = TypeText
	case DaysSince, DaysSinceFirst:
		c.Type, c.Nullable = TypeInt, !always
	case Ratio:
		c.Type, c.Nullable = TypeNumber, true
		if t.Unit == UnitMoney {
			c.Type = TypeMoney
		}
	default: // Gap, Trend
		c.Type, c.Nullable = TypeNumber, true
	}
	if c.Unit == "" {
		c.Unit = unitOf[c.Type]
	}
	return c
}

var unitOf = map[Type]Unit{
	TypeInt: UnitCount, TypeBig: UnitCount, TypeDay: UnitDate, TypeMoney: UnitMoney, TypeNumber: UnitNumber, TypeText: UnitText, TypeFlag: UnitFlag,
}

func (c Column) numeric() bool {
	switch c.Type {
	case TypeInt, TypeBig, TypeMoney, TypeNumber:
		return true
	}
	return false
}
