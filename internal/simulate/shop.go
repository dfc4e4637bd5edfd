package simulate

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
)

// Options choose a shop. The zero Options are the shop of `make demo`: 8,000 customers, 30 months to 2026-06-30, seed 1.
type Options struct {
	Seed      uint64  // 0 means 1
	Customers int     // 0 means 8,000
	First     day.Day // 0 means 2024-01-01
	Last      day.Day // 0 means 2026-06-30
}

// The limits of the options.
const (
	DefaultCustomers = 8_000
	maxCustomers     = 5_000_000
)

func (o Options) withDefaults() (Options, error) {
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Customers == 0 {
		o.Customers = DefaultCustomers
	}
	if o.First == 0 {
		o.First = day.New(2024, time.January, 1)
	}
	if o.Last == 0 {
		o.Last = day.New(2026, time.June, 30)
	}
	if o.Customers < 1 || o.Customers > maxCustomers {
		return o, fault.Newf(fault.Invalid, "simulate.customers", "the number of customers must lie between 1 and %d", maxCustomers).
			At(fault.Place{Field: "customers", Value: fmt.Sprint(o.Customers)})
	}
	if o.Last < o.First {
		return o, fault.New(fault.Invalid, "simulate.period", "the last day lies before the first").
			At(fault.Place{Field: "last", Value: o.Last.String()})
	}
	return o, nil
}

// Shop is a simulated shop: its customers and every order and refund, in the order of time within each market.
type Shop struct {
	Options  Options
	Markets  []Market
	Products []Product
	Branches []Branch // one a market, in the order of Markets
}

// Branch is what happened in one market.
type Branch struct {
	Customers []Customer
	Orders    []Order
}

// Customer is one invented person and the truth about her.
type Customer struct {
	ID, Name, Email, Phone string
	Life
}

// Cause is why a customer left.
type Cause string

// The causes.
const (
	StillHere    Cause = ""
	Natural      Cause = "natural"
	LateDelivery Cause = "late_delivery" // she would have stayed, had the order come in time
)

// Life is what the simulation knows and a real shop never does.
type Life struct {
	RatePerDay float64 // while alive
	Dropout    float64 // chance of leaving after an order that came in time
	MeanSpend  float64 // major units
	First      day.Day
	Left       day.Day // day.Unknown while alive
	Cause      Cause
	Orders     int
	Late       int
}

// Order is one purchase or refund. A refund has the id of its purchase.
type Order struct {
	ID        string
	Customer  int // index into the branch's customers
	Kind      event.Kind
	Day       day.Day
	Second    int // of the local day
	Channel   string
	Coupon    string
	Promised  day.Day // day.Unknown in the store
	Delivered day.Day // day.Unknown in the store and when still on its way at the end
	Lines     []Line
	late      bool
	of        int // for a refund, its purchase before sorting
}

// Late reports whether the parcel came, or will come, after the promised day.
func (o *Order) Late() bool { return o.late }

// AmountMinor is the order's total.
func (o *Order) AmountMinor() int64 {
	var sum int64
	for _, l := range o.Lines {
		sum += l.UnitMinor * l.Quantity
	}
	return sum
}

// Line is one product of an order, with the price paid.
type Line struct {
	Product   int // index into the shop's products
	Quantity  int64
	UnitMinor int64
}

// New simulates a shop. The same options give the same shop, to the last minor unit.
func New(opts Options) (*Shop, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Shop{Options: opts, Markets: Markets(), Products: products()}
	left := opts.Customers
	for i := range s.Markets {
		n := int(math.Round(float64(opts.Customers) * s.Markets[i].Share))
		if i == len(s.Markets)-1 {
			n = left
		}
		left -= n
		s.Branches = append(s.Branches, s.branch(i, n))
	}
	return s, nil
}

func (s *Shop) branch(at, n int) Branch {
	m := &s.Markets[at]
	cal := newSeason(m, s.Options.First, s.Options.Last)
	arrivals := cal.arrivals()
	shelf := newShelf(s.Products, m)
	b := Branch{Customers: make([]Customer, n)}
	// Each customer draws from a stream of her own, so that one life does not depend on the others.
	starts := rand.New(rand.NewPCG(s.Options.Seed, uint64(at)<<32|1<<31)) //nolint:gosec // a simulation needs a repeatable stream
	days := make([]float64, n)
	for i := range days {
		days[i] = starts.Float64() * arrivals[len(arrivals)-1]
	}
	slices.Sort(days) // ids follow the first order, as in a shop's own book
	for i := range b.Customers {
		src := rand.NewPCG(s.Options.Seed, uint64(at)<<32|uint64(i))
		r := rand.New(src) //nolint:gosec // as above
		first := cal.first + day.Day(max(sort.SearchFloat64s(arrivals, days[i])-1, 0))
		c := &b.Customers[i]
		c.ID = fmt.Sprintf("%s%05d", m.Country, i+1)
		c.Name, c.Email, c.Phone = m.people.person(r, c.ID, i)
		b.Orders = live(b.Orders, &c.Life, i, first, m, &cal, shelf, r, src)
	}
	number(b.Orders, m)
	return b
}

