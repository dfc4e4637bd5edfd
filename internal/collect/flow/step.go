package flow

import (
	"context"
	"fmt"
	"slices"

	"github.com/dangol/dangol/internal/collect/commerce"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/warehouse"
)

// step takes a batch through every stage. It may be cut anywhere and taken again. The audience follows while the next step is
// under way, but for a step without messages, and where somebody waits for the stages to stand at one offset.
func (f *Flow) step(ctx context.Context, b *batch) error {
	f.between.Lock()
	defer f.between.Unlock()
	if len(b.messages) == 0 {
		if f.await() != nil {
			return errBefore
		}
	}
	s, err := f.commit(ctx, b)
	if err != nil {
		return err
	}
	if f.await() != nil {
		return errBefore
	}
	if b.alone || len(b.messages) == 0 || f.Audience.Wanted() {
		f.trailing = nil
		return f.finish(ctx, s)
	}
	f.trailing = &trailing{b: b, ended: make(chan struct{})}
	go f.trailing.follow(func() error { return f.finish(ctx, s) })
	return nil
}

// committed is a step that the warehouse has taken, on its way to the audience.
type committed struct {
	Committed
	batch  *batch
	asides []aside
	twice  []event.Fact
}

// commit takes a batch through the stages up to the warehouse.
func (f *Flow) commit(ctx context.Context, b *batch) (*committed, error) {
	kept, err := f.Warehouse.Followed(ctx)
	if err != nil {
		return nil, err
	}
	facts, twice, err := f.claim(b.facts)
	if err != nil {
		return nil, err
	}
	asides := f.crowded(b, &facts)
	whose, err := f.People.Apply(ctx, b.seq(), facts)
	if err != nil {
		return nil, err
	}
	facts, whose, nobody := f.ofSomeone(facts, whose)
	asides = append(asides, nobody...)
	w := warehouse.Following{Log: max(b.seq(), kept.Log), Journal: kept.Journal}
	steps, err := f.steps(ctx, &w) // also those that only the audience has not seen yet
	if err != nil {
		return nil, err
	}
	facts, whose, had, err := f.taken(ctx, kept.Log, facts, whose)
	if err != nil {
		return nil, err
	}
	news, whoseNews, refused, err := f.follow(ctx, &w, facts[had:], whose[had:])
	if err != nil {
		return nil, err
	}
	if len(refused) > 0 {
		facts, whose = slices.Concat(facts[:had], news), slices.Concat(whose[:had], whoseNews)
	}
	asides = append(asides, refused...)
	if err := f.setAside(ctx, behind(asides, kept.Log)); err != nil {
		return nil, err
	}
	w.Duplicates = int64(countAfter(twice, kept.Log))
	if w.Log > kept.Log || len(w.Steps) > 0 {
		if err := f.Warehouse.Follow(ctx, &w); err != nil {
			return nil, err
		}
	}
	// The warehouse may be ahead, after a start by what the audience has yet to see: only what this batch brings is through.
	c := Committed{Log: b.seq(), Journal: w.Journal, Facts: facts, Whose: whose, Ordered: w.Changed, Steps: steps}
	if had > 0 { // what they told of orders went into the warehouse another time
		c.Ordered = append(c.Ordered, customersOf(facts[:had], whose[:had])...)
	}
	c.Bought = w.Added
	return &committed{c, b, asides, twice}, nil
}

// taken takes out of a batch that comes again what the warehouse, though it is past it, does not hold: orders that were refused,
// and what was erased since. It returns how many of those that stay the warehouse holds.
func (f *Flow) taken(ctx context.Context, kept uint64, facts []event.Fact, whose []Who) (stay []event.Fact, who []Who, had int, err error) {
	past := 0
	for past < len(facts) && event.SeqOf(facts[past].Place) <= kept {
		past++
	}
	if past == 0 {
		return facts, whose, 0, nil
	}
	held, err := f.Warehouse.Places(ctx, facts[0].Place, facts[past-1].Place)
	if err != nil {
		return nil, nil, 0, err
	}
	for i := range facts {
		if i < past && !held[facts[i].Place] {
			continue
		}
		if i < past {
			had++
		}
		stay, who = append(stay, facts[i]), append(who, whose[i])
	}
	return stay, who, had, nil
}

// behind are those of messages that the warehouse has not taken. The others were set aside when it did, and may have been mended
// or erased since.
func behind(asides []aside, kept uint64) []aside {
	return slices.DeleteFunc(slices.Clone(asides), func(a aside) bool { return event.SeqOf(a.place) <= kept })
}

