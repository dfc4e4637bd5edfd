package event

// Type is the kind of call by which a fact came.
type Type uint8

// The types of the Segment specification.
const (
	Track Type = 1 + iota
	Page
	Screen
	Identify
	Group
	Alias
)

// The names of facts that carry none of their own.
const (
	PageViewed   = "Page Viewed"
	ScreenViewed = "Screen Viewed"
	Identified   = "Identified"
	Grouped      = "Grouped"
	Aliased      = "Aliased"
)

// String is the type as it stands in a call.
func (t Type) String() string {
	switch t {
	case Track:
		return "track"
	case Page:
		return "page"
	case Screen:
		return "screen"
	case Identify:
		return "identify"
	case Group:
		return "group"
	case Alias:
		return "alias"
	}
	return ""
}

// The kinds of identity.
const (
	KindUser      = "user"
	KindAnonymous = "anonymous"
	KindEmail     = "email"
	KindPhone     = "phone"
	KindShop      = "shop"
	KindLine      = "line"
	KindKakao     = "kakao"
	KindPOS       = "pos"
	KindDevice    = "device"
	KindPush      = "push"
	KindKey       = "key" // the decimal key of a customer; only events of our own carry it
)

// OwnSource is the source of the events that the platform itself tells.
const OwnSource = "dangol"

// Identity is one name by which a person is known.
type Identity struct{ Kind, Value string }

// Fact is an event that was understood. Its byte slices and strings may share memory with the raw event.
type Fact struct {
	Place      uint64 // position in the log: PlaceOf
	MessageID  string
	Type       Type
	Name       string
	AtUS       int64 // corrected for the sender's clock, never after ReceivedUS
	ReceivedUS int64
	Source     string
	Identities []Identity // in the order found: user, anonymous, email, phone, external ids, devices
	Previous   Identity   // of an alias; its Kind is empty where the call does not say whether it was a user or an anonymous id
	Props      []byte     // JSON object: properties, or the traits of identify and group
	Context    []byte     // JSON object, without traits
}

// GroupLimit is how many events share one message of the log at most.
const GroupLimit = 1000

// PlaceOf is the position of the index-th event of a message.
func PlaceOf(seq uint64, index int) uint64 { return seq<<12 | uint64(index) }

// SeqOf is the sequence number of the message that holds the event at place.
func SeqOf(place uint64) uint64 { return place >> 12 }

// Header is what a request says about all its events.
type Header struct {
	ReceivedUS int64
	Source     string // id of the key or hook by which they came
	IP         string // of the sender
	UserAgent  string
	Direct     bool   // the sender is the person's own device, so that its address and program are the person's
	Type       Type   // by the address they were sent to; 0 means that each event says its own
	SentAt     string // of the batch
	Shared     []byte // JSON object: the batch's context, which each event inherits
}

// Trouble says why an event cannot be used. Reason is stable.
type Trouble struct{ Reason, Sentence, Next string }
