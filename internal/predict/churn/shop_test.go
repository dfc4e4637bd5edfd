package churn

import (
	"testing"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/simulate"
	"github.com/dangol/dangol/models/calibrate"
)

// bookOf is the book of a simulated shop, in its base currency; customers are numbered market by market, as truths lists them.
func bookOf(s *simulate.Shop) *book {
	b := newBook(1, vocabulary{{"KR", "TH", "DE"}, {"app", "web", "store"}})
	perWon := map[string]float64{"KRW": 1, "THB": 1 / 0.026 / 100, "EUR": 1 / 0.000675 / 100}
	key := uint32(0)
	for m := range s.Branches {
		branch, market := &s.Branches[m], &s.Markets[m]
		lists := make([][]happening, len(branch.Customers))
		for i := range branch.Orders {
			o := &branch.Orders[i]
			h := happening{
				day: int32(o.Day), promised: never, delivered: never, paidUntil: never, minor: int64(float64(o.AmountMinor()) * perWon[market.Currency]),
				refund: o.Kind == event.Refund, coupon: o.Coupon != "", market: b.markets.code(market.Country), channel: b.channels.code(o.Channel),
			}
			if o.Promised != day.Unknown {
				h.promised = int32(o.Promised)
			}
			if o.Delivered != day.Unknown {
				h.delivered = int32(o.Delivered)
			}
			lists[o.Customer] = append(lists[o.Customer], h)
		}
		for _, list := range lists {
			for _, h := range list {
				b.add(key, h)
			}
			key++
		}
	}
	return b
}

// truths are the lives of the book's customers.
func truths(s *simulate.Shop) (list []simulate.Life) {
	for m := range s.Branches {
		for i := range s.Branches[m].Customers {
			list = append(list, s.Branches[m].Customers[i].Life)
		}
	}
	return list
}

// shop simulates a shop of so many customers.
func shop(t testing.TB, customers int, seed uint64) *simulate.Shop {
	t.Helper()
	s, err := simulate.New(simulate.Options{Customers: customers, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func reasonOf(err error) string {
	if err == nil {
		return ""
	}
	return fault.From(err).Reason
}

func mustMap(t testing.TB) *calibrate.Map {
	t.Helper()
	m, err := calibrate.Fit(calibrate.Identity, []float64{0.2, 0.8}, []float64{0, 1}, calibrate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}
