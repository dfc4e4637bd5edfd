package query

var cohortColumns = []Column{
	{Name: "cohort", Type: TypeInt}, // months since 1970-01 of the first order
	{Name: "key", Type: TypeText},   // the split's value; '' without a split
	{Name: "index", Type: TypeInt},  // calendar months since the cohort's
	{Name: "active", Type: TypeBig, Unit: UnitCount},
	{Name: "revenue", Type: TypeMoney, Unit: UnitMoney},
}

// Plan follows each cohort through the calendar months; months without an order have no row, and
// rows are ordered by cohort, key and index. The active customers of index 0 are the cohort's size.
func (q Cohorts) Plan() (*Plan, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	p := &Plan{Columns: cohortColumns}
	byCategory := q.By == SplitCategory || q.Category != ""
	if byCategory {
		p.add("start", "the first product category of each customer", from("order_line", "product"), func(w *writer) string { return q.categorySQL(w) })
	}
	p.add("first_order", "the day (and market) of each customer's first order", from("orders"), func(w *writer) string {
		key := "''"
		if q.By == SplitMarket {
			key = "coalesce(" + w.d.FirstBy("s.market", "s.at_us", "s.order_key", "s.market <> ''") + ", '')"
		}
		return "SELECT s.customer_key, min(s.day) AS day, " + key + " AS market " + w.purchases(q.AsOf, q.Market) + " GROUP BY s.customer_key"
	})
	p.add("active", "what each customer bought in each month", from("orders"), func(w *writer) string {
		return "SELECT s.customer_key, " + w.d.MonthIndex("s.day") + " AS month, sum(s.base_minor)::BIGINT AS revenue " +
			w.purchases(q.AsOf, q.Market) + " GROUP BY s.customer_key, month"
	})
	reads := from("first_order", "active")
	if byCategory {
		reads = append(reads, "start")
	}
	p.add(answer, "add the customers up by cohort and month", reads, func(w *writer) string {
		key, join := "f.market", ""
		if byCategory {
			join = " LEFT JOIN start c ON c.customer_key = a.customer_key"
		}
		if q.By == SplitCategory {
			key = "coalesce(c.category, '')"
		}
		cohort := w.d.MonthIndex("f.day")
		sql := "SELECT " + list(as(w.cast(cohort, TypeInt), "cohort"), as(key, "key"), as(w.cast("a.month - "+cohort, TypeInt), "index"),
			as(w.cast("count(*)", TypeBig), "active"), as(w.cast("sum(a.revenue)", TypeMoney), "revenue")) +
			" FROM active a JOIN first_order f ON f.customer_key = a.customer_key" + join
		if q.Category != "" {
			sql += " WHERE c.category = " + w.arg(q.Category)
		}
		return sql + " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
	})
	return p, nil
}

// categorySQL is the category of the first purchase line that has one (the trait first_category).
func (q Cohorts) categorySQL(w *writer) string {
	where := " WHERE s.kind = 1 AND s.day <= " + num(q.AsOf)
	table := "line"
	if q.Market != "" {
		table = "order_line" // a line knows its market through its order
		where += " AND s.market = " + w.arg(q.Market)
	}
	return "SELECT s.customer_key, " + w.d.FirstBy("p.category", "s.at_us", "s.product_key", "p.category <> ''") + " AS category " +
		"FROM " + table + " s JOIN product p ON p.key = s.product_key" + where + " GROUP BY s.customer_key"
}
