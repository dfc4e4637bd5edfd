package rule

// Op compares a value with a constant.
type Op string

// The operators. A comparison with an unset value is false; only IsNotSet holds of one.
const (
	Eq          Op = "="
	Ne          Op = "!="
	Lt          Op = "<"
	Le          Op = "<="
	Gt          Op = ">"
	Ge          Op = ">="
	In          Op = "in"
	NotIn       Op = "not in"
	Contains    Op = "contains"
	StartsWith  Op = "starts with"
	IsSet       Op = "is set"
	IsNotSet    Op = "is not set"
	Before      Op = "before"
	After       Op = "after"
	InLast      Op = "in the last"
	NotInLast   Op = "not in the last"
	InNext      Op = "in the next"
	Anniversary Op = "anniversary within"
)

// Rule is one condition on a customer: exactly one of its forms.
type Rule struct {
	And []*Rule `json:"and,omitempty"`
	Or  []*Rule `json:"or,omitempty"`
	Not *Rule   `json:"not,omitempty"`

	Attribute string `json:"attribute,omitempty"`
	Trait     *Trait `json:"trait,omitempty"` // a name alone, or what is to be taken
	Score     string `json:"score,omitempty"` // a column of the last analysis
	Op        Op     `json:"op,omitempty"`    // of Attribute, Trait and Score
	Value     any    `json:"value,omitempty"` // string, float64, bool, or a list of these

	Did      string  `json:"did,omitempty"`
	DidNot   string  `json:"did_not,omitempty"`
	Times    Times   `json:"times,omitempty"`
	Where    []Where `json:"where,omitempty"`
	Window   *Window `json:"window,omitempty"` // of Did, DidNot and Sequence
	Sequence []Step  `json:"sequence,omitempty"`

	Segment   string   `json:"segment,omitempty"`
	RFM       []string `json:"rfm,omitempty"`
	Lifecycle []string `json:"lifecycle,omitempty"`
	Market    []string `json:"market,omitempty"`
	Consent   *Consent `json:"consent,omitempty"`
	Is        string   `json:"is,omitempty"` // of Consent: given, withdrawn or unknown
	Share     *Share   `json:"share,omitempty"`

	place string // where it stood in the text it was read from
}

// Take is what a trait does with its facts.
type Take string

// The takes. First and Last are by time, then place; MostFrequent takes the smallest of those that are equally
// frequent; days count whole periods of 24 hours up to the asked instant.
const (
	Count          Take = "count"
	Sum            Take = "sum"
	Average        Take = "average"
	Min            Take = "min"
	Max            Take = "max"
	First          Take = "first"
	Last           Take = "last"
	Distinct       Take = "distinct"
	MostFrequent   Take = "most_frequent"
	DaysSinceFirst Take = "days_since_first"
	DaysSinceLast  Take = "days_since_last"
	Ratio          Take = "ratio"
	Trend          Take = "trend"
)

// Trait is a value made of a customer's facts: either the name of one, or what to take of which facts.
type Trait struct {
	Name     string  `json:"-"` // alone: a named trait
	Take     Take    `json:"take,omitempty"`
	Of       string  `json:"of,omitempty"` // an event, "*" for any
	Property string  `json:"property,omitempty"`
	Where    []Where `json:"where,omitempty"`
	Window   *Window `json:"window,omitempty"`
	To       *Trait  `json:"to,omitempty"` // of Ratio: what to divide by
	place    string
}

// Where keeps the facts whose property compares so.
type Where struct {
	Property string `json:"property"`
	Op       Op     `json:"op"`
	Value    any    `json:"value,omitempty"`
	place    string
}

// Window keeps the facts of a stretch of time: one of Last, Calendar, From and To, Since.
type Window struct {
	Last     string `json:"last,omitempty"`     // 30m, 12h, 30d, 4w
	Calendar string `json:"calendar,omitempty"` // today, last_month ...
	From     string `json:"from,omitempty"`
	To       string `json:"to,omitempty"`
	Since    *Since `json:"since,omitempty"`
	place    string
}

// Since is the event after which a window begins, for each customer her own.
type Since struct {
	Event string  `json:"event"`
	Which string  `json:"which"` // last or first
	Where []Where `json:"where,omitempty"`
	place string
}

// Times bounds a count: its keys are operators of numbers.
type Times map[Op]float64

// Step is one step of a sequence: something that happens after the step before, or does not.
type Step struct {
	Did    string  `json:"did,omitempty"`
	DidNot string  `json:"did_not,omitempty"`
	Where  []Where `json:"where,omitempty"`
	Within string  `json:"within,omitempty"`
	place  string
}

// Consent names what somebody agrees to.
type Consent struct {
	Purpose string `json:"purpose"`
	Channel string `json:"channel"`
}

// Share is a random part of all customers, always the same ones for one salt.
type Share struct {
	Percent float64 `json:"percent"`
	Salt    string  `json:"salt"`
}
