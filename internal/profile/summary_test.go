package profile

import (
	"testing"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/market"
)

func TestSummary(t *testing.T) {
	t.Parallel()
	dayOf := func(text string) day.Day {
		d, err := day.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	risk, expected := 0.234, market.New(42_000, "KRW")
	for want, p := range map[string]Page{
		"Has not ordered yet; known from what she did.":                 {},
		"Not analysed yet: run an analysis to see this customer whole.": {OrdersTotal: 1},
		"Has ordered once, for £12.50, on 2026-06-30.": {
			Orders: 1, Spend: market.New(1250, "GBP"), LastOrderAt: dayOf("2026-06-30"), AsOf: dayOf("2026-06-30"),
		},
		"Has ordered once, for £12.50, on 2026-06-29, the day before 2026-06-30.": {
			Orders: 1, Spend: market.New(1250, "GBP"), LastOrderAt: dayOf("2026-06-29"), AsOf: dayOf("2026-06-30"), DaysSinceLast: 1,
		},
		"Has ordered 1,011 times, for ₩5,620,000 in all; the last order came on 2026-06-18, 12 days before 2026-06-30. " +
			"Of 100 customers like this one, 23 are expected not to order in the next 90 days. The last delivery came late. Worth ₩42,000 more in the next 12 months.": {
			Orders: 1011, Spend: market.New(5_620_000, "KRW"), LastOrderAt: dayOf("2026-06-18"), AsOf: dayOf("2026-06-30"), DaysSinceLast: 12,
			PNoOrder90d: &risk, ExpectedValue: &expected, Traits: []Trait{{Name: "last_delivery_late", Value: true}},
		},
	} {
		p.summarise()
		if p.Summary.Sentence != want {
			t.Errorf("got  %s\nwant %s", p.Summary.Sentence, want)
		}
	}
}
