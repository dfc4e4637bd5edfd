package live

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/render"
	"github.com/dangol/dangol/internal/recall"
)

// following is one commit on its way: whom it touches, and what comes of it.
type following struct {
	e        *Engine
	ctx      context.Context //nolint:containedctx // of the one call that it lives for
	roster   *roster
	c        *recall.Commit
	nowUS    int64
	after    uint64 // the log's offset before
	touches  []touch
	everRead map[uint32]bool // whose orders are to be read anew
	gone     map[uint32]bool
	erased   map[uint32]bool
	merged   map[uint32]bool
	came     map[uint32]bool            // new people, when an engine is filled
	joined   map[uint32]bool            // new people, as the journal tells of them
	hand     map[uint32]map[uint32]bool // of segments by hand: who is in, where that changes
	began    map[uint32]*roaring.Bitmap // of segments that the commit gives their first members
	person   person
	moved    []Transition
}

// everything is the need of a touch that asks for all rules.
const everything = -1

// touch says that a customer's answers may have changed on the rules that read a need.
type touch struct {
	customer uint32
	need     int32
	fact     int32 // of the batch; -1 for none
	inOrder  bool  // the fact is later than all of hers before, and of a moment ago
}

func (e *Engine) begin(ctx context.Context, nowUS int64) *following {
	f := &following{
		e: e, ctx: ctx, roster: e.roster, nowUS: nowUS, everRead: map[uint32]bool{}, gone: map[uint32]bool{}, erased: map[uint32]bool{}, merged: map[uint32]bool{},
		came: map[uint32]bool{}, joined: map[uint32]bool{}, hand: map[uint32]map[uint32]bool{},
	}
	f.c = e.Recall.Begin(f.nowUS)
	f.person.columns = &columns{ctx: ctx, ask: e.Warehouse.Ask, people: f.people, asked: &e.seen.asked, top: func() (uint32, error) { return e.top(ctx) }}
	f.person.in = f.in
	return f
}

