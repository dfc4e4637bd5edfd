package profile

import (
	"fmt"
	"math"

	"github.com/dangol/dangol/internal/market"
)

// summarise words the customer in one plain sentence.
func (p *Page) summarise() {
	p.Summary = Summary{Kind: p.Lifecycle, Params: map[string]any{
		"orders": p.Orders, "spend": p.Spend, "days_since_last": p.DaysSinceLast, "first_order_at": p.FirstOrderAt, "last_order_at": p.LastOrderAt,
	}}
	late := false
	for _, t := range p.Traits {
		if t.Name == "last_delivery_late" {
			late, _ = t.Value.(bool)
		}
	}
	p.Summary.Params["last_delivery_late"] = late
	if p.Orders == 0 && p.onlyRefunds {
		p.Summary.Sentence = "Only refunds are known of this customer, so there is nothing to foresee."
		return
	}
	if p.Orders == 0 && p.OrdersTotal == 0 {
		p.Summary.Sentence = "Has not ordered yet; known from what she did."
		return
	}
	if p.Orders == 0 {
		p.Summary.Sentence = "Not analysed yet: run an analysis to see this customer whole."
		return
	}
	sentence := p.ordered()
	if p.PNoOrder90d != nil {
		p.Summary.Params["p_no_order_90d"] = *p.PNoOrder90d
		sentence += fmt.Sprintf(" Of 100 customers like this one, %d are expected not to order in the next 90 days.", int(math.Round(*p.PNoOrder90d*100)))
	}
	if late {
		sentence += " The last delivery came late."
	}
	if p.Expected != nil {
		p.Summary.Params["expected_orders"] = *p.Expected
	}
	if p.ExpectedValue != nil {
		p.Summary.Params["expected_value"] = *p.ExpectedValue
		sentence += fmt.Sprintf(" Worth %s more in the next 12 months.", p.ExpectedValue.Format(market.English))
	}
	p.Summary.Sentence = sentence
}

// ordered words what the customer has done; days are told from the day of the analysis, which need not be today.
func (p *Page) ordered() string {
	spend, last := p.Spend.Format(market.English), p.LastOrderAt.String()
	switch p.DaysSinceLast {
	case 0:
	case 1:
		last += ", the day before " + p.AsOf.String()
	default:
		last += fmt.Sprintf(", %s days before %s", market.FormatNumber(p.DaysSinceLast), p.AsOf)
	}
	if p.Orders == 1 {
		return fmt.Sprintf("Has ordered once, for %s, on %s.", spend, last)
	}
	return fmt.Sprintf("Has ordered %s times, for %s in all; the last order came on %s.", market.FormatNumber(p.Orders), spend, last)
}
