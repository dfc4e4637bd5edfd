package recommend

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
)

// Purchase is one line of the past: a person took an item on a day.
type Purchase struct {
	User string
	Item string
	// Order says what was bought together; empty means all of that day.
	Order string
	// Day counts from any fixed day, 1970-01-01 for one.
	Day int32
	// Weight says how much the line counts: pieces, money, or 0, which means 1.
	Weight float64
}

// Builder gathers purchases. The zero value is ready; it is for one goroutine.
type Builder struct {
	lines    []raw
	users    names
	items    names
	orders   names
	segments names
	segment  map[int32]int32 // of a user
}

// raw is a purchase by numbers in order of arrival.
type raw struct {
	user, item, order, day int32
	weight                 float32
}

// names numbers strings.
type names struct {
	list []string
	of   map[string]int32
}

func (n *names) number(s string) int32 {
	if i, ok := n.of[s]; ok {
		return i
	}
	if n.of == nil {
		n.of = map[string]int32{}
	}
	i := int32(len(n.list))
	n.of[s] = i
	n.list = append(n.list, s)
	return i
}

// sorted gives the names in order and each old number's new one.
func (n *names) sorted() ([]string, []int32) {
	order := make([]int32, len(n.list))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(n.list[a], n.list[b]) })
	list, now := make([]string, len(order)), make([]int32, len(order))
	for i, was := range order {
		list[i], now[was] = n.list[was], int32(i)
	}
	return list, now
}

// Add takes one purchase.
func (b *Builder) Add(p Purchase) error {
	row := len(b.lines) + 1
	switch {
	case p.User == "":
		return fmt.Errorf("purchase %d: the user is empty; leave out lines whose buyer is unknown", row)
	case p.Item == "":
		return fmt.Errorf("purchase %d: the item is empty", row)
	case math.IsNaN(p.Weight) || math.IsInf(p.Weight, 0) || p.Weight < 0 || p.Weight > 1e12:
		return fmt.Errorf("purchase %d (%s, %s): weight %v; it must be between 0 and 1e12, so leave out refunds", row, p.User, p.Item, p.Weight)
	case p.Day < -maxDay || p.Day > maxDay:
		return fmt.Errorf("purchase %d (%s, %s): day %d is more than %d days from the first; days are whole days, not seconds", row, p.User, p.Item, p.Day, maxDay)
	}
	if p.Weight == 0 {
		p.Weight = 1
	}
	order := int32(-1)
	if p.Order != "" {
		order = b.orders.number(p.Order)
	}
	b.lines = append(b.lines, raw{b.users.number(p.User), b.items.number(p.Item), order, p.Day, float32(p.Weight)})
	return nil
}

// maxDay bounds days, so that seconds given for days are noticed.
const maxDay = 10_000_000

// Segment says to which group a user belongs (a market, an RFM group); the last
// word counts. Users without one belong to "". A model keeps 8 bytes for each
// segment and item, so segments are for dozens of groups, not for thousands.
func (b *Builder) Segment(user, segment string) {
	if b.segment == nil {
		b.segment = map[int32]int32{}
	}
	b.segment[b.users.number(user)] = b.segments.number(segment)
}

// Build puts the purchases in order. The outcome does not depend on the order
// in which they came. Lines of the same user, item, day and order are added up.
func (b *Builder) Build() (*Interactions, error) {
	if len(b.lines) == 0 {
		return nil, errors.New("no purchases: Add some before Build")
	}
	in := &Interactions{}
	var user, item, order []int32
	in.users, user = b.users.sorted()
	in.items, item = b.items.sorted()
	_, order = b.orders.sorted()
	lines := make([]raw, len(b.lines))
	for i, l := range b.lines {
		l.user, l.item = user[l.user], item[l.item]
		if l.order >= 0 {
			l.order = order[l.order]
		}
		lines[i] = l
	}
	slices.SortFunc(lines, func(a, b raw) int {
		return cmp.Or(cmp.Compare(a.user, b.user), cmp.Compare(a.day, b.day), cmp.Compare(a.order, b.order),
			cmp.Compare(a.item, b.item), cmp.Compare(a.weight, b.weight))
	})
	in.start = make([]int32, len(in.users)+1)
	basket := int32(-1)
	for i, l := range lines {
		same := i > 0 && lines[i-1].user == l.user && lines[i-1].day == l.day && lines[i-1].order == l.order
		if same && lines[i-1].item == l.item {
			in.lines[len(in.lines)-1].weight += l.weight
			continue
		}
		if !same {
			basket++
		}
		in.lines = append(in.lines, line{l.item, l.day, basket, l.weight})
		in.start[l.user+1] = int32(len(in.lines))
	}
	in.baskets = int(basket) + 1
	for u := 1; u < len(in.start); u++ { // users with a segment and no purchase
		in.start[u] = max(in.start[u], in.start[u-1])
	}
	in.group(b, user)
	return in, nil
}

// group fills in the segments.
func (in *Interactions) group(b *Builder, user []int32) {
	b.segments.number("")
	list, now := b.segments.sorted()
	in.segments, in.segment = list, make([]int32, len(in.users))
	none := int32(sort.SearchStrings(list, ""))
	for u := range in.segment {
		in.segment[u] = none
	}
	for u, s := range b.segment {
		in.segment[user[u]] = now[s]
	}
}

// line is one purchase of a user known by its place.
type line struct {
	item, day, basket int32
	weight            float32
}

// Interactions are purchases in order: by user, day, order and item. They do
// not change once they are built.
type Interactions struct {
	users, items []string
	segments     []string
	segment      []int32 // of each user
	start        []int32 // lines[start[u]:start[u+1]] are user u's
	lines        []line
	baskets      int
}

// Users is how many people there are.
func (in *Interactions) Users() int { return len(in.users) }

// UserIDs lists the people, in order.
func (in *Interactions) UserIDs() []string { return slices.Clone(in.users) }

// Items lists the ids of the items; their places are the numbers by which a
// [Model] fitted on these interactions knows them.
func (in *Interactions) Items() []string { return slices.Clone(in.items) }

// Len is how many lines there are.
func (in *Interactions) Len() int { return len(in.lines) }

// Baskets is how many orders there are.
func (in *Interactions) Baskets() int { return in.baskets }

// of gives a user's lines.
func (in *Interactions) of(user int) []line { return in.lines[in.start[user]:in.start[user+1]] }

// Span gives the first and the last day with a purchase; zeros without any.
func (in *Interactions) Span() (first, last int32) {
	for i, l := range in.lines {
		if i == 0 {
			first, last = l.day, l.day
		}
		first, last = min(first, l.day), max(last, l.day)
	}
	return first, last
}

// History is what is known of a user, as of a day: purchases on that day and
// later are left out. Ok is false for an unknown user.
func (in *Interactions) History(user string, at int32) (History, bool) {
	u := sort.SearchStrings(in.users, user)
	if u == len(in.users) || in.users[u] != user {
		return History{At: at}, false
	}
	return in.history(u, at), true
}

func (in *Interactions) history(u int, at int32) History {
	h := History{At: at, Segment: in.segments[in.segment[u]]}
	for _, l := range in.of(u) {
		if l.day < at {
			h.Events = append(h.Events, Event{Item: l.item, Day: l.day, Weight: l.weight})
		}
	}
	return h
}

// Event is one purchase in a person's [History].
type Event struct {
	Item   int32
	Day    int32
	Weight float32 // 0 means 1
}

// History is what a recommendation is made from: what the person bought, the
// day on which she is to be recommended something, her segment. Events need no
// order; those on At or later are not looked at.
type History struct {
	Events  []Event
	At      int32
	Segment string
}
