package cli

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/dangol/dangol/internal/market"
)

type kpiFigures struct {
	From               string        `json:"from"`
	To                 string        `json:"to"`
	Customers          int64         `json:"customers"`
	Orders             int64         `json:"orders"`
	Revenue            market.Money  `json:"revenue"`
	Refunds            market.Money  `json:"refunds"`
	NetRevenue         market.Money  `json:"net_revenue"`
	AverageOrderValue  *market.Money `json:"average_order_value"`
	PurchaseFrequency  *float64      `json:"purchase_frequency"`
	RepeatPurchaseRate *float64      `json:"repeat_purchase_rate"`
	NewCustomers       int64         `json:"new_customers"`
	ReturningCustomers int64         `json:"returning_customers"`
	RetainedCustomers  *int64        `json:"retained_customers"`
	LostCustomers      *int64        `json:"lost_customers"`
	RetentionRate      *float64      `json:"retention_rate"`
	ChurnRate          *float64      `json:"churn_rate"`
	ItemsPerOrder      *float64      `json:"items_per_order"`
	MedianDaysBetween  *float64      `json:"median_days_between_orders"`
	OneTimeShare       *float64      `json:"one_time_share"`
}

// known drops a figure that compares with a period of which there are no data.
func (f *kpiFigures) known(n *int64) *int64 {
	if f.RetentionRate == nil {
		return nil
	}
	return n
}

type kpiView struct {
	kpiFigures
	Market   string      `json:"market"`
	Previous *kpiFigures `json:"previous"`
	Bucket   string      `json:"bucket"`
	Series   []struct {
		Start        string       `json:"start"`
		Customers    int64        `json:"customers"`
		Orders       int64        `json:"orders"`
		NewCustomers int64        `json:"new_customers"`
		Revenue      market.Money `json:"revenue"`
		Repeat       *float64     `json:"repeat_purchase_rate"`
	} `json:"series"`
}

// kpi is one figure: its name for people and for scripts, and how to take it and write it.
type kpi struct {
	title, name string
	value       func(*kpiFigures) *float64
	form        func(*kpiFigures) string
}

func (e *env) kpis() []kpi {
	lang := e.language()
	whole := func(title, name string, take func(*kpiFigures) *int64) kpi {
		return kpi{title, name, func(f *kpiFigures) *float64 {
			if v := take(f); v != nil {
				x := float64(*v)
				return &x
			}
			return nil
		}, func(f *kpiFigures) string { return market.FormatNumber(*take(f)) }}
	}
	money := func(title, name string, take func(*kpiFigures) *market.Money) kpi {
		return kpi{title, name, func(f *kpiFigures) *float64 {
			if v := take(f); v != nil {
				x := v.Float()
				return &x
			}
			return nil
		}, func(f *kpiFigures) string { return take(f).Format(lang) }}
	}
	ratio := func(title, name string, form func(float64) string, take func(*kpiFigures) *float64) kpi {
		return kpi{title, name, take, func(f *kpiFigures) string { return form(*take(f)) }}
	}
	return []kpi{
		whole("active customers", "customers", func(f *kpiFigures) *int64 { return &f.Customers }),
		whole("  new", "new_customers", func(f *kpiFigures) *int64 { return &f.NewCustomers }),
		whole("  returning", "returning_customers", func(f *kpiFigures) *int64 { return &f.ReturningCustomers }),
		whole("retained from the period before", "retained_customers", func(f *kpiFigures) *int64 { return f.known(f.RetainedCustomers) }),
		whole("lost since the period before", "lost_customers", func(f *kpiFigures) *int64 { return f.known(f.LostCustomers) }),
		ratio("retention rate", "retention_rate", percent, func(f *kpiFigures) *float64 { return f.RetentionRate }),
		ratio("churn rate", "churn_rate", percent, func(f *kpiFigures) *float64 { return f.ChurnRate }),
		whole("orders", "orders", func(f *kpiFigures) *int64 { return &f.Orders }),
		money("revenue", "revenue", func(f *kpiFigures) *market.Money { return &f.Revenue }),
		money("refunds", "refunds", func(f *kpiFigures) *market.Money { return &f.Refunds }),
		money("net revenue", "net_revenue", func(f *kpiFigures) *market.Money { return &f.NetRevenue }),
		money("average order value", "average_order_value", func(f *kpiFigures) *market.Money { return f.AverageOrderValue }),
		ratio("orders per customer", "purchase_frequency", short, func(f *kpiFigures) *float64 { return f.PurchaseFrequency }),
		ratio("repeat purchase rate", "repeat_purchase_rate", percent, func(f *kpiFigures) *float64 { return f.RepeatPurchaseRate }),
		ratio("one-time buyers", "one_time_share", percent, func(f *kpiFigures) *float64 { return f.OneTimeShare }),
		ratio("items per order", "items_per_order", short, func(f *kpiFigures) *float64 { return f.ItemsPerOrder }),
		ratio("median days between orders", "median_days_between_orders", short, func(f *kpiFigures) *float64 { return f.MedianDaysBetween }),
	}
}