// finish lets the audience follow. Nothing else of it can fail.
func (f *Flow) finish(ctx context.Context, s *committed) error {
	if err := f.Audience.Follow(ctx, s.Committed); err != nil {
		return err
	}
	f.settled.Store(max(f.settled.Load(), s.Log)) // of a step without messages it is 0
	f.journal.Store(s.Journal)
	if upTo := f.Warehouse.Kept().Journal; upTo > f.dropped {
		f.dropped = upTo
		if err := f.Journal.Drop(ctx, upTo); err != nil {
			f.Log.WarnContext(ctx, "the journal of customers could not be shortened", "error", err.Error())
		}
	}
	if err := f.People.Tell(ctx); err != nil {
		f.Log.WarnContext(ctx, "changes of customers are not told yet", "error", err.Error())
	}
	f.counts.steps.Add(1)
	f.counts.accepted.Add(int64(len(s.Facts)))
	f.counts.quarantined.Add(int64(len(s.asides)))
	f.counts.duplicates.Add(int64(len(s.twice)))
	for i := range s.twice {
		f.counts.of(s.twice[i].Source).duplicates.Add(1)
	}
	if len(s.batch.messages) > 0 {
		f.tail.publish(s.Facts, s.Whose, s.asides, s.twice)
	}
	return nil
}

// claim parts the facts that are new from those that were here before.
func (f *Flow) claim(all []event.Fact) (fresh, twice []event.Fact, err error) {
	if len(all) == 0 {
		return nil, nil, nil
	}
	ids, places, duplicate := make([]string, len(all)), make([]uint64, len(all)), make([]bool, len(all))
	for i := range all {
		ids[i], places[i] = all[i].MessageID, all[i].Place
	}
	n, err := f.Audience.Claim(ids, places, duplicate)
	if err != nil {
		return nil, nil, fmt.Errorf("claim: %w", err)
	}
	if n == 0 {
		return all, nil, nil
	}
	fresh = make([]event.Fact, 0, len(all)-n)
	for i := range all {
		if duplicate[i] {
			twice = append(twice, all[i])
		} else {
			fresh = append(fresh, all[i])
		}
	}
	return fresh, twice, nil
}

func countAfter(facts []event.Fact, seq uint64) (n int) {
	for i := range facts {
		if event.SeqOf(facts[i].Place) > seq {
			n++
		}
	}
	return n
}

var tooManyNames = event.Trouble{
	Reason: "too_many_names", Sentence: "There are too many different event names already; a name must say what happened, not to what.",
	Next: "Put ids and titles into properties, then replay.",
}

var ofNobody = event.Trouble{
	Reason: "blocked_identity", Sentence: "Every identity it carries is blocked, such as \"null\" or a test address, or belongs to a person who was erased.",
	Next: "Send a real userId or anonymousId; blocked values are in the identity rules.",
}

// crowded takes out of facts those whose names find no room, and returns all that is set aside so far.
func (f *Flow) crowded(b *batch, facts *[]event.Fact) []aside {
	asides := slices.Clip(b.asides) // behind them may lie those of the next span
	if f.Warehouse.RoomForName("") {
		return asides
	}
	stays := make([]event.Fact, 0, len(*facts))
	for i := range *facts {
		if fact := &(*facts)[i]; f.Warehouse.RoomForName(fact.Name) {
			stays = append(stays, *fact)
		} else {
			asides = append(asides, asideOf(fact, tooManyNames))
		}
	}
	*facts = stays
	return asides
}

// ofSomeone takes out what belongs to nobody, and consents that cannot be kept.
func (f *Flow) ofSomeone(facts []event.Fact, whose []Who) (stay []event.Fact, who []Who, asides []aside) {
	none := func(w Who) bool { return w.Customer == Nobody || w.Origin == Nobody }
	if !slices.ContainsFunc(whose, func(w Who) bool { return none(w) || w.Customer == Unheard }) {
		return facts, whose, nil
	}
	for i := range facts {
		if none(whose[i]) {
			asides = append(asides, asideOf(&facts[i], ofNobody))
			continue
		}
		if whose[i].Customer == Unheard {
			asides = append(asides, asideOf(&facts[i], unheardOf(&facts[i])))
			continue
		}
		stay, who = append(stay, facts[i]), append(who, whose[i])
	}
	return stay, who, asides
}

// stepLimit bounds the journal's steps of one transaction.
const stepLimit = 20_000

func (f *Flow) steps(ctx context.Context, w *warehouse.Following) ([]warehouse.Step, error) {
	_, followed := f.Audience.Offsets()
	steps, err := f.Journal.Steps(ctx, min(w.Journal, followed), stepLimit)
	if err != nil {
		return nil, err
	}
	n := len(steps)
	if n == 0 {
		return nil, nil
	}
	from := 0
	for from < n && steps[from].Rev <= w.Journal {
		from++
	}
	w.Steps, w.Journal = steps[from:], max(w.Journal, steps[n-1].Rev)
	if n >= stepLimit {
		f.Wake()
	}
	return steps, nil
}

