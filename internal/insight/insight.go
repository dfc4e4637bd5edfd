package insight

import (
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/market"
)

// Figures are the KPIs of a span of days; docs/look-up/metrics.md defines each.
type Figures struct {
	From              day.Day      `json:"from" format:"date"`
	To                day.Day      `json:"to" format:"date"`
	Customers         int64        `json:"customers"`
	Orders            int64        `json:"orders"`
	Revenue           market.Money `json:"revenue" doc:"purchases, before refunds"`
	Refunds           market.Money `json:"refunds"`
	NetRevenue        market.Money `json:"net_revenue"`
	AverageOrderValue market.Money `json:"average_order_value"`
	PurchaseFrequency float64      `json:"purchase_frequency" doc:"orders per customer"`
	RepeatPurchase    float64      `json:"repeat_purchase_rate"`
	NewCustomers      int64        `json:"new_customers"`
	Returning         int64        `json:"returning_customers"`
	Retained          int64        `json:"retained_customers"`
	LostCustomers     int64        `json:"lost_customers"`
	RetentionRate     *float64     `json:"retention_rate" doc:"null where the period before does not lie in the data"`
	ChurnRate         *float64     `json:"churn_rate" doc:"1 - retention_rate"`
	ItemsPerOrder     float64      `json:"items_per_order"`
	MedianGap         *float64     `json:"median_days_between_orders"`
	OneTimeShare      float64      `json:"one_time_share"`
}

// Point is one step of a series.
type Point struct {
	Start             day.Day      `json:"start" format:"date"`
	Partial           bool         `json:"partial" doc:"the period or the data hold only a part of this step"`
	Customers         int64        `json:"customers"`
	Orders            int64        `json:"orders"`
	Revenue           market.Money `json:"revenue"`
	Refunds           market.Money `json:"refunds"`
	NetRevenue        market.Money `json:"net_revenue"`
	NewCustomers      int64        `json:"new_customers"`
	Retained          int64        `json:"retained_customers"`
	RetentionRate     *float64     `json:"retention_rate"`
	AverageOrderValue market.Money `json:"average_order_value"`
	RepeatPurchase    float64      `json:"repeat_purchase_rate"`
}

// KPI is the figures of a period, of the one before it, and their course.
type KPI struct {
	AsOf   day.Day `json:"as_of" format:"date"`
	Market string  `json:"market"`
	Figures
	Previous *Figures `json:"previous" doc:"null where the period before does not lie in the data"`
	Series   []Point  `json:"series"`
	Bucket   string   `json:"bucket" enum:"day,week,month"`
}

// Overview is the first screen.
type Overview struct {
	AsOf          day.Day       `json:"as_of" format:"date"`
	AsOfNote      string        `json:"as_of_note"`
	Market        string        `json:"market"`
	From          day.Day       `json:"from" format:"date"`
	To            day.Day       `json:"to" format:"date"`
	KPI           KPI           `json:"kpi"`
	AnalysedAsOf  *day.Day      `json:"analysed_as_of" format:"date" doc:"day of the analysis from which the findings and what is expected are; null for none"`
	AnalysisStale bool          `json:"analysis_stale" doc:"orders came in since that analysis, or it is of an earlier day"`
	ExpectedValue *market.Money `json:"expected_value_12m" doc:"null where no analysis supports it"`
	BaseAlive     *float64      `json:"base_alive" doc:"expected share of customers who will order again"`
	Findings      []Finding     `json:"findings"`
}

// Cell is one square of the RFM grid.
type Cell struct {
	R          int          `json:"r"`
	F          int          `json:"f"`
	Customers  int64        `json:"customers"`
	Spend      market.Money `json:"spend"`
	AvgRecency float64      `json:"avg_recency_days"`
	AvgOrders  float64      `json:"avg_orders"`
}

// GroupRow is one RFM group.
type GroupRow struct {
	Group         string        `json:"group"`
	Customers     int64         `json:"customers"`
	Share         float64       `json:"share"`
	Spend         market.Money  `json:"spend"`
	SpendShare    float64       `json:"spend_share"`
	AvgRecency    float64       `json:"avg_recency_days"`
	AvgOrders     float64       `json:"avg_orders"`
	ExpectedValue *market.Money `json:"expected_value"`
}

// Flow is how many customers moved from one group to another.
type Flow struct {
	From      string `json:"from"`
	To        string `json:"to"`
	Customers int64  `json:"customers"`
}

// Movement is the flows between two days.
type Movement struct {
	From  day.Day `json:"from_as_of" format:"date"`
	To    day.Day `json:"to_as_of" format:"date"`
	Flows []Flow  `json:"flows"`
}

// Breaks are what it takes to reach the scores 2, 3, 4 and 5: at most so many days, at least so many
// orders, at least so much money.
type Breaks struct {
	Recency []int64        `json:"recency_days"`
	Orders  []int64        `json:"orders"`
	Spend   []market.Money `json:"spend"`
}

// RFM is the report on recency, frequency and money.
type RFM struct {
	AsOf     day.Day    `json:"as_of" format:"date"`
	Method   string     `json:"method"`
	Scores   int        `json:"scores"`
	Cells    []Cell     `json:"cells"`
	Groups   []GroupRow `json:"groups"`
	Movement Movement   `json:"movement"`
	Breaks   Breaks     `json:"breaks"`
}

// CohortPeriod is one month in a cohort's life.
type CohortPeriod struct {
	Index      int          `json:"index" doc:"calendar months since the first order's"`
	Active     int64        `json:"active"`
	Retention  float64      `json:"retention"`
	Revenue    market.Money `json:"revenue" doc:"purchases of that month, before refunds"`
	Cumulative market.Money `json:"cumulative_value_per_customer"`
	Partial    bool         `json:"partial,omitempty" doc:"as_of lies inside this month"`
}

// Cohort is everyone whose first order fell in one month.
type Cohort struct {
	Start   day.Day        `json:"start" format:"date"`
	Label   string         `json:"label"`
	Size    int64          `json:"size"`
	Periods []CohortPeriod `json:"periods"`
}

// CohortGroup is all cohorts of one market or category taken together; each period counts only
// cohorts old enough to have lived through it.
type CohortGroup struct {
	Key     string         `json:"key"`
	Size    int64          `json:"size"`
	Periods []CohortPeriod `json:"periods"`
}

// Cohorts is the report on cohorts.
type Cohorts struct {
	AsOf       day.Day       `json:"as_of" format:"date"`
	Unit       string        `json:"unit"`
	By         string        `json:"by"`
	Categories []string      `json:"categories"`
	Markets    []string      `json:"markets"`
	Cohorts    []Cohort      `json:"cohorts"`
	Groups     []CohortGroup `json:"groups,omitempty"`
}
