package query

// BuiltIn returns the catalogue of traits that every analysis computes, in the order of the columns
// of customer_state. Each call returns a fresh slice.
func BuiltIn() []Trait {
	var all []Trait
	all = append(all, orderTraits()...)
	all = append(all, dayTraits()...)
	all = append(all, lineTraits()...)
	return append(all, deliveryAndRefundTraits()...)
}

// BuiltInTrait returns one trait of the catalogue.
func BuiltInTrait(name string) (Trait, bool) {
	for _, t := range BuiltIn() {
		if t.Name == name {
			return t, true
		}
	}
	return Trait{}, false
}

func orderTraits() []Trait {
	return []Trait{
		{
			Name: "orders", Label: "Orders", Unit: UnitCount, Source: Orders, Aggregate: Count,
			Description: "Number of purchase orders.", Says: "have placed %s orders",
		},
		{
			Name: "spend", Label: "Spend", Unit: UnitMoney, Source: Orders, Aggregate: Sum, Property: "amount",
			Description: "Sum of purchase orders, before refunds.", Says: "have spent %s",
		},
		{
			Name: "orders_90d", Label: "Orders in 90 days", Unit: UnitCount, Source: Orders, Aggregate: Count, WindowDays: 90,
			Description: "Number of purchase orders in the 90 days that end at as_of.", Says: "have placed %s orders in the last 90 days",
		},
		{
			Name: "spend_90d", Label: "Spend in 90 days", Unit: UnitMoney, Source: Orders, Aggregate: Sum, Property: "amount", WindowDays: 90,
			Description: "Sum of purchase orders in the 90 days that end at as_of, before refunds.", Says: "have spent %s in the last 90 days",
		},
		{
			Name: "orders_365d", Label: "Orders in 365 days", Unit: UnitCount, Source: Orders, Aggregate: Count, WindowDays: 365,
			Description: "Number of purchase orders in the 365 days that end at as_of.", Says: "have placed %s orders in the last 365 days",
		},
		{
			Name: "spend_365d", Label: "Spend in 365 days", Unit: UnitMoney, Source: Orders, Aggregate: Sum, Property: "amount", WindowDays: 365,
			Description: "Sum of purchase orders in the 365 days that end at as_of, before refunds.", Says: "have spent %s in the last 365 days",
		},
		{
			Name: "avg_order_value", Label: "Average order value", Unit: UnitMoney, Aggregate: Ratio, Of: "spend", By: "orders",
			Description: "Spend divided by orders, rounded to the minor unit.", Says: "spend %s per order on average",
		},
		{
			Name: "largest_order", Label: "Largest order", Unit: UnitMoney, Source: Orders, Aggregate: Max, Property: "amount",
			Description: "Amount of the largest purchase order.", Says: "have placed a largest order of %s",
		},
		{
			Name: "first_order_day", Label: "First order", Unit: UnitDate, Source: Orders, Aggregate: Min, Property: "day",
			Description: "Day of the first purchase order.", Says: "ordered for the first time %s",
		},
		{
			Name: "last_order_day", Label: "Last order", Unit: UnitDate, Source: Orders, Aggregate: Max, Property: "day",
			Description: "Day of the last purchase order.", Says: "ordered for the last time %s",
		},
		{
			Name: "days_since_last_order", Label: "Days since last order", Unit: UnitDays, Source: Orders, Aggregate: DaysSince,
			Description: "Days from the last purchase order to as_of; recency in RFM.", Says: "last ordered %s days ago",
		},
		{
			Name: "tenure_days", Label: "Days as a customer", Unit: UnitDays, Source: Orders, Aggregate: DaysSinceFirst,
			Description: "Days from the first purchase order to as_of; T in the purchase models.", Says: "first ordered %s days ago",
		},
		{
			Name: "items", Label: "Items", Unit: UnitNumber, Source: Orders, Aggregate: Sum, Property: "quantity",
			Description: "Sum of the quantities of purchase orders.", Says: "have bought %s items",
		},
		{
			Name: "first_market", Label: "First market", Unit: UnitText, Source: Orders, Aggregate: First, Property: "market",
			Description: "Market of the first purchase order.", Says: "placed their first order in the market %s",
		},
		{
			Name: "last_market", Label: "Market", Unit: UnitText, Source: Orders, Aggregate: Last, Property: "market",
			Description: "Market of the last purchase order.", Says: "placed their last order in the market %s",
		},
		{
			Name: "channel", Label: "Channel", Unit: UnitText, Source: Orders, Aggregate: MostFrequent, Property: "channel",
			Description: "Channel of most purchase orders; ties go to the first in alphabetical order.", Says: "buy mostly through the channel %s",
		},
		{
			Name: "lines", Label: "Order lines", Unit: UnitCount, Source: Orders, Aggregate: Sum, Property: "lines",
			Description: "Number of lines of purchase orders.", Says: "have bought on %s order lines",
		},
		{
			Name: "coupon_orders", Label: "Orders with a coupon", Unit: UnitCount, Source: Orders, Aggregate: Count, Where: &Condition{Trait: "coupon", Op: IsSet},
			Description: "Number of purchase orders with a coupon.", Says: "have used a coupon on %s orders",
		},
		{
			Name: "coupon_share", Label: "Share of orders with a coupon", Unit: UnitShare, Aggregate: Ratio, Of: "coupon_orders", By: "orders",
			Description: "Purchase orders with a coupon divided by purchase orders.", Says: "use a coupon on %s of their orders",
		},
		{
			Name: "spend_trend", Label: "Spend trend", Unit: UnitShare, Source: Orders, Aggregate: Trend, Property: "amount", WindowDays: 90,
			Description: "Spend of the last 90 days against the 90 days before: (recent - before) / (recent + before), from -1 to 1; unset without spend in 180 days.",
			Says:        "have a spend trend of %s",
		},
	}
}