func (e *env) reportKPI() *cobra.Command {
	var p period
	var bucket string
	c := &cobra.Command{Use: "kpi", Short: "Key figures of a period, beside the period before"}
	p.flags(c, true)
	c.Flags().StringVar(&bucket, "bucket", "", "step of the series: day, week or month")
	return report(e, c, nil, func() (string, url.Values) { return "/v1/kpi", p.query("bucket", bucket) }, e.kpiRows, e.printKPI)
}

func (e *env) kpiRows(v *kpiView) [][]string {
	rows := [][]string{{"figure", "value", "previous", "currency"}}
	for _, k := range e.kpis() {
		row := []string{k.name, exact(k.value(&v.kpiFigures)), "", ""}
		if v.Previous != nil {
			row[2] = exact(k.value(v.Previous))
		}
		switch k.name {
		case "revenue", "refunds", "net_revenue", "average_order_value":
			row[3] = v.Revenue.Currency
		}
		rows = append(rows, row)
	}
	return rows
}

func exact(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'f', -1, 64)
}

func (e *env) printKPI(v *kpiView) {
	head := []cell{left(v.From + " to " + v.To), right("value")}
	if v.Previous != nil {
		head = append(head, right(v.Previous.From+" to "+v.Previous.To), right("change"))
	}
	var rows [][]cell
	for _, k := range e.kpis() {
		row := []cell{left(k.title), right("–")}
		now := k.value(&v.kpiFigures)
		if now != nil {
			row[1] = right(k.form(&v.kpiFigures))
		}
		if v.Previous != nil {
			before := k.value(v.Previous)
			row = append(row, right("–"), right(""))
			if before != nil {
				row[2] = right(k.form(v.Previous))
				if now != nil && *before != 0 {
					row[3] = right(fmt.Sprintf("%+.1f%%", 100*(*now / *before - 1)))
				}
			}
		}
		rows = append(rows, row)
	}
	e.table(head, rows)
	if len(v.Series) > 1 {
		var revenue, active []float64
		for _, s := range v.Series {
			revenue = append(revenue, s.Revenue.Float())
			active = append(active, float64(s.Customers))
		}
		e.print("\nrevenue per %s    %s", v.Bucket, spark(revenue))
		e.print("customers per %s  %s", v.Bucket, spark(active))
	}
	e.print("\n%s", e.kpiSentence(v))
}

func (e *env) kpiSentence(v *kpiView) string {
	s := fmt.Sprintf("%s made %s worth %s", counted(v.Customers, "customer"), counted(v.Orders, "order"), v.Revenue.Format(e.language()))
	if v.RepeatPurchaseRate != nil {
		s += fmt.Sprintf("; %s of them ordered more than once", percent(*v.RepeatPurchaseRate))
	}
	return s + "."
}