// people are those whom the commit touches on rules that read columns of theirs.
func (f *following) people() []uint32 {
	var keys []uint32
	for _, t := range f.touches {
		if t.need == everything || f.roster.reads[t.need] {
			keys = append(keys, t.customer)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// Follow moves the people of a batch that the warehouse has committed, and commits together with its offsets. Called again with
// what was followed, it does nothing.
func (e *Engine) Follow(ctx context.Context, b Batch) ([]Transition, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	offsets := e.Recall.Offsets()
	f := e.begin(ctx, e.instant())
	defer f.c.Discard()
	if err := f.batch(&b, offsets); err != nil {
		return nil, fmt.Errorf("follow: %w", err)
	}
	f.c.Follow(recall.Offsets{Log: max(b.Log, offsets.Log), Journal: max(b.Journal, offsets.Journal)})
	if err := f.finish(); err != nil {
		return nil, fmt.Errorf("follow: %w", err)
	}
	e.handOver(ctx)
	return f.moved, nil
}

func (f *following) batch(b *Batch, o recall.Offsets) error {
	f.after = o.Log
	if b.Journal > o.Journal {
		if err := f.steps(b.Steps, o.Journal); err != nil {
			return err
		}
	}
	if b.Log > o.Log {
		if err := f.facts(b, o.Log); err != nil {
			return err
		}
		for _, who := range b.Orders {
			f.everRead[who] = true
		}
	}
	if err := f.orders(b); err != nil {
		return err
	}
	return f.evaluate(b, ByEvent)
}

// facts adds the facts of the batch to their strands, and touches whoever did something that a rule reads.
func (f *following) facts(b *Batch, after uint64) error {
	feed := f.feed()
	for i := range b.Facts {
		fact := &b.Facts[i]
		if event.SeqOf(fact.Place) <= after {
			continue
		}
		whose := b.People[i]
		if f.erased[whose.Origin] { // by the same batch
			continue
		}
		f.e.book.Learn(fact)
		if whose.Customer == nobody || whose.Origin == nobody {
			continue
		}
		if f.c.Owner(whose.Origin) != whose.Customer {
			if err := f.move(whose.Origin, whose.Customer); err != nil {
				return err
			}
		}
		if fact.AtUS > f.nowUS {
			f.e.future[whose.Customer] = max(f.e.future[whose.Customer], fact.AtUS)
		}
		inOrder := fact.AtUS <= f.nowUS && f.e.later(whose.Customer, fact.AtUS) && fact.AtUS > f.nowUS-rule.Late.Microseconds()
		for _, s := range feed.of(fact) {
			values, ok := s.need.Project(uint8(fact.Type), fact.Name, fact.Props, fact.Context)
			if !ok {
				continue
			}
			f.c.Add(whose.Customer, &recall.Fact{Strand: s.ID, AtUS: fact.AtUS, Place: fact.Place, Origin: whose.Origin, Values: values})
			if s.at >= 0 {
				f.touches = append(f.touches, touch{whose.Customer, s.at, int32(i), inOrder})
			}
		}
	}
	return nil
}

const nobody = 1<<32 - 1

// fed is a strand with the need of the roster that it holds, -1 for none.
type fed struct {
	*strand
	at int32
}

// feed says which strands an event may be for.
type feed struct {
	byName     map[string][]fed
	any        []fed
	identified []fed
	scratch    []fed
}

func (f *following) feed() *feed {
	d := &feed{byName: map[string][]fed{}}
	for _, s := range f.e.strands {
		x := fed{s, -1}
		if int(s.ID) < len(f.roster.slots.At) {
			x.at = f.roster.slots.At[s.ID] - 1
		}
		switch {
		case s.need.Source == rule.Identified:
			d.identified = append(d.identified, x)
		case s.need.Source != rule.Events:
		case s.need.Name == "*":
			d.any = append(d.any, x)
		default:
			d.byName[s.need.Name] = append(d.byName[s.need.Name], x)
		}
	}
	return d
}

func (d *feed) of(fact *event.Fact) []fed {
	named := d.byName[fact.Name]
	switch {
	case fact.Type == event.Identify:
		if len(named)+len(d.any) == 0 {
			return d.identified
		}
		d.scratch = append(append(append(d.scratch[:0], d.identified...), named...), d.any...)
	case len(d.any) == 0:
		return named
	default:
		d.scratch = append(append(d.scratch[:0], named...), d.any...)
	}
	return d.scratch
}

// orders reads the orders anew of those for whom they changed, and adds those that were not there before.
func (f *following) orders(b *Batch) error {
	strands := f.strandsOfOrders()
	if len(strands) == 0 {
		return nil
	}
	if err := f.ordersAnew(strands); err != nil {
		return err
	}
	var who []uint32
	for key := range b.Bought {
		if !f.gone[key] && !f.everRead[key] && b.Log > f.after {
			who = append(who, key)
		}
	}
	slices.Sort(who)
	for _, s := range strands {
		if err := f.readFacts(s.strand, who, b.Bought); err != nil {
			return err
		}
		f.touchAll(who, s.at)
	}
	return nil
}

func (f *following) strandsOfOrders() (strands []fed) {
	for _, s := range f.e.strands {
		if ofOrders(&s.need) {
			x := fed{s, -1}
			if int(s.ID) < len(f.roster.slots.At) {
				x.at = f.roster.slots.At[s.ID] - 1
			}
			strands = append(strands, x)
		}
	}
	return strands
}

func (f *following) ordersAnew(strands []fed) error {
	var who []uint32
	for key := range f.everRead {
		if !f.gone[key] {
			who = append(who, key)
		}
	}
	slices.Sort(who)
	isOrders := func(id uint32) bool { return slices.ContainsFunc(strands, func(s fed) bool { return s.ID == id }) }
	for _, key := range who {
		if err := f.c.Clear(key, isOrders); err != nil {
			return err
		}
	}
	for _, s := range strands {
		if !s.filled {
			s.reread.AddMany(who)
		}
		if err := f.readFacts(s.strand, who, nil); err != nil {
			return err
		}
		f.touchAll(who, s.at)
	}
	return nil
}

// touchAll touches the rules that read a need of the roster's, where at is one.
func (f *following) touchAll(who []uint32, at int32) {
	if at < 0 {
		return
	}
	for _, key := range who {
		f.touches = append(f.touches, touch{customer: key, need: at, fact: -1})
	}
}

// farFuture is later than every fact: strands hold what is to come, too.
const farFuture = int64(1) << 53

// readFacts adds what the warehouse holds of some people to a strand: all, or what happened from an instant of each on, which is
// quickly found where rows lie in the order of their time.
func (f *following) readFacts(s *strand, who []uint32, since map[uint32]int64) error {
	if len(who) == 0 {
		return nil
	}
	fromUS := int64(0)
	if since != nil {
		fromUS = farFuture
		for _, key := range who {
			fromUS = min(fromUS, since[key])
		}
	}
	text, args := render.Facts(s.need, render.Ask{FromUS: fromUS, AsOfUS: farFuture, Customers: who}, f.e.dialect)
	rows, err := f.e.Warehouse.Ask(f.ctx, text, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	in := newNeedRow(s)
	for rows.Next() {
		if err := in.scan(rows); err != nil {
			return err
		}
		if since == nil || in.fact.AtUS >= since[in.customer] { // what was before, she has
			f.c.Add(in.customer, &in.fact)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("facts: %w", err)
	}
	return nil
}

// evaluate answers the touched rules for the touched people.
func (f *following) evaluate(b *Batch, reason Reason) error {
	slices.SortFunc(f.touches, func(a, b touch) int { return cmp.Compare(a.customer, b.customer) }) // what comes of hers does not depend on their order
	m := newMask(len(f.roster.rules))
	var all crowd
	for i := 0; i < len(f.touches); {
		who, last, from := f.touches[i].customer, int32(-1), i
		clear(m)
		for ; i < len(f.touches) && f.touches[i].customer == who; i++ {
			last = max(last, f.touches[i].fact)
		}
		for _, w := range f.e.watchers {
			w.Add(who)
		}
		if f.gone[who] || !f.here(who) || !f.asks(f.touches[from:i], m) {
			continue
		}
		if f.c.IsHeavy(who) {
			f.e.heavyDue = true // the sweep asks the warehouse about her
			continue
		}
		why := cause{reason: reason}
		switch {
		case f.merged[who]:
			why.reason = ByMerge
		case last >= 0:
			why.event, why.place = b.Facts[last].Name, b.Facts[last].Place
		}
		all.add(who, m, why)
	}
	if err := f.lookAt(&all); err != nil {
		return err
	}
	f.settleHand(reason)
	return f.person.columns.err
}

// here says that somebody is a customer, as of this commit. A number given to what turned out to be another's, as of who logs in for the first
// time in a browser that is known, never was one.
func (f *following) here(who uint32) bool {
	return f.joined[who] || f.e.Recall.Look(recall.Population).Contains(who)
}

// asks gathers the live rules that the touches of one person may have changed the answer of. One more fact behind all others
// only makes some rules true and others false: whoever is in such a rule, or out of it, stays so.
func (f *following) asks(touches []touch, m mask) bool {
	r, who := f.roster, touches[0].customer
	for _, t := range touches {
		switch {
		case t.need == everything:
			copy(m, r.all)
			return !m.empty()
		case !t.inOrder:
			m.add(r.byNeed[t.need])
		default:
			m.add(r.either[t.need])
			for _, i := range r.rising[t.need] {
				if !m.has(i) && !f.e.Recall.Look(r.rules[i].Key).Contains(who) {
					m.set(i)
				}
			}
			for _, i := range r.falling[t.need] {
				if !m.has(i) && f.e.Recall.Look(r.rules[i].Key).Contains(who) {
					m.set(i)
				}
			}
		}
	}
	for j := range m {
		m[j] &= r.all[j]
	}
	return !m.empty()
}

// cause is why somebody is looked at.
type cause struct {
	reason Reason
	event  string
	place  uint64
}

// one evaluates some rules for one person.
func (f *following) one(who uint32, m mask, why cause) error {
	if f.c.IsHeavy(who) {
		f.e.heavyDue = true // the sweep asks the warehouse about her
		return nil
	}
	var c crowd
	c.add(who, m, why)
	return f.lookAt(&c)
}

// put brings a membership to what it should be.
func (f *following) put(s Segment, who uint32, holds bool, why cause) {
	members := f.began[s.Key]
	if members == nil {
		members = f.e.Recall.Look(s.Key)
	}
	if members.Contains(who) == holds {
		return
	}
	if holds {
		f.c.Enter(s.Key, who)
	} else {
		f.c.Leave(s.Key, who)
	}
	if f.came[who] && why.reason != ByEvent {
		return // she was not here before
	}
	f.moved = append(f.moved, Transition{Segment: s.Slug, Customer: who, Entered: holds, AtUS: f.nowUS, Reason: why.reason, Event: why.event, Place: why.place})
}

// in says whether somebody is in a segment by hand, as of this commit.
func (f *following) in(slug string, who uint32) bool {
	key, known := f.e.hand[slug]
	if !known {
		return false
	}
	if v, changed := f.hand[key][who]; changed {
		return v
	}
	return f.e.Recall.Look(key).Contains(who)
}

// finish writes what is to be told and commits.
func (f *following) finish() error {
	if err := f.e.keepBook(f.c); err != nil {
		return err
	}
	for i := range f.moved {
		if f.erased[f.moved[i].Customer] || f.gone[f.moved[i].Customer] {
			continue
		}
		if err := f.c.Tell(f.moved[i].outboxed()); err != nil {
			return err
		}
	}
	if err := f.c.Keep(sweptName, strconv.AppendInt(nil, f.e.roster.sweptUS(f.nowUS), 10)); err != nil {
		return err
	}
	if err := f.c.End(); err != nil {
		return err
	}
	if len(f.moved) > 0 {
		f.e.counts.transitions.Add(int64(len(f.moved)))
		signal(f.e.spoken)
	}
	return nil
}

const bookPrefix = "name/"
