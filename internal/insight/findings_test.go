package insight

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/kit/day"
)

// rich is a base in which every rule has something to tell.
func rich() facts {
	return facts{
		scope: scope{asOf: day.New(2024, 6, 30), first: day.New(2021, 1, 1), last: day.New(2024, 6, 30), currency: "GBP", analysed: true},
		all:   part{customers: 10_000}, spend: 100_000_000, orders: 40_000,
		parts: map[string]part{
			AtRiskValue: {412, 3_800_000, 70}, CannotLose: {20, 900_000, 240}, WinBack: {300, 2_000_000, 400}, OneTimeBuyers: {800, 0, 20},
			ManyRefunds: {50, 10_000, 30}, LateDelivery: {120, 700_000, 90},
		},
		refunded: 40_000, refundedSpend: 100_000, topSpend: 61_000_000, topCustomers: 1000, topYearly: 25_000_000,
		lateLeft: comeback{1000, 380}, lateStayed: comeback{1000, 210},
		recent: comeback{500, 100}, before: comeback{500, 175},
		byMarket:     map[string]comeback{"KR": {3000, 1200}, "TH": {3000, 600}, "DE": {40, 16}},
		secondMedian: sql.NullFloat64{Float64: 31, Valid: true}, secondMost: sql.NullFloat64{Float64: 58, Valid: true},
	}
}

func TestFindingsAreRankedByMoney(t *testing.T) {
	t.Parallel()
	found := Findings(rich())
	if len(found) != 9 {
		t.Fatalf("%d findings, want one of each of the nine kinds", len(found))
	}
	if !causes[found[1].Kind] {
		t.Errorf("%s stands second, where the weightiest cause belongs", found[1].Kind)
	}
	for i, f := range found {
		if i > 2 && f.stake > found[i-1].stake {
			t.Errorf("%s stands after %s and has more at stake", f.Kind, found[i-1].Kind)
		}
		if f.Customers <= 0 || f.Money.Currency != "GBP" || f.Sentence == "" || f.ID == "" || (f.Segment == "" && f.Filter == nil) {
			t.Errorf("%s lacks something: %+v", f.Kind, f)
		}
		if strings.Contains(f.Sentence, "%!") {
			t.Errorf("%s: bad format: %s", f.Kind, f.Sentence)
		}
	}
}

func TestFindingSentences(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		AtRiskValue:  "412 customers worth £38K a year are about to leave: they spent much and are late by their own rhythm.",
		LateDelivery: "38% of those who stopped ordering had a late last delivery, against 21% of those who stay: 120 customers worth £7K a year can still be reached with an apology.",
		MarketGap:    "In TH 20% of new customers come back within 90 days, elsewhere 40%. Closing the gap is worth £15K in second orders.",
		CohortChange: "New customers hold worse than a year ago: of those won from 2024-01-03 to 2024-04-01, 20% came back within 90 days, against 35%. The difference is worth £1.9K in second orders.",
	}
	for _, f := range Findings(rich()) {
		if w, ok := want[f.Kind]; ok && f.Sentence != w {
			t.Errorf("%s:\n got %s\nwant %s", f.Kind, f.Sentence, w)
		}
	}
}

func TestDifferencesByChanceAreNotTold(t *testing.T) {
	t.Parallel()
	f := rich()
	f.lateLeft, f.lateStayed = comeback{100, 24}, comeback{100, 21}
	f.recent, f.before = comeback{20, 2}, comeback{500, 175} // far apart, but of twenty people
	f.byMarket = map[string]comeback{"KR": {300, 60}, "TH": {300, 55}}
	for _, found := range Findings(f) {
		switch found.Kind {
		case LateDelivery, CohortChange, MarketGap:
			t.Errorf("%s is told: %s", found.Kind, found.Sentence)
		}
	}
	f = rich()
	f.first = day.New(2023, 6, 1) // a year ago there were no data for the whole window
	for _, found := range Findings(f) {
		if found.Kind == CohortChange {
			t.Error("a comparison with days before the data is told")
		}
	}
}

func TestNothingIsFoundInNothing(t *testing.T) {
	t.Parallel()
	if found := Findings(facts{}); len(found) != 0 {
		t.Errorf("%+v", found)
	}
}

func TestZ(t *testing.T) {
	t.Parallel()
	// Two-proportion z of 120/1000 against 90/1000, worked out by hand: 0.03 / sqrt(0.105*0.895*0.002).
	if z := zTest(comeback{1000, 120}, comeback{1000, 90}); z < 2.188 || z > 2.189 {
		t.Errorf("z = %v", z)
	}
	if z := zTest(comeback{}, comeback{10, 1}); z != 0 {
		t.Errorf("z without customers = %v", z)
	}
}