func dayTraits() []Trait {
	return []Trait{
		{
			Name: "purchase_days", Label: "Purchase days", Unit: UnitCount, Source: CustomerDays, Aggregate: Count,
			Description: "Number of different days with a purchase order.", Says: "have bought on %s days",
		},
		{
			Name: "repeat_days", Label: "Repeat days", Unit: UnitCount, Source: CustomerDays, Aggregate: Count, Where: flag("first", false),
			Description: "Purchase days after the first; x in the purchase models.", Says: "have come back on %s days",
		},
		{
			Name: "first_day_spend", Label: "First day's spend", Unit: UnitMoney, Source: CustomerDays, Aggregate: Sum, Property: "amount", Where: flag("first", true),
			Description: "Sum of purchase orders on the first purchase day.", Says: "spent %s on their first day",
		},
		{
			Name: "repeat_day_spend", Label: "Spend on repeat days", Unit: UnitMoney, Source: CustomerDays, Aggregate: Sum, Property: "amount", Where: flag("first", false),
			Description: "Sum of purchase orders after the first purchase day.", Says: "have spent %s after their first day",
		},
		{
			Name: "repeat_day_spend_mean", Label: "Mean spend per repeat day", Unit: UnitMoney, Source: CustomerDays, Aggregate: Avg, Property: "amount", Where: flag("first", false),
			Description: "Mean over repeat days of the day's spend, the first day excluded, rounded to the minor unit; 0 without repeat days. The exact mean is repeat_day_spend / repeat_days.",
			Says:        "spend %s per repeat day on average",
		},
		{
			Name: "avg_days_between_orders", Label: "Days between orders", Unit: UnitDays, Source: CustomerDays, Aggregate: Gap,
			Description: "Mean number of days between consecutive purchase days; unset with fewer than two.", Says: "order every %s days on average",
		},
	}
}

func lineTraits() []Trait {
	return []Trait{
		{
			Name: "distinct_products", Label: "Different products", Unit: UnitCount, Source: Lines, Aggregate: Distinct, Property: "product",
			Description: "Number of different products bought.", Says: "have bought %s different products",
		},
		{
			Name: "favourite_product", Label: "Favourite product", Unit: UnitText, Source: Lines, Aggregate: MostFrequent, Property: "product",
			Description: "Product on most purchase lines, by name where it has one; ties go to the product seen first in the data.", Says: "buy mostly the product %s",
		},
		{
			Name: "favourite_category", Label: "Favourite category", Unit: UnitText, Source: Lines, Aggregate: MostFrequent, Property: "category",
			Description: "Category on most purchase lines; ties go to the first in alphabetical order.", Says: "buy mostly from the category %s",
		},
		{
			Name: "first_category", Label: "First category", Unit: UnitText, Source: Lines, Aggregate: First, Property: "category",
			Description: "Category of the first purchase line; of several at one instant, of the product seen first in the data.", Says: "started with the category %s",
		},
	}
}

