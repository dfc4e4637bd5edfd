package query

import "github.com/dangol/dangol/internal/kit/day"

// Question is one of the typed questions of this package.
type Question interface {
	// Check reports what is wrong with the question, as a fault with a place and a next step.
	Check() error
	// Plan names the steps that answer the question; it fails where Check fails.
	Plan() (*Plan, error)
}

// Traits asks for the value of each trait of each customer who bought at least once on or before AsOf.
// Rows are ordered by customer key. The columns are customer_key and one per trait, in the order asked.
type Traits struct {
	// Unordered leaves out the final sort by customer, for answers that go into a table.
	Unordered bool
	// Counted names tables of a caller who counts faster than the engine groups: by source and property ("lines.product"), how many
	// values each customer has and the commonest of them, over all of her rows, as (customer_key, kinds, commonest).
	Counted map[string]string `json:"-"`
	AsOf    day.Day           `json:"as_of"`
	Traits  []Trait           `json:"traits"`
	// Customers restricts the answer to these keys; nil asks for everyone.
	Customers []uint32 `json:"customers,omitempty"`
}

// RFM asks for recency, frequency, monetary value, their scores and the group of each customer
// who bought on or before AsOf (in Market, where one is named). See MethodRFM for the scores.
type RFM struct {
	AsOf   day.Day `json:"as_of"`
	Market string  `json:"market,omitempty"`
	Scores int     `json:"scores,omitempty"` // 5; 0 means 5
}

// RFMCells asks for the customers of each (r, f, m) with sums and value ranges: at most 125 rows
// from which grid, groups and breaks follow.
type RFMCells RFM

// RFMMovement asks how many customers moved from each group at From to each group at To;
// a customer who had not bought by From comes from "none".
type RFMMovement struct {
	From   day.Day `json:"from"`
	To     day.Day `json:"to"`
	Market string  `json:"market,omitempty"`
}

// Split says by what cohorts are told apart beside their month.
type Split string

// The splits of cohorts: none, by the market or by the product category of the first order.
const (
	SplitNone     Split = "none"
	SplitMarket   Split = "market"
	SplitCategory Split = "category"
)

// Cohorts asks, for customers grouped by the month of their first order, how many were active and
// what they bought in each calendar month since. Market restricts orders to that market; Category
// restricts customers to those whose first product category it is.
type Cohorts struct {
	AsOf     day.Day `json:"as_of"`
	Market   string  `json:"market,omitempty"`
	Category string  `json:"category,omitempty"`
	By       Split   `json:"by,omitempty"`
	Unit     string  `json:"unit,omitempty"` // "month"; "" means month
}

// Bucket is the step of a series.
type Bucket string

// The buckets: calendar days, ISO weeks (Monday first) and calendar months.
const (
	BucketNone  Bucket = ""
	BucketDay   Bucket = "day"
	BucketWeek  Bucket = "week"
	BucketMonth Bucket = "month"
)

// KPI asks for the facts of the period From..To (both included), of the period of equal length
// before it, and of each bucket in it. Nothing after AsOf counts.
type KPI struct {
	From   day.Day `json:"from"`
	To     day.Day `json:"to"`
	AsOf   day.Day `json:"as_of"`
	Market string  `json:"market,omitempty"`
	Bucket Bucket  `json:"bucket,omitempty"`
}

var _ = []Question{Traits{}, RFM{}, RFMCells{}, RFMMovement{}, Cohorts{}, KPI{}}
