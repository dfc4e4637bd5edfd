package insight

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/query"
)

// Kinds of findings.
const (
	AtRiskValue   = "at_risk_value"
	CannotLose    = "cannot_lose"
	WinBack       = "win_back"
	LateDelivery  = "late_delivery"
	OneTimeBuyers = "one_time_buyers"
	CohortChange  = "cohort_change"
	MarketGap     = "market_gap"
	Concentration = "concentration"
	ManyRefunds   = "many_refunds"
)

// Finding is one sentence about customers and the money behind them.
type Finding struct {
	ID        string            `json:"id"`
	Kind      string            `json:"kind"`
	Severity  string            `json:"severity" enum:"bad,warn,good"`
	Customers int64             `json:"customers"`
	Money     market.Money      `json:"money" doc:"a year's spend of these customers at their past pace, unless the sentence says otherwise"`
	Params    map[string]any    `json:"params" doc:"what the sentence says, by name"`
	Sentence  string            `json:"sentence"`
	Segment   string            `json:"segment,omitempty" doc:"slug of the segment that holds these customers"`
	Filter    map[string]string `json:"filter,omitempty" doc:"query of GET /v1/customers that lists them"`
	Sentences map[string]string `json:"sentences,omitempty" doc:"by language, where the finding is about a figure"`
	Evidence  *Evidence         `json:"evidence,omitempty" doc:"the forecast that shows it, where the finding is about a figure"`

	stake int64 // what the ranking goes by
}

// significant is the z beyond which two shares are said to differ: one chance in a hundred.
const significant = 2.576

// enough is the least number of customers on each side of a comparison.
const enough = 30

// Findings tells what is worth telling: the most money first, and the weightiest cause second.
func Findings(f facts) []Finding {
	rules := []func(facts) (Finding, bool){
		atRiskValue, cannotLose, winBack, lateDelivery, oneTimeBuyers, cohortChange, marketGap, concentration, manyRefunds,
	}
	var out []Finding
	for _, rule := range rules {
		if found, ok := rule(f); ok {
			found.ID = found.Kind
			if found.stake == 0 {
				found.stake = found.Money.Minor
			}
			out = append(out, found)
		}
	}
	slices.SortStableFunc(out, byStake)
	return causeSecond(out)
}

func byStake(a, b Finding) int { return cmp.Compare(b.stake, a.stake) }

// causes are the kinds that say why customers leave or stay, rather than who they are.
var causes = map[string]bool{LateDelivery: true, CohortChange: true, MarketGap: true}

// causeSecond moves the weightiest cause to the second place: after who is leaving, a reader asks why.
func causeSecond(sorted []Finding) []Finding {
	at := slices.IndexFunc(sorted, func(f Finding) bool { return causes[f.Kind] })
	if at < 2 {
		return sorted
	}
	cause := sorted[at]
	return slices.Insert(slices.Delete(sorted, at, at+1), 1, cause)
}

// zTest is the two-proportion z statistic with the pooled share.
func zTest(a, b comeback) float64 {
	pooled := a.plus(b).share()
	spread := pooled * (1 - pooled) * (1/float64(a.customers) + 1/float64(b.customers))
	if a.customers == 0 || b.customers == 0 || spread == 0 {
		return 0
	}
	return (a.share() - b.share()) / math.Sqrt(spread)
}

// differs says that two shares differ by more than chance.
func differs(a, b comeback) bool {
	return a.customers >= enough && b.customers >= enough && math.Abs(zTest(a, b)) >= significant
}

func (f facts) brief(minor int64) string { return f.money(minor).Compact(market.English) }

func percent(share float64) string { return fmt.Sprintf("%.0f%%", 100*share) }

// people is the plain form of most findings: a set of customers, named by its segment.
func (f facts) people(kind, severity, segment string) (Finding, part, bool) {
	p := f.parts[kind]
	return Finding{
		Kind: kind, Severity: severity, Customers: p.customers, Money: f.money(p.yearly), Params: map[string]any{},
		Segment: segment, Filter: map[string]string{"segment": segment},
	}, p, p.customers > 0 && p.yearly > 0
}

func atRiskValue(f facts) (Finding, bool) {
	out, p, ok := f.people(AtRiskValue, "bad", "valuable-at-risk")
	out.Params["customer_share"] = ratio(p.customers, f.all.customers)
	out.Sentence = fmt.Sprintf("%s worth %s a year are about to leave: they spent much and are late by their own rhythm.",
		plural(p.customers, "customer", "customers"), f.brief(p.yearly))
	return out, ok
}

func cannotLose(f facts) (Finding, bool) {
	out, p, ok := f.people(CannotLose, "bad", "rfm-cannot_lose")
	out.Filter = map[string]string{"group": string(query.CannotLose)}
	out.Params["days"] = math.Round(p.days)
	out.Sentence = fmt.Sprintf("%s of your best, worth %s a year, have not ordered for %.0f days on average. Call them.",
		plural(p.customers, "customer", "customers"), f.brief(p.yearly), p.days)
	return out, ok
}

func winBack(f facts) (Finding, bool) {
	out, p, ok := f.people(WinBack, "warn", "win-back")
	out.Params["days"] = math.Round(p.days)
	out.Sentence = fmt.Sprintf("%s who used to spend %s a year have left, on average %.0f days ago: the first to win back.",
		plural(p.customers, "good customer", "good customers"), f.brief(p.yearly), p.days)
	return out, ok
}