// live draws one customer's life and appends her orders and refunds.
func live(out []Order, c *Life, index int, first day.Day, m *Market, cal *season, sh *shelf, r *rand.Rand, src rand.Source) []Order {
	p := m.Process
	c.RatePerDay = distuv.Gamma{Alpha: p.R, Beta: p.AlphaDays, Src: src}.Rand()
	c.Dropout = distuv.Beta{Alpha: p.A, Beta: p.B, Src: src}.Rand()
	nu := distuv.Gamma{Alpha: p.Q, Beta: p.V, Src: src}.Rand()
	c.MeanSpend = p.P / nu
	c.First, c.Left = first, day.Unknown
	taste := sh.taste(r, c.RatePerDay*p.AlphaDays/p.R)
	usual := m.channel(r)
	last := cal.first + day.Day(len(cal.weight)-1)
	now := cal.until[first-cal.first] + r.Float64()*cal.weight[first-cal.first]
	for d := first; d != day.Unknown; d = cal.at(now) {
		o := Order{Customer: index, Kind: event.Purchase, Day: d, Second: m.second(r), Channel: usual, Promised: day.Unknown, Delivered: day.Unknown}
		if r.Float64() < 0.25 {
			o.Channel = m.channel(r)
		}
		if o.Channel != "store" {
			o.deliver(m, last, r)
		}
		discount := o.discount(m, c.Orders == 0, cal.weight[d-cal.first], r)
		o.Lines = sh.fill(r, taste, distuv.Gamma{Alpha: p.P, Beta: nu, Src: src}.Rand(), discount)
		purchase := len(out)
		out = append(out, o)
		if refund, ok := o.sendBack(m, last, purchase, r); ok {
			out = append(out, refund)
		}
		c.Orders++
		if o.late {
			c.Late++
		}
		switch u := r.Float64(); {
		case u < c.Dropout:
			c.Left, c.Cause = d, Natural
			return out
		case o.late && u < c.Dropout*p.LateFactor:
			c.Left, c.Cause = d, LateDelivery
			return out
		}
		now += r.ExpFloat64() / c.RatePerDay
		if now >= cal.end() {
			return out
		}
	}
	return out
}

func (m *Market) channel(r *rand.Rand) string {
	switch u := r.Float64(); {
	case u < m.StoreChance:
		return "store"
	case u < m.StoreChance+m.AppChance:
		return "app"
	}
	return "web"
}

func (m *Market) second(r *rand.Rand) int {
	total := 0
	for _, h := range m.hours {
		total += h
	}
	u := r.IntN(total)
	for h, w := range m.hours {
		if u < w {
			return h*3600 + r.IntN(3600)
		}
		u -= w
	}
	return 0
}

// deliver promises a day and draws when the parcel comes.
func (o *Order) deliver(m *Market, last day.Day, r *rand.Rand) {
	chance := m.LateChance
	for _, e := range m.LateEpisodes {
		if o.Day >= e.From && o.Day <= e.To {
			chance = e.Chance
		}
	}
	o.Promised = o.Day + day.Day(m.leadDays)
	o.Delivered = o.Promised - day.Day(r.IntN(2))
	if o.late = r.Float64() < chance; o.late {
		o.Delivered = o.Promised + 1 + day.Day(min(r.ExpFloat64()*2.5, 30))
	}
	if o.Delivered > last {
		o.Delivered = day.Unknown
	}
}

// discount is the share taken off by a coupon: more on days that sell strongly, and a welcome on some first orders.
func (o *Order) discount(m *Market, first bool, weight float64, r *rand.Rand) float64 {
	u := r.Float64()
	switch {
	case first && u < 0.3:
		o.Coupon = "WELCOME10"
		return 0.10
	case u < m.CouponChance*min(weight, 2):
		o.Coupon = m.coupons[r.IntN(len(m.coupons))]
		return map[byte]float64{'0': 0.10, '5': 0.05, '8': 0.08}[o.Coupon[len(o.Coupon)-1]]
	}
	return 0
}

// sendBack decides whether the order, or one line of it, is returned before the last day.
func (o *Order) sendBack(m *Market, last day.Day, of int, r *rand.Rand) (Order, bool) {
	if r.Float64() >= m.RefundChance {
		return Order{}, false
	}
	back := *o
	back.Kind, back.of, back.Second = event.Refund, of, m.second(r)
	back.Day = max(o.Day, o.Delivered) + 1 + day.Day(r.IntN(12))
	if len(o.Lines) > 1 && r.Float64() < 0.45 {
		i := r.IntN(len(o.Lines))
		back.Lines = o.Lines[i : i+1]
	}
	return back, back.Day <= last
}

// number sorts a market's orders by time, and names them by day and place in the day.
func number(orders []Order, m *Market) {
	index := make([]int, len(orders))
	for i := range index {
		index[i] = i
	}
	slices.SortFunc(index, func(a, b int) int {
		x, y := &orders[a], &orders[b]
		return cmp.Or(cmp.Compare(x.Day, y.Day), cmp.Compare(x.Second, y.Second), cmp.Compare(a, b))
	})
	ids := make([]string, len(orders))
	today, n := day.Unknown, 0
	for _, i := range index {
		o := &orders[i]
		if o.Kind != event.Purchase {
			continue
		}
		if o.Day != today {
			today, n = o.Day, 0
		}
		n++
		ids[i] = fmt.Sprintf("SIM-%s-%s-%03d", m.Country, today.Time().Format("060102"), n)
	}
	sorted := make([]Order, len(orders))
	for at, i := range index {
		sorted[at] = orders[i]
		if o := &sorted[at]; o.Kind == event.Purchase {
			o.ID = ids[i]
		} else {
			o.ID = ids[o.of]
		}
	}
	copy(orders, sorted)
}
