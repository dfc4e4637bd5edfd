package insight

import "github.com/dangol/dangol/internal/query"

// Definition says what a figure means. docs/look-up/metrics.md lists the same; a test compares them.
type Definition struct {
	Name    string `json:"name"`
	Kind    string `json:"kind" enum:"kpi,rfm,cohort,trait,expectation"`
	Label   string `json:"label"`
	Formula string `json:"formula"`
	Unit    string `json:"unit"`
	Source  string `json:"source"`
}

// Definitions lists what every figure means: the KPIs, RFM, cohorts, expectations, then the traits.
func Definitions() []Definition {
	out := append([]Definition{}, definitions...)
	for _, t := range query.BuiltIn() {
		source := string(t.Source)
		if t.Aggregate == query.Ratio {
			source = t.Of + " / " + t.By
		}
		out = append(out, Definition{Name: t.Name, Kind: "trait", Label: t.Label, Formula: t.Description, Unit: string(t.Unit), Source: source})
	}
	return out
}

const (
	bought   = "purchase orders"
	returned = "refunds"
)

var definitions = []Definition{
	{"customers", "kpi", "Active customers", "Customers with at least one purchase order in the period.", "count", bought},
	{"orders", "kpi", "Orders", "Purchase orders in the period. An order that is refunded later stays an order.", "count", bought},
	{"revenue", "kpi", "Revenue", "Sum of the purchase orders in the period, before refunds, in the workspace's currency.", "money", bought},
	{"refunds", "kpi", "Refunds", "Sum of the refunds dated in the period, whenever the order was placed.", "money", returned},
	{"net_revenue", "kpi", "Net revenue", "revenue - refunds.", "money", bought + ", " + returned},
	{"average_order_value", "kpi", "Average order value", "revenue / orders, rounded to the minor unit.", "money", bought},
	{"purchase_frequency", "kpi", "Purchase frequency", "orders / customers of the period.", "orders per customer", bought},
	{"repeat_purchase_rate", "kpi", "Repeat purchase rate", "Customers with two or more orders in the period / customers of the period.", "share", bought},
	{"new_customers", "kpi", "New customers", "Customers whose first order ever lies in the period.", "count", bought},
	{"returning_customers", "kpi", "Returning customers", "customers - new_customers: active in the period, first order before it.", "count", bought},
	{"retained_customers", "kpi", "Retained customers", "Customers active in the period and in the period of equal length right before it.", "count", bought},
	{"lost_customers", "kpi", "Lost customers", "Customers active in the period before and not in this one. They may come back.", "count", bought},
	{"retention_rate", "kpi", "Retention rate", "retained_customers / customers active in the period before; null where that period does not lie in the data.", "share", bought},
	{"churn_rate", "kpi", "Churn rate", "1 - retention_rate.", "share", bought},
	{"items_per_order", "kpi", "Items per order", "Sum of quantities / orders.", "items per order", bought},
	{"median_days_between_orders", "kpi", "Days between orders", "Median number of days between consecutive purchase days of a customer, the later in the period.", "days", bought},
	{"one_time_share", "kpi", "One-time buyers", "Of all customers who had ever bought by the period's end, the share with exactly one order.", "share", bought},
	{"recency", "rfm", "Recency", "Days from the last purchase order to as_of.", "days", bought},
	{"frequency", "rfm", "Frequency", "Number of purchase orders up to as_of.", "count", bought},
	{"monetary", "rfm", "Money", "Sum of purchase orders up to as_of, before refunds.", "money", bought},
	{"rfm_score", "rfm", "RFM score", query.MethodRFM, "1 to 5", bought},
	{"cohort", "cohort", "Cohort", "Customers whose first purchase order fell in the same calendar month.", "count", bought},
	{"cohort_retention", "cohort", "Cohort retention", "Customers of the cohort with an order in the n-th calendar month after the first / size of the cohort.", "share", bought},
	{"cohort_revenue", "cohort", "Cohort revenue", "Sum of the cohort's purchase orders in that month, before refunds.", "money", bought},
	{"cumulative_value_per_customer", "cohort", "Cumulative value", "Sum of the cohort's purchase orders up to and including that month / size of the cohort.", "money", bought},
	{"p_alive", "expectation", "Chance of being active", "Probability, by the fitted purchase model, that the customer will ever order again.", "share", "purchase days"},
	{"p_no_order_90d", "expectation", "Chance of no order in 90 days", "Probability of no purchase day in the 90 days after as_of.", "share", "purchase days"},
	{"expected_orders_12m", "expectation", "Expected orders", "Expected number of purchase days in the 12 months after as_of.", "count", "purchase days"},
	{"expected_value_12m", "expectation", "Expected value", "Expected spend in the 12 months after as_of, discounted, by purchase model and spend model.", "money", "purchase days"},
	{"base_alive", "expectation", "Base alive", "Mean of p_alive over all customers.", "share", "purchase days"},
}
