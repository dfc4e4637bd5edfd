package audience

import (
	"github.com/dangol/dangol/internal/query"
)

// Segment is a named condition on the state of a customer.
type Segment struct {
	Slug        string
	Name        string
	Description string
	Rule        query.Condition
}

// segments are those built in. Rules use ranks (m, r) rather than amounts, so that they fit every shop and currency.
func segments() []Segment {
	list := []Segment{
		{
			"vip", "Best customers", "The fifth of customers who spent most and came back at least once.",
			query.All(query.Where("m", query.Ge, 5), query.Where("repeat_days", query.Ge, 1)),
		},
		{
			"valuable-at-risk", "Valuable and about to leave", "Spent much, and are late by their own rhythm. Call these first.",
			query.All(query.Where("m", query.Ge, 4), query.Where("lifecycle", query.In, []any{"slipping", "at_risk"})),
		},
		{
			"late-delivery-lapsed", "Stopped after a late delivery", "Their last delivery came late, and they have not ordered in their rhythm since. An apology is due.",
			query.All(query.Where("last_delivery_late", query.Eq, true), query.Where("lifecycle", query.In, []any{"slipping", "at_risk", "one_time"})),
		},
		{
			"second-order-due", "Second order due", "Bought once, recently. The second order makes a regular.",
			query.Where("lifecycle", query.Eq, "new"),
		},
		{
			"win-back", "Worth winning back", "Lost by their own rhythm, but were among the better half.",
			query.All(query.Where("lifecycle", query.Eq, "lost"), query.Where("m", query.Ge, 4)),
		},
		{
			"coupon-buyers", "Buy with coupons", "Half or more of their orders used a coupon.",
			query.All(query.Where("coupon_share", query.Ge, 0.5), query.Where("orders", query.Ge, 2)),
		},
		{
			"many-refunds", "Return much", "Got back 30 % or more of what they paid.",
			query.Where("refund_rate", query.Ge, 0.3),
		},
	}
	for _, s := range Stages() {
		list = append(list, Segment{"stage-" + string(s), stageNames[s], stageDescriptions[s], query.Where("lifecycle", query.Eq, string(s))})
	}
	for _, g := range query.Groups() {
		list = append(list, Segment{"rfm-" + string(g), groupNames[string(g)], "The RFM group of that name.", query.Where("rfm_group", query.Eq, string(g))})
	}
	return list
}

var stageNames = map[Stage]string{
	StageNew: "New", StageOneTime: "One-time buyers", StageActive: "Active", StageSlipping: "Slipping", StageAtRisk: "At risk", StageLost: "Lost",
}

var stageDescriptions = map[Stage]string{
	StageNew:      "Ordered on one day, within twice the typical gap.",
	StageOneTime:  "Ordered on one day and are overdue for a second.",
	StageActive:   "Order in their own rhythm.",
	StageSlipping: "Late by up to three of their own intervals.",
	StageAtRisk:   "Late by up to six of their own intervals.",
	StageLost:     "Away for more than six of their own intervals.",
}

var groupNames = map[string]string{
	"champions": "Champions", "loyal": "Loyal", "potential": "Potential loyalists", "new": "New customers", "promising": "Promising",
	"need_attention": "Need attention", "about_to_sleep": "About to sleep", "at_risk": "At risk (RFM)", "cannot_lose": "Cannot lose them",
	"hibernating": "Hibernating", "lost": "Lost (RFM)",
}

func findSegment(slug string) (Segment, bool) {
	for _, s := range segments() {
		if s.Slug == slug {
			return s, true
		}
	}
	return Segment{}, false
}