// follow fills w with the facts that are new to the warehouse, and with what they say of orders. Those that stay are without the
// orders that are refused.
func (f *Flow) follow(ctx context.Context, w *warehouse.Following, facts []event.Fact, whose []Who) (stay []event.Fact, who []Who, refused []aside, err error) {
	var opened *books
	ready := func() (err error) {
		if opened == nil {
			opened, err = f.open(ctx)
		}
		return err
	}
	w.Fold = func(told [][]byte, fromFiles []event.OrderLine) ([]warehouse.ChangeLine, error) { // for steps that move orders, too
		if err := ready(); err != nil {
			return nil, err
		}
		return opened.fold(told, fromFiles)
	}
	w.Facts = make([]warehouse.Fact, 0, len(facts))
	for i := range facts {
		fact := &facts[i]
		var change *warehouse.Change
		if isOrder(fact) {
			if err := ready(); err != nil {
				return nil, nil, nil, err
			}
			var trouble *event.Trouble
			if change, trouble, err = opened.change(ctx, fact, whose[i]); err != nil {
				return nil, nil, nil, err
			}
			if trouble != nil {
				// Kept as an event it would count an order that has no lines; mended it is both.
				if refused == nil {
					stay, who = slices.Clone(facts[:i]), slices.Clone(whose[:i])
				}
				refused = append(refused, asideOf(fact, *trouble))
				continue
			}
			w.Changes = append(w.Changes, *change)
		}
		w.Facts = append(w.Facts, warehouse.Fact{Fact: fact, Customer: whose[i].Customer, Origin: whose[i].Origin})
		if refused != nil {
			stay, who = append(stay, *fact), append(who, whose[i])
		}
	}
	if refused == nil {
		return facts, whose, nil, nil
	}
	return stay, who, refused, nil
}

func isOrder(f *event.Fact) bool {
	if f.Type != event.Track {
		return false
	}
	switch f.Name {
	case commerce.OrderCompleted, commerce.OrderUpdated, commerce.OrderRefunded, commerce.OrderCancelled, commerce.OrderShipped, commerce.OrderDelivered:
		return true
	}
	return false
}

func customersOf(facts []event.Fact, whose []Who) (keys []uint32) {
	for i := range facts {
		if isOrder(&facts[i]) {
			keys = append(keys, whose[i].Customer)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// books turn order events into changes in the workspace's currency.
type books struct {
	flow     *Flow
	settings market.Settings
	rates    market.Rates
}

func (f *Flow) open(ctx context.Context) (*books, error) {
	settings, err := f.Workspace.Settings(ctx)
	if err != nil {
		return nil, err
	}
	b := &books{flow: f, settings: settings}
	if settings.Currency != "" {
		b.rates, err = market.NewRates(settings.Currency, settings.Rates)
	}
	return b, err
}

func (b *books) change(ctx context.Context, f *event.Fact, who Who) (*warehouse.Change, *event.Trouble, error) {
	c, _, trouble := commerce.Orders(f, commerce.Defaults{Currency: b.settings.Currency})
	if trouble != nil {
		return nil, trouble, nil
	}
	for i := range c.Lines {
		code := c.Lines[i].Currency
		if b.settings.Currency == "" {
			// The first order fixes what the workspace counts in, as a first file does.
			b.settings.Currency = code
			if err := b.flow.Workspace.Put(ctx, b.settings, false); err != nil {
				return nil, nil, err
			}
			var err error
			if b.rates, err = market.NewRates(code, b.settings.Rates); err != nil {
				return nil, nil, err
			}
		}
		if _, err := b.rates.Convert(market.New(c.Lines[i].AmountMinor, code)); err != nil {
			return nil, &event.Trouble{
				Reason: "no_rate", Sentence: fmt.Sprintf("The order is in %s, and there is no rate from it to %s.", code, b.settings.Currency),
				Next: "Set the rate in the settings, then replay.",
			}, nil
		}
	}
	told, err := c.Encode()
	if err != nil {
		return nil, nil, err
	}
	first := event.OrderLine{Customer: shownID(f), Order: c.OrderID}
	key, _ := first.Keys()
	return &warehouse.Change{Kind: warehouse.ChangeKind(c.Kind), Order: c.OrderID, OrderKey: key, Place: f.Place, Customer: who.Customer, Origin: who.Origin, Told: told}, nil, nil
}

// shownID is the customer's id as a file would have it: a user id bare.
func shownID(f *event.Fact) string {
	if len(f.Identities) == 0 {
		return ""
	}
	if i := f.Identities[0]; i.Kind != event.KindUser {
		return i.Kind + ":" + i.Value
	}
	return f.Identities[0].Value
}

func (b *books) fold(told [][]byte, fromFiles []event.OrderLine) ([]warehouse.ChangeLine, error) {
	changes := make([]commerce.Change, len(told))
	for i, text := range told {
		c, err := commerce.DecodeChange(text)
		if err != nil {
			return nil, err
		}
		changes[i] = c
	}
	folded := commerce.Fold(changes, fromFiles)
	lines := make([]warehouse.ChangeLine, 0, len(folded.Purchases)+len(folded.Refunds))
	for _, l := range slices.Concat(folded.Purchases, folded.Refunds) {
		amount, err := b.rates.Convert(market.New(l.AmountMinor, l.Currency))
		if err != nil {
			return nil, err
		}
		lines = append(lines, warehouse.ChangeLine{OrderLine: l, BaseMinor: amount})
	}
	return lines, nil
}
