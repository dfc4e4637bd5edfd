package rule

import (
	"time"

	"github.com/dangol/dangol/internal/kit/day"
)

// Set is rules bound together, as what is to be computed: equal parts are here once. All parts refer to each other
// by index; the parts of a part come before it. It is read by Render and by package ref.
type Set struct {
	Selections []Selection
	Exprs      []Expr
	Nodes      []Node
	Roots      []int // the node of each rule; -1 where a trait was bound
	Values     []int // the expression of each trait; -1 where a rule was bound

	needs []Need
	zone  *time.Location
	scale float64 // minor units in a major one
}

// Needs is what facts the rules read, one need for each source and name.
func (s *Set) Needs() []Need { return s.needs }

// Scale is how many minor units a major one has.
func (s *Set) Scale() float64 { return s.scale }

// OfNeed is a set without rules that knows one need.
func OfNeed(n Need) *Set { return &Set{needs: []Need{n}, zone: time.UTC, scale: n.scale} }

// Len counts the rules.
func (s *Set) Len() int { return len(s.Roots) }

// Zone is the workspace's.
func (s *Set) Zone() *time.Location { return s.zone }

// Prop is a property of a need's facts.
type Prop struct {
	Name  string
	Index int // in the need's Props; -1 where there is none
	// Gate is the index of a day up to which the value is not known yet; -1 without.
	Gate int
	As   Kind // Number or Text: how its values are read
}

// Filter keeps facts whose property passes a test.
type Filter struct {
	Prop Prop
	Test Test
}

// Selection is some facts of a need: those of a window that pass all filters. With Since only facts after the instant
// of that expression count, and where it is unset so is everything made of the selection.
type Selection struct {
	Need    int
	Filters []Filter
	Within  Within
	Since   int // an expression; -1 without
}

// Form says what an expression is.
type Form uint8

// The forms of expressions. The first six have a selection and, but for two, a property; Count with a property counts the
// facts in which it can be read.
const (
	FormCount Form = iota + 1
	FormSum
	FormMin
	FormMax
	FormFirst
	FormLast
	FormDistinct
	FormFrequent
	FormFirstAt   // the instant of the first fact
	FormLastAt    // and of the last one
	FormTotal     // the sum of counts
	FormEarliest  // of instants
	FormLatest    // of instants
	FormDays      // whole days from an instant to now
	FormAverage   // a sum divided by a count
	FormRatio     // one number divided by another, unset where that is zero
	FormTrend     // (a - b) / (a + b), unset where both are zero
	FormAttribute // the last value given, else a column of customer
	FormState     // a column of customer_state
	FormFirstSet  // the first of several that is set
)

// Expr is a value made of a customer's facts.
type Expr struct {
	Form   Form
	Sel    int // a selection, or of FormAttribute a need; -1 without
	Prop   Prop
	Args   []int
	Column string
	As     Kind    // of its values: Number, Text or Flag; days of a State column are Time
	Scale  float64 // of FormState: what its numbers are divided by
}

// Join says what a node is.
type Join uint8

// The forms of nodes.
const (
	JoinAnd Join = iota + 1
	JoinOr
	JoinNot
	JoinTest     // an expression passes a test
	JoinSequence // one thing after another
	JoinShare    // a random part
	JoinHand     // a segment whose members are chosen by hand
)

// Node is something that holds of a customer or does not.
type Node struct {
	Join    Join
	Args    []int // nodes
	Expr    int
	Test    Test
	Steps   []Chain
	Within  Within // of JoinSequence: all that is done lies in it
	Since   int    // of JoinSequence; -1 without
	Salt    string
	Below   uint64 // of JoinShare: the first 32 bits of the hash are less
	Segment string
}

// Chain is one thing done in a sequence, not later than Within after the one before (0: at any time), with nothing of
// Not between. Of the last step Not may come after, with NotWithin the time in which it does not happen, which must
// be over (0: not until now).
type Chain struct {
	Sel       int
	Within    time.Duration
	Not       int // a selection of what did not happen before this step; -1 without
	Then      int // of the last step: a selection of what does not happen after it; -1 without
	NotWithin time.Duration
}

// Test compares a value with constants. It holds of no unset value, but for IsNotSet.
type Test struct {
	Op      Op
	As      Kind // how the value is read: Text, Number, Flag, Time; Unknown of IsSet and IsNotSet
	Texts   []string
	Numbers []float64
	Flag    bool
	Days    int // of the operators that count days from today
	moment  constantTime
}

// spanOf gives the stretch of times that a test of Time asks for; NotInLast holds outside of it.
func (t *Test) spanOf(n Now) DaySpan {
	today := n.Today
	switch t.Op {
	case InLast, NotInLast:
		return n.days(today-day.Day(t.Days)+1, today+1)
	case InNext:
		return n.days(today, today+day.Day(t.Days))
	case After:
		if t.moment.isDay {
			return DaySpan{Span{n.midnight(t.moment.day + 1), Never}, t.moment.day + 1, NoEndDay}
		}
		us := t.moment.instant.UnixMicro() + 1
		return DaySpan{Span{us, Never}, n.dayFrom(us), NoEndDay}
	default: // Before
		if t.moment.isDay {
			return DaySpan{Span{Always, n.midnight(t.moment.day)}, NoFirstDay, t.moment.day}
		}
		us := t.moment.instant.UnixMicro()
		return DaySpan{Span{Always, us}, NoFirstDay, n.dayFrom(us)}
	}
}

// Resolved is a test of times as it stands at an instant.
type Resolved struct {
	DaySpan
	Outside bool // it holds outside of the span
	// Of Anniversary the span is of days in the year, as month*100 + day; From > To goes over the year's end.
	Yearly   bool
	FromDate int
	ToDate   int
}

// Resolve makes a test of times ready for the day of an instant.
func (t *Test) Resolve(n Now) Resolved {
	if t.Op != Anniversary {
		return Resolved{DaySpan: t.spanOf(n), Outside: t.Op == NotInLast}
	}
	if t.Days >= 365 {
		return Resolved{Yearly: true, FromDate: 0, ToDate: 9999}
	}
	md := func(d day.Day) int {
		_, m, n := d.Time().Date()
		return int(m)*100 + n
	}
	r := Resolved{Yearly: true, FromDate: md(n.Today), ToDate: md(n.Today + day.Day(t.Days))}
	// Whoever was born on 29 February celebrates on the 28th in other years.
	last := n.Today + day.Day(t.Days) - 1
	if md(last) == 228 && md(last+1) == 301 {
		r.ToDate = 230
	}
	return r
}

// Holds tests a value of times that was read.
func (r Resolved) Holds(t TimeValue) bool {
	switch {
	case r.Yearly && r.FromDate < r.ToDate:
		return t.MonthDay >= r.FromDate && t.MonthDay < r.ToDate
	case r.Yearly:
		return t.MonthDay >= r.FromDate || t.MonthDay < r.ToDate
	case t.IsDay:
		return (t.Day >= r.FirstDay && t.Day < r.EndDay) != r.Outside
	}
	return (t.AtUS >= r.From && t.AtUS < r.To) != r.Outside
}

// Relative says that what the test asks for depends on today.
func (t *Test) Relative() bool {
	return t.Op == InLast || t.Op == NotInLast || t.Op == InNext || t.Op == Anniversary
}