func lateDelivery(f facts) (Finding, bool) {
	out, p, ok := f.people(LateDelivery, "bad", "late-delivery-lapsed")
	left, stayed := f.lateLeft.share(), f.lateStayed.share()
	out.Params["left_share"], out.Params["stayed_share"], out.Params["z"] = left, stayed, zTest(f.lateLeft, f.lateStayed)
	out.Sentence = fmt.Sprintf("%s of those who stopped ordering had a late last delivery, against %s of those who stay: %s worth %s a year can still be reached with an apology.",
		percent(left), percent(stayed), plural(p.customers, "customer", "customers"), f.brief(p.yearly))
	return out, ok && left > stayed && differs(f.lateLeft, f.lateStayed)
}

func oneTimeBuyers(f facts) (Finding, bool) {
	out, p, _ := f.people(OneTimeBuyers, "warn", "second-order-due")
	out.Filter = map[string]string{"lifecycle": "new"}
	known := comeback{}
	for _, m := range f.byMarket {
		known = known.plus(m)
	}
	if known.customers == 0 {
		known = f.recent.plus(f.before)
	}
	never := 1 - known.share()
	stake := p.customers * rounded(f.spend, f.orders)
	out.Money = f.money(stake)
	median, most := math.Round(f.secondMedian.Float64), math.Round(f.secondMost.Float64)
	out.Params["one_time_share"], out.Params["days"], out.Params["within_days"] = never, median, most
	out.Sentence = fmt.Sprintf("%s of new customers do not come back within %d days. Half of the second orders come within %.0f days: reach the %s who bought once, lately, by then; one more order of each is worth %s.",
		percent(never), returnDays, median, plural(p.customers, "customer", "customers"), f.brief(stake))
	return out, p.customers > 0 && stake > 0 && f.secondMedian.Valid && known.customers >= enough && never >= 0.5
}

func cohortChange(f facts) (Finding, bool) {
	recent, before := f.windows()
	now, then := f.recent.share(), f.before.share()
	money := int64(math.Abs(now-then) * float64(f.recent.customers) * float64(rounded(f.spend, f.orders)))
	out := Finding{
		Kind: CohortChange, Severity: "good", Customers: f.recent.customers, Money: f.money(money), Filter: map[string]string{"sort": "first_order"},
		Params: map[string]any{
			"recent_share": now, "before_share": then, "from": recent[0].String(), "to": recent[1].String(), "before_from": before[0].String(), "before_to": before[1].String(),
		},
	}
	word := "better"
	if now < then {
		out.Severity, word = "bad", "worse"
	}
	out.Sentence = fmt.Sprintf("New customers hold %s than a year ago: of those won from %s to %s, %s came back within %d days, against %s. The difference is worth %s in second orders.",
		word, recent[0], recent[1], percent(now), returnDays, percent(then), f.brief(money))
	return out, money > 0 && before[0] >= f.first && differs(f.recent, f.before)
}

// marketGap names the market furthest below the others. With k markets there are k comparisons, so
// each must be k times less likely by chance; a z grows slowly with that, and 3.3 does up to twenty.
func marketGap(f facts) (Finding, bool) {
	total := comeback{}
	for _, m := range f.byMarket {
		total = total.plus(m)
	}
	worst, name, others := 0.0, "", comeback{}
	for _, m := range slices.Sorted(maps.Keys(f.byMarket)) {
		here := f.byMarket[m]
		rest := comeback{total.customers - here.customers, total.back - here.back}
		if z := zTest(here, rest); here.customers >= enough && rest.customers >= enough && z < worst {
			worst, name, others = z, m, rest
		}
	}
	here := f.byMarket[name]
	money := int64((others.share() - here.share()) * float64(here.customers) * float64(rounded(f.spend, f.orders)))
	return Finding{
		Kind: MarketGap, Severity: "warn", Customers: here.customers, Money: f.money(money), Filter: map[string]string{"market": name},
		Params: map[string]any{"market": name, "market_share": here.share(), "others_share": others.share(), "z": worst},
		Sentence: fmt.Sprintf("In %s %s of new customers come back within %d days, elsewhere %s. Closing the gap is worth %s in second orders.",
			name, percent(here.share()), returnDays, percent(others.share()), f.brief(money)),
	}, money > 0 && worst <= -3.3
}

// concentration is a risk when few carry much. What is at stake is the loss of one of ten of them.
func concentration(f facts) (Finding, bool) {
	share := ratio(f.topSpend, f.spend)
	return Finding{
		Kind: Concentration, Severity: "warn", Customers: f.topCustomers, Money: f.money(f.topYearly), Filter: map[string]string{"sort": "spend", "order": "desc"},
		Params: map[string]any{"spend_share": share}, stake: f.topYearly / 10,
		Sentence: fmt.Sprintf("A tenth of your customers, %s, bring %s of all revenue. Know them by name.", plural(f.topCustomers, "person", "people"), percent(share)),
	}, f.all.customers >= enough && share >= 0.4
}

func manyRefunds(f facts) (Finding, bool) {
	out, p, _ := f.people(ManyRefunds, "warn", "many-refunds")
	share := ratio(f.refunded, f.refundedSpend)
	out.Money = f.money(f.refunded)
	out.Params["refund_share"] = share
	out.Sentence = fmt.Sprintf("%s got back %s of what they paid, %s together. Ask why before sending offers.",
		plural(p.customers, "customer", "customers"), percent(share), f.brief(f.refunded))
	return out, p.customers >= 5 && f.refunded > 0
}