func deliveryAndRefundTraits() []Trait {
	return []Trait{
		{
			Name: "deliveries", Label: "Deliveries", Unit: UnitCount, Source: Orders, Aggregate: Count, Where: &Condition{Trait: "late", Op: IsSet},
			Description: "Purchase orders whose promised and delivered days are both known and not after as_of.", Says: "have received %s deliveries",
		},
		{
			Name: "late_deliveries", Label: "Late deliveries", Unit: UnitCount, Source: Orders, Aggregate: Count, Where: flag("late", true),
			Description: "Deliveries that came after the promised day.", Says: "have received %s late deliveries",
		},
		{
			Name: "last_delivery_late", Label: "Last delivery late", Unit: UnitFlag, Source: Orders, Aggregate: Last, Property: "late", Where: &Condition{Trait: "late", Op: IsSet},
			Description: "Whether the latest order with a known delivery came late; unset without one.", Says: "had a late last delivery",
		},
		{
			Name: "refunds", Label: "Refunds", Unit: UnitMoney, Source: Refunds, Aggregate: Sum, Property: "amount",
			Description: "Sum of refunds.", Says: "were refunded %s",
		},
		{
			Name: "refund_orders", Label: "Refunded orders", Unit: UnitCount, Source: Refunds, Aggregate: Count,
			Description: "Number of refunds, one for each order and day on which money of it went back.", Says: "have had %s refunds",
		},
		{
			Name: "refund_rate", Label: "Refund rate", Unit: UnitShare, Aggregate: Ratio, Of: "refunds", By: "spend",
			Description: "Refunds divided by spend; unset where spend is zero.", Says: "had %s of their spend refunded",
		},
	}
}

func flag(property string, value bool) *Condition {
	return &Condition{Trait: property, Op: Eq, Value: value}
}

// StateSchema is the schema of the table customer_state, over which segments are conditions: the
// built-in traits, then what scoring adds.
func StateSchema() Schema {
	s := Schema{}
	for _, t := range BuiltIn() {
		s = append(s, t.Column())
	}
	return append(s, scoreColumns()...)
}

func scoreColumns() Schema {
	return Schema{
		{Name: "r", Type: TypeInt, Unit: UnitNumber, Label: "Recency score", Says: "have a recency score of %s"},
		{Name: "f", Type: TypeInt, Unit: UnitNumber, Label: "Frequency score", Says: "have a frequency score of %s"},
		{Name: "m", Type: TypeInt, Unit: UnitNumber, Label: "Money score", Says: "have a money score of %s"},
		{Name: "rfm_group", Type: TypeText, Unit: UnitText, Label: "RFM group", Says: "are in the RFM group %s"},
		{Name: "rfm_group_before", Type: TypeText, Unit: UnitText, Label: "RFM group 90 days earlier", Says: "were, 90 days earlier, in the RFM group %s"},
		{Name: "lifecycle", Type: TypeText, Unit: UnitText, Label: "Lifecycle", Says: "are in the lifecycle stage %s"},
		{Name: "p_alive", Type: TypeNumber, Unit: UnitShare, Nullable: true, Label: "Chance of being active", Says: "are still active with a chance of %s"},
		{Name: "p_no_order_90d", Type: TypeNumber, Unit: UnitShare, Nullable: true, Label: "Chance of no order in 90 days", Says: "will not order within 90 days with a chance of %s"},
		{Name: "expected_orders_12m", Type: TypeNumber, Unit: UnitNumber, Nullable: true, Label: "Expected orders in 12 months", Says: "are expected to place %s orders in 12 months"},
		{Name: "expected_value_minor", Type: TypeMoney, Unit: UnitMoney, Nullable: true, Label: "Expected value in 12 months", Says: "are expected to spend %s in 12 months"},
		{Name: "churn_risk", Type: TypeNumber, Unit: UnitShare, Nullable: true, Label: "Chance of leaving", Says: "will leave with a chance of %s"},
		{Name: "churn_band", Type: TypeText, Unit: UnitText, Label: "Risk of leaving", Says: "have a risk of leaving that is %s"},
		{Name: "churn_reason", Type: TypeText, Unit: UnitText, Label: "First reason to leave", Says: "have as their first reason to leave %s"},
		{Name: "value_at_risk_minor", Type: TypeMoney, Unit: UnitMoney, Nullable: true, Label: "Value at risk", Says: "have %s of expected value at risk"},
	}
}
