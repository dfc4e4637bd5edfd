package commerce

import (
	"cmp"
	"slices"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
)

// Folded is an order after all its changes. Purchases is nil where no event says what was bought: then the lines that files
// brought stand. Refunds is nil where no event gave anything back.
type Folded struct{ Purchases, Refunds []event.OrderLine }

// Fold gives the order that a set of changes makes; imported are its purchase lines as files brought them, if they did. The order and number of the
// changes does not matter: each counts once, by its place.
func Fold(changes []Change, imported []event.OrderLine) Folded {
	ordered := inOrder(changes)
	if currency := currencyOf(ordered, imported); currency != "" {
		for i, c := range ordered {
			ordered[i] = c.in(currency)
		}
	}
	f := fold{bought: imported}
	f.put(ordered)
	f.deliver(ordered)
	var out Folded
	if f.live {
		out.Purchases = f.bought
	}
	f.open = slices.Clone(f.bought)
	for i, c := range ordered {
		if c.Kind == Refund && replaced(ordered[i+1:], c.RefundID) {
			continue
		}
		switch {
		case c.Kind == Cancel, c.Kind == Refund && c.Whole:
			f.rest(c)
		case c.Kind == Refund:
			f.part(c)
		}
	}
	out.Refunds = f.refunds
	return out
}

// inOrder sorts a copy by version and place, and drops what stands there twice.
func inOrder(changes []Change) []*Change {
	ordered := make([]*Change, len(changes))
	for i := range changes {
		ordered[i] = &changes[i]
	}
	slices.SortFunc(ordered, func(a, b *Change) int {
		return cmp.Or(cmp.Compare(a.VersionUS, b.VersionUS), cmp.Compare(a.Place, b.Place))
	})
	return slices.CompactFunc(ordered, func(a, b *Change) bool { return a.Place == b.Place })
}

// currencyOf is the order's own: what the latest version of it says, else what files or any other change say; "" where all only assume one.
func currencyOf(ordered []*Change, imported []event.OrderLine) (code string) {
	for _, puts := range []bool{false, true} {
		if puts && len(imported) > 0 {
			code = imported[0].Currency
		}
		for _, c := range ordered {
			if len(c.Lines) > 0 && c.Assumed == nil && (c.Kind == Put) == puts {
				code = c.Lines[0].Currency
			}
		}
	}
	return code
}

func replaced(later []*Change, refund string) bool {
	return slices.ContainsFunc(later, func(c *Change) bool { return c.Kind == Refund && c.RefundID == refund })
}

// fold is an order on its way through its changes.
type fold struct {
	live    bool // an event says what was bought
	bought  []event.OrderLine
	open    []event.OrderLine // what was not given back yet
	refunds []event.OrderLine
}

// put takes the lines of the latest version. They carry the earliest time that any version gives: an update that does not say when the order was placed
// would move it.
func (f *fold) put(ordered []*Change) {
	var last, first *Change
	for _, c := range ordered {
		if c.Kind != Put {
			continue
		}
		last = c
		if first == nil || c.AtUS < first.AtUS {
			first = c
		}
	}
	if last == nil {
		return
	}
	f.live = true
	f.bought = slices.Clone(last.Lines)
	for i := range f.bought {
		l := &f.bought[i]
		l.AtUS, l.Day = first.AtUS, first.Day
	}
}

// deliver writes the days that the latest changes tell onto the lines: of the delivery, and of the end of what is paid for.
func (f *fold) deliver(ordered []*Change) {
	if !f.live {
		return
	}
	promised, delivered, paid := day.Unknown, day.Unknown, day.Unknown
	for _, c := range ordered {
		if c.Promised != day.Unknown {
			promised = c.Promised
		}
		if c.Delivered != day.Unknown {
			delivered = c.Delivered
		}
		if c.PaidUntil != day.Unknown {
			paid = c.PaidUntil
		}
	}
	for i := range f.bought {
		l := &f.bought[i]
		l.Promised, l.Delivered, l.PaidUntil = promised, delivered, paid
	}
}

// rest gives back what is left of the order: nothing, while nobody knows what was bought.
func (f *fold) rest(c *Change) {
	if len(f.refunds) == 0 || !worthless(f.open) {
		for _, l := range f.open {
			if l.AmountMinor > 0 || l.QuantityMilli > 0 {
				f.refunds = append(f.refunds, given(l, c, l.QuantityMilli, l.AmountMinor))
			}
		}
	}
	f.open = nil
}

func worthless(lines []event.OrderLine) bool {
	return !slices.ContainsFunc(lines, func(l event.OrderLine) bool { return l.AmountMinor > 0 })
}

// part gives back the lines of the change, as far as the order brought as much.
func (f *fold) part(c *Change) {
	// What was given back in another money than was paid cannot be held against it.
	known := len(f.bought) > 0 && len(c.Lines) > 0 && f.bought[0].Currency == c.Lines[0].Currency
	for i := range c.Lines {
		l := c.Lines[i]
		if !known {
			f.refunds = append(f.refunds, given(l, c, l.QuantityMilli, l.AmountMinor))
			continue
		}
		if c.Unpriced {
			l.AmountMinor = f.worth(&l)
		}
		amount, quantity := f.take(&l)
		if amount > 0 || quantity > 0 {
			f.refunds = append(f.refunds, given(l, c, max(quantity, 1), amount))
		}
	}
}

// worth is what that many pieces of the product brought.
func (f *fold) worth(l *event.OrderLine) int64 {
	for i := range f.bought {
		b := &f.bought[i]
		if !sameProduct(b, l) || b.QuantityMilli <= 0 {
			continue
		}
		if l.QuantityMilli >= b.QuantityMilli {
			return b.AmountMinor
		}
		return spread(b.AmountMinor, []int64{l.QuantityMilli, b.QuantityMilli - l.QuantityMilli})[0]
	}
	return 0
}

// take lessens what is open by the line: first of its own product, then of any, for a refund may be of an amount alone.
func (f *fold) take(l *event.OrderLine) (amount, quantity int64) {
	wanted, pieces := l.AmountMinor, l.QuantityMilli
	for _, own := range []bool{true, false} {
		for i := range f.open {
			o := &f.open[i]
			if own != sameProduct(o, l) {
				continue
			}
			n := min(wanted, o.AmountMinor)
			o.AmountMinor -= n
			wanted -= n
			amount += n
			if own {
				q := min(pieces, o.QuantityMilli)
				o.QuantityMilli -= q
				pieces -= q
				quantity += q
			}
		}
	}
	if quantity == 0 && amount > 0 {
		quantity = l.QuantityMilli
	}
	return amount, quantity
}

// given is a refund line at the time of its change.
func given(l event.OrderLine, c *Change, quantityMilli, amount int64) event.OrderLine {
	l.Kind, l.AtUS, l.QuantityMilli, l.AmountMinor = event.Refund, c.AtUS, max(quantityMilli, 1), amount
	l.Day = c.Day
	l.Promised, l.Delivered, l.PaidUntil = day.Unknown, day.Unknown, day.Unknown
	return l
}
