package profile

import (
	"context"
	"time"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/market"
)

// Chance is what was known of a customer on a past day.
type Chance struct {
	Day         day.Day `json:"day" format:"date"`
	PAlive      float64 `json:"p_alive"`
	PNoOrder90d float64 `json:"p_no_order_90d"`
}

// Range is a predictive interval for the next 12 months.
type Range struct {
	Level       float64       `json:"level" doc:"chance that the outcome lies within"`
	OrdersLower int           `json:"orders_lower"`
	OrdersUpper int           `json:"orders_upper"`
	ValueLower  *market.Money `json:"value_lower"`
	ValueUpper  *market.Money `json:"value_upper"`
}

// Outlook is the prediction for one customer.
type Outlook struct {
	History  []Chance
	Range    *Range
	NextDay  day.Day // median of the next order, day.Unknown when more likely never
	NextIf   day.Day // median given that one comes
	HasAlive bool    // false: leaving cannot be told from the data
}

// Purchases is one customer's history by distinct day: the amount of each in minor units.
type Purchases struct {
	Days  []int32
	Minor []int64
}

// Foresight predicts for one customer; predict is joined here by app.
type Foresight interface {
	Look(ctx context.Context, asOf day.Day, p Purchases, currency string) (Outlook, error)
}

// Order is one order or refund on a customer's page.
type Order struct {
	ID        string       `json:"id"`
	At        time.Time    `json:"at"`
	Day       day.Day      `json:"day" format:"date"`
	Kind      string       `json:"kind" enum:"purchase,refund"`
	Amount    market.Money `json:"amount" doc:"in the order's own currency"`
	Base      market.Money `json:"base" doc:"in the workspace's currency"`
	Lines     int64        `json:"lines"`
	Market    string       `json:"market"`
	Channel   string       `json:"channel"`
	Promised  *day.Day     `json:"promised_day" format:"date"`
	Delivered *day.Day     `json:"delivered_day" format:"date"`
	LateDays  *int         `json:"late_days"`
	PaidUntil *day.Day     `json:"paid_until_day" format:"date" doc:"the last day that the order pays for, of a subscription"`
	Items     []Item       `json:"items"`
}

// Item is one line of an order.
type Item struct {
	Product  string       `json:"product"`
	Name     string       `json:"name"`
	Category string       `json:"category"`
	Quantity float64      `json:"quantity"`
	Amount   market.Money `json:"amount"`
}

// Moment is one entry of the timeline.
type Moment struct {
	At    time.Time     `json:"at"`
	Day   day.Day       `json:"day" format:"date"`
	Kind  string        `json:"kind" enum:"first_order,order,refund,late_delivery"`
	Title string        `json:"title"`
	Money *market.Money `json:"money"`
	Days  int           `json:"days" doc:"days late, for late_delivery"`
}

// Trait is one named value.
type Trait struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	Unit  string `json:"unit"`
	Kind  string `json:"kind" enum:"int,day,money,number,text,flag"`
	Value any    `json:"value"`
}

// Summary is the one sentence about a customer; the console words it from kind and params.
type Summary struct {
	Kind     string         `json:"kind" enum:"new,active,slipping,at_risk,one_time,lost"`
	Params   map[string]any `json:"params"`
	Sentence string         `json:"sentence"`
}

// Page is everything about one customer.
type Page struct {
	ID            string        `json:"id"`
	Name          string        `json:"name"`
	Email         string        `json:"email"`
	Phone         string        `json:"phone"`
	Market        string        `json:"market"`
	Currency      string        `json:"currency"`
	AsOf          day.Day       `json:"as_of" format:"date"`
	Orders        int64         `json:"orders"`
	Spend         market.Money  `json:"spend"`
	Refunds       market.Money  `json:"refunds"`
	AverageOrder  market.Money  `json:"average_order_value"`
	FirstOrderAt  day.Day       `json:"first_order_at" format:"date"`
	LastOrderAt   day.Day       `json:"last_order_at" format:"date"`
	DaysSinceLast int64         `json:"days_since_last"`
	PAlive        *float64      `json:"p_alive"`
	PNoOrder90d   *float64      `json:"p_no_order_90d"`
	Expected      *float64      `json:"expected_orders"`
	ExpectedValue *market.Money `json:"expected_value"`
	RFM           string        `json:"rfm"`
	Group         string        `json:"group"`
	GroupBefore   string        `json:"group_before" doc:"90 days earlier; empty when not yet a customer"`
	Lifecycle     string        `json:"lifecycle"`
	Interval      *Range        `json:"interval"`
	NextOrderAt   *day.Day      `json:"next_order_at" format:"date" doc:"median day of the next order; null when none is more likely"`
	NextIfAny     *day.Day      `json:"next_order_if_any" format:"date" doc:"median day given that an order comes"`
	History       []Chance      `json:"p_alive_history"`
	Traits        []Trait       `json:"traits"`
	OrdersList    []Order       `json:"orders_list" doc:"newest first, at most 200"`
	OrdersTotal   int64         `json:"orders_total"`
	Timeline      []Moment      `json:"timeline" doc:"newest first, at most 400"`
	Summary       Summary       `json:"summary"`
	Identities    []Identity    `json:"identities" doc:"the names by which she is known, strongest first"`
	Consents      []Consent     `json:"consents"`
	Suppressed    []Suppression `json:"suppressed" doc:"addresses of hers that are never written to"`
	Merges        []Merge       `json:"merges" doc:"newest first"`
	Attributes    []Attribute   `json:"attributes" doc:"what was last said of her, by name"`
	Segments      []Membership  `json:"segments" doc:"those she is in now"`

	onlyRefunds bool
}
