package simulate

import (
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/market"
)

// Truth is what a real shop never knows: the process behind the orders and each customer's fate. Tests hold the
// platform's estimates against it. It also counts the files exactly, so that an import can be checked to the last line.
type Truth struct {
	Simulated bool            `json:"simulated"` // always true
	Seed      uint64          `json:"seed"`
	First     day.Day         `json:"first_day"`
	Last      day.Day         `json:"last_day"`
	Markets   []MarketTruth   `json:"markets"`
	Customers []CustomerTruth `json:"customers"`
}

// MarketTruth is one market's process and the exact content of its file.
type MarketTruth struct {
	Market
	File        string       `json:"file,omitempty"`
	Customers   int          `json:"customers"`
	Alive       int          `json:"alive"`
	LeftNatural int          `json:"left_natural"`
	LeftLate    int          `json:"left_late_delivery"`
	Orders      int          `json:"orders"`
	LateOrders  int          `json:"late_orders"`
	Lines       int          `json:"lines"`        // of purchases
	RefundLines int          `json:"refund_lines"` // the file has Lines + RefundLines rows
	Revenue     market.Money `json:"revenue"`
	Refunds     market.Money `json:"refunds"`
}

// CustomerTruth is one customer's fate.
type CustomerTruth struct {
	ID          string  `json:"id"`
	Market      string  `json:"market"`
	Alive       bool    `json:"alive"`
	Left        day.Day `json:"left_on"` // the order after which she left, null while alive
	Cause       Cause   `json:"cause,omitempty"`
	Orders      int     `json:"orders"`
	LateOrders  int     `json:"late_orders"`
	RatePerYear float64 `json:"rate_per_year"`
	Dropout     float64 `json:"dropout"`
	MeanSpend   float64 `json:"mean_spend"` // major units of the market's currency
}

// Truth tells all.
func (s *Shop) Truth() Truth {
	t := Truth{Simulated: true, Seed: s.Options.Seed, First: s.Options.First, Last: s.Options.Last}
	for i := range s.Markets {
		m, b := s.Markets[i], &s.Branches[i]
		mt := MarketTruth{Market: m, Customers: len(b.Customers), Revenue: market.Zero(m.Currency), Refunds: market.Zero(m.Currency)}
		for j := range b.Orders {
			o := &b.Orders[j]
			if o.Kind == event.Refund {
				mt.RefundLines += len(o.Lines)
				mt.Refunds.Minor += o.AmountMinor()
				continue
			}
			mt.Orders++
			mt.Lines += len(o.Lines)
			mt.Revenue.Minor += o.AmountMinor()
		}
		for j := range b.Customers {
			c := &b.Customers[j]
			alive := c.Left == day.Unknown
			switch {
			case alive:
				mt.Alive++
			case c.Cause == LateDelivery:
				mt.LeftLate++
			default:
				mt.LeftNatural++
			}
			mt.LateOrders += c.Late
			t.Customers = append(t.Customers, CustomerTruth{
				ID: c.ID, Market: m.Country, Alive: alive, Left: c.Left, Cause: c.Cause, Orders: c.Orders, LateOrders: c.Late,
				RatePerYear: c.RatePerDay * 365.25, Dropout: c.Dropout, MeanSpend: c.MeanSpend,
			})
		}
		t.Markets = append(t.Markets, mt)
	}
	return t
}
