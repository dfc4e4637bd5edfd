package profile

import (
	"fmt"
	"math"
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
	p.Summary.Sentence = fmt.Sprintf("%s, worth %s so far; last seen %s.", count(p.Orders, "order"), p.Spend.String(), ago(p.DaysSinceLast))
	if p.Orders == 0 {
		p.Summary.Sentence = "Not analysed yet: run an analysis to see this customer whole."
		return
	}
	if p.PNoOrder90d != nil {
		p.Summary.Params["p_no_order_90d"] = *p.PNoOrder90d
		p.Summary.Sentence += fmt.Sprintf(" %d in 100 such customers do not order again within 90 days.", int(math.Round(*p.PNoOrder90d*100)))
	}
	if late {
		p.Summary.Sentence += " The last delivery came late."
	}
	if p.Expected != nil {
		p.Summary.Params["expected_orders"] = *p.Expected
	}
	if p.ExpectedValue != nil {
		p.Summary.Params["expected_value"] = *p.ExpectedValue
	}
}

func count(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func ago(days int64) string {
	switch days {
	case 0:
		return "on the last day in the data"
	case 1:
		return "a day ago"
	}
	return fmt.Sprintf("%d days ago", days)
}
