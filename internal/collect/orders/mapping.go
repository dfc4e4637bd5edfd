package orders

import (
	"time"

	"github.com/dangol/dangol/internal/collect/table"
)

// Role is what a column says about an order line.
type Role string

// The roles. Essential are Customer, At, and one of Price and Amount.
const (
	Customer    Role = "customer"
	Order       Role = "order"
	At          Role = "at"
	Time        Role = "time" // the time of day, where it stands in a column of its own
	Product     Role = "product"
	ProductName Role = "product_name"
	Category    Role = "category"
	Quantity    Role = "quantity"
	Price       Role = "price"  // of one unit
	Amount      Role = "amount" // of the line, or of the order in a file of one row per order
	Currency    Role = "currency"
	Market      Role = "market"
	Channel     Role = "channel"
	Promised    Role = "promised"
	Delivered   Role = "delivered"
	PaidUntil   Role = "paid_until" // the last day that the order pays for, of a subscription
	Name        Role = "name"
	Email       Role = "email"
	Phone       Role = "phone"
	Coupon      Role = "coupon"
	Kind        Role = "kind" // status or type: tells refunds and cancellations
)

// Shape is what one row of the file stands for.
type Shape string

// The shapes.
const (
	PerOrder Shape = "orders"
	PerLine  Shape = "lines"
)

// Options are the caller's overrides, as the command line and the API take them.
type Options struct {
	Columns      map[string]string `json:"columns,omitempty"`       // role → header or 1-based number
	DateFormat   string            `json:"date_format,omitempty"`   // dmy, mdy, ymd, or a strftime or Go pattern
	TZ           string            `json:"tz,omitempty"`            // IANA zone of times written without one
	Currency     string            `json:"currency,omitempty"`      // ISO 4217, for rows that name none
	DecimalComma *bool             `json:"decimal_comma,omitempty"` // nil: found by looking
	Market       string            `json:"market,omitempty"`        // for rows that name none
	Sheet        string            `json:"sheet,omitempty"`
	Delimiter    string            `json:"delimiter,omitempty"`
	Header       *bool             `json:"header,omitempty"`
	Encoding     string            `json:"encoding,omitempty"`
}

// Table returns the part of the options that concerns reading the file; name is the name people know it by.
func (o Options) Table(name string) table.Options {
	return table.Options{Name: name, Sheet: o.Sheet, Delimiter: o.Delimiter, Header: o.Header, Encoding: o.Encoding}
}

// Column is one column of the file and the role found for it.
type Column struct {
	Index   int      `json:"index"` // 1-based
	Header  string   `json:"header"`
	Role    Role     `json:"role"`
	By      string   `json:"by"` // header, content, given or ""
	Samples []string `json:"samples"`
	Note    string   `json:"note,omitempty"`
}

// Problem is something the user should know before importing; a fatal one prevents it.
type Problem struct {
	Reason   string `json:"reason"`
	Column   string `json:"column,omitempty"`
	Line     int64  `json:"line,omitempty"`
	Value    string `json:"value,omitempty"`
	Sentence string `json:"sentence"`
	Next     string `json:"next,omitempty"`
	Fatal    bool   `json:"fatal"`
}

// Mapping is how to read the file: which column plays which role, and how dates, numbers and money are written.
type Mapping struct {
	Shape        Shape     `json:"shape"`
	Columns      []Column  `json:"columns"`
	Missing      []Role    `json:"roles_missing"`
	DateFormat   string    `json:"date_format"`
	TimeZone     string    `json:"timezone"`
	Currency     string    `json:"currency"`    // "" when nothing tells: the caller decides by SetCurrency
	CurrencyBy   string    `json:"currency_by"` // given, column, symbol, country, workspace or none
	DecimalComma bool      `json:"decimal_comma"`
	Problems     []Problem `json:"problems"`
	Notes        []Note    `json:"notes"` // what was assumed

	plan *plan
}

// Zone is where times written without one are.
func (m *Mapping) Zone() *time.Location { return m.plan.loc }
