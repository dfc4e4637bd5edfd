package rule

import (
	"slices"
	"strings"
	"time"
)

// Source is where facts come from.
type Source uint8

// The sources. Events are rows of the table event; Identified are its identify calls, one need for each attribute;
// Orders and Refunds are rows of orders; Lines are the products of purchase orders. Facts of one instant are ordered
// by source, then by place.
const (
	Events Source = iota + 1
	Identified
	Orders
	Refunds
	Lines
)

var sourceWords = map[Source]string{Events: "events", Identified: "identified", Orders: "orders", Refunds: "refunds", Lines: "lines"}

func (s Source) String() string { return sourceWords[s] }

// AnyEvent stands for events of all names.
const AnyEvent = "*"

// Need is a kind of fact that rules read, with the properties they look at: what audience keeps as a strand.
type Need struct {
	Source  Source
	Name    string   // of the event, "*" for any; of Identified the attribute; else empty
	NameKey uint32   // of the event; 0 while none of the name has come
	Props   []string // sorted; of Identified the attribute alone
	// Horizon is how far back from now a fact can still matter; 0 is for ever.
	Horizon time.Duration
	// Own are the keys of the names of what the platform tells itself; "*" leaves them out.
	Own []uint32

	id    string
	index int
	scale float64 // minor units in a major one of the base currency
}

// ID is stable over restarts and equal for equal needs; neither Horizon nor keys are part of it.
func (n *Need) ID() string { return n.id }

// Index is the need's place in its Set's Needs.
func (n *Need) Index() int { return n.index }

// Covers says that n has all that m wants.
func (n *Need) Covers(m *Need) bool {
	if n.Source != m.Source || n.Name != m.Name || (n.Horizon != 0 && (m.Horizon == 0 || m.Horizon > n.Horizon)) {
		return false
	}
	for _, p := range m.Props {
		if !slices.Contains(n.Props, p) {
			return false
		}
	}
	return true
}

func (n *Need) setID() {
	n.id = n.Source.String() + "\x1f" + n.Name + "\x1f" + strings.Join(n.Props, "\x1f")
}

// Moment is one fact as a need keeps it: its instant, its place (which orders facts of one instant) and the values
// of the need's properties, in their order.
type Moment struct {
	AtUS   int64
	Place  uint64
	Values []Value
}

// Told says that the need's facts are in the table told, too: what people say of themselves, of which the properties are read most.
func (n *Need) Told() bool {
	return n.Source == Identified || n.Source == Events && n.Name == consentChanged
}

// Counts says whether an event of a type and a name counts as one of "*".
func (n *Need) Counts(typ uint8, nameKey uint32) bool {
	return typ >= callTrack && typ <= callScreen && nameKey >= firstName && !slices.Contains(n.Own, nameKey)
}

// firstName is the least key of a name that is not reserved.
const firstName = 16

// Types of calls that projection looks at.
const (
	callTrack    = 1
	callPage     = 2
	callScreen   = 3
	callIdentify = 4
)

// OwnEvents are what the platform tells itself; they are no activity of the customer.
var OwnEvents = []string{"Segment Entered", "Segment Left", "Consent Changed", "Customers Merged", "Customers Unmerged", "Churn Risk Changed"}

// Project says whether an event is one of the need's facts, and gives the values of the need's properties. Orders,
// refunds and lines are read from their tables instead: see NeedSQL.
func (n *Need) Project(typ uint8, name string, props, context []byte) ([]Value, bool) {
	switch n.Source {
	case Identified:
		if typ != callIdentify {
			return nil, false
		}
		raw, given := find(props, n.Props[0])
		if !given {
			return nil, false
		}
		return []Value{scalarValue(raw)}, true
	case Events:
		if n.Name == AnyEvent {
			if typ < callTrack || typ > callScreen || isReserved(name) || slices.Contains(OwnEvents, name) {
				return nil, false
			}
			return nil, true
		}
		if name != n.Name {
			return nil, false
		}
		values := make([]Value, len(n.Props))
		for i, p := range n.Props {
			values[i] = Property(p, props, context)
		}
		return values, true
	}
	return nil, false
}
