package orders

import (
	"github.com/zeebo/xxh3"

	"github.com/dangol/dangol/internal/event"
)

// sold remembers the sales that stand in a file so far, by order and product: a row that undoes something undoes the sale of an
// earlier row, where there is one, and its own otherwise. It forgets the oldest of very many.
type sold struct {
	recent, older map[uint64]sale
}

// sale is the largest amount sold of a product in an order, and the instant of the last row.
type sale struct{ amount, at int64 }

// soldKept is how many sales are remembered at least.
const soldKept = 2 << 20

func saleKey(l *event.OrderLine, product string) uint64 {
	return xxh3.HashString(l.Order) ^ mix(xxh3.HashString(product)+mix(xxh3.HashString(l.Customer)))
}

func (s *sold) add(key uint64, amount, at int64) {
	if len(s.recent) >= soldKept {
		s.older, s.recent = s.recent, s.older
		clear(s.recent)
	}
	if s.recent == nil {
		s.recent = map[uint64]sale{}
	}
	had, _ := s.find(key)
	s.recent[key] = sale{max(amount, had.amount), at}
}

func (s *sold) find(key uint64) (sale, bool) {
	if v, ok := s.recent[key]; ok {
		return v, true
	}
	v, ok := s.older[key]
	return v, ok
}
