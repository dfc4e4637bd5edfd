package orders

import (
	"strings"

	"github.com/dangol/dangol/internal/event"
)

// clonedLine frees a line from the batch it came in.
func clonedLine(l event.OrderLine) event.OrderLine {
	for _, p := range []*string{&l.Customer, &l.Order, &l.Product, &l.ProductName, &l.Category, &l.Currency, &l.Market, &l.Channel, &l.Name, &l.Email, &l.Phone, &l.Coupon} {
		*p = strings.Clone(*p)
	}
	return l
}

func clonedReject(r Reject) Reject {
	r.Column, r.Value, r.Row = strings.Clone(r.Column), strings.Clone(r.Value), strings.Clone(r.Row)
	return r
}
