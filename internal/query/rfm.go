package query

import (
	"strings"

	"github.com/dangol/dangol/internal/kit/day"
)

// MethodRFM states how the scores are made; it is shown with every RFM report.
const MethodRFM = "Each score is a quintile: 1 + floor(5 x share of customers who are strictly worse). " +
	"Customers with equal values therefore always share a score, and a value shared by many may leave a score empty. " +
	"R ranks days since the last order (fewer is better), F the number of orders, M the money spent before refunds. " +
	"The group follows from R and from the mean of F and M, halves rounded up."

// Group is the name of an RFM group.
type Group string

// The groups, from best to worst.
const (
	Champions     Group = "champions"
	Loyal         Group = "loyal"
	Potential     Group = "potential"
	New           Group = "new"
	Promising     Group = "promising"
	NeedAttention Group = "need_attention"
	AboutToSleep  Group = "about_to_sleep"
	AtRisk        Group = "at_risk"
	CannotLose    Group = "cannot_lose"
	Hibernating   Group = "hibernating"
	Lost          Group = "lost"
)

// GroupNone stands for "not yet a customer" in movements.
const GroupNone Group = "none"

// Groups lists the groups in their fixed order.
func Groups() []Group {
	return []Group{Champions, Loyal, Potential, New, Promising, NeedAttention, AboutToSleep, AtRisk, CannotLose, Hibernating, Lost}
}

// groupTable is indexed by R-1 and by FM-1, FM being the mean of F and M with halves rounded up.
var groupTable = [5][5]Group{
	{Lost, Lost, AtRisk, CannotLose, CannotLose},
	{Hibernating, Hibernating, AtRisk, AtRisk, AtRisk},
	{AboutToSleep, AboutToSleep, NeedAttention, Loyal, Loyal},
	{Promising, Promising, Potential, Loyal, Champions},
	{New, New, Potential, Champions, Champions},
}

// GroupOf names the group of three scores from 1 to 5; scores outside are taken as the nearest.
func GroupOf(r, f, m int) Group {
	clamp := func(s int) int { return min(max(s, 1), 5) }
	fm := (clamp(f) + clamp(m) + 1) / 2
	return groupTable[clamp(r)-1][fm-1]
}

var rfmColumns = []Column{
	{Name: "customer_key", Type: TypeKey},
	{Name: "recency_days", Type: TypeInt, Unit: UnitDays},
	{Name: "orders", Type: TypeInt, Unit: UnitCount},
	{Name: "spend", Type: TypeMoney, Unit: UnitMoney},
	{Name: "r", Type: TypeInt},
	{Name: "f", Type: TypeInt},
	{Name: "m", Type: TypeInt},
	{Name: "rfm_group", Type: TypeText},
}

// Plan scores each customer; rows are ordered by customer key.
func (q RFM) Plan() (*Plan, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	p := &Plan{Columns: rfmColumns}
	scored := addScores(p, "", q.AsOf, q.Market)
	p.add(answer, "list the customers", from(scored), func(w *writer) string {
		return "SELECT " + strings.Join(castAll(w, rfmColumns), ", ") + " FROM " + scored + " ORDER BY 1"
	})
	return p, nil
}

var cellColumns = []Column{
	{Name: "r", Type: TypeInt},
	{Name: "f", Type: TypeInt},
	{Name: "m", Type: TypeInt},
	{Name: "rfm_group", Type: TypeText},
	{Name: "customers", Type: TypeBig},
	{Name: "spend", Type: TypeMoney},
	{Name: "recency_sum", Type: TypeBig},
	{Name: "orders_sum", Type: TypeBig},
	{Name: "recency_most", Type: TypeInt},
	{Name: "orders_least", Type: TypeInt},
	{Name: "spend_least", Type: TypeMoney},
}

// Plan scores each customer and adds them up by (r, f, m); rows are ordered by these.
func (q RFMCells) Plan() (*Plan, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	p := &Plan{Columns: cellColumns}
	scored := addScores(p, "", q.AsOf, q.Market)
	p.add(answer, "add the customers up by score", from(scored), func(w *writer) string {
		sums := []string{"r", "f", "m", "min(rfm_group)", "count(*)", "sum(spend)", "sum(recency_days)", "sum(orders)", "max(recency_days)", "min(orders)", "min(spend)"}
		for i, c := range cellColumns {
			sums[i] = as(w.cast(sums[i], c.Type), c.Name)
		}
		return "SELECT " + strings.Join(sums, ", ") + " FROM " + scored + " t GROUP BY t.r, t.f, t.m ORDER BY 1, 2, 3"
	})
	return p, nil
}

var movementColumns = []Column{{Name: "from_group", Type: TypeText}, {Name: "to_group", Type: TypeText}, {Name: "customers", Type: TypeBig}}

// Plan scores at both days and counts the moves, ordered by the names of the groups.
func (q RFMMovement) Plan() (*Plan, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	p := &Plan{Columns: movementColumns}
	now := addScores(p, "now_", q.To, q.Market)
	then := addScores(p, "then_", q.From, q.Market)
	p.add(answer, "count the moves between groups", from(now, then), func(w *writer) string {
		before := "coalesce(b.rfm_group, '" + string(GroupNone) + "')"
		return "SELECT " + list(as(before, "from_group"), as("a.rfm_group", "to_group"), as(w.cast("count(*)", TypeBig), "customers")) +
			" FROM " + now + " a LEFT JOIN " + then + " b ON b.customer_key = a.customer_key GROUP BY 1, 2 ORDER BY 1, 2"
	})
	return p, nil
}

func castAll(w *writer, columns []Column) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = as(w.cast(c.Name, c.Type), c.Name)
	}
	return out
}

// addScores adds the steps that score customers on a day, and returns the name of the result. A score
// is looked up by value, so that equal values cannot part; only distinct values are sorted.
func addScores(p *Plan, prefix string, asOf day.Day, market string) string {
	base := prefix + "base"
	p.add(base, "recency, orders and spend of each customer", from("orders"), func(w *writer) string {
		return "SELECT s.customer_key, " + num(asOf) + " - max(s.day) AS recency_days, count(*) AS orders, sum(s.base_minor)::BIGINT AS spend " +
			w.purchases(asOf, market) + " GROUP BY s.customer_key"
	})
	score := func(name, value, worstFirst string) {
		p.add(prefix+name, "the score of each value of "+value, from(base), func(w *writer) string {
			worse := "5 * (sum(c) OVER (ORDER BY v " + worstFirst + ") - c)::BIGINT"
			return "SELECT v, 1 + " + w.d.IntDiv(worse, "(sum(c) OVER ())::BIGINT") + " AS score FROM (SELECT " + value + " AS v, count(*) AS c FROM " + base + " t GROUP BY 1) t"
		})
	}
	score("r_score", "recency_days", "DESC")
	score("f_score", "orders", "ASC")
	score("m_score", "spend", "ASC")
	scored := prefix + "scored"
	p.add(scored, "scores and group of each customer", from(base, prefix+"r_score", prefix+"f_score", prefix+"m_score"), func(w *writer) string {
		return "SELECT t.*, " + groupSQL(w.d) + " AS rfm_group FROM (SELECT b.*, r.score AS r, f.score AS f, m.score AS m FROM " + base + " b JOIN " +
			prefix + "r_score r ON r.v = b.recency_days JOIN " + prefix + "f_score f ON f.v = b.orders JOIN " + prefix + "m_score m ON m.v = b.spend) t"
	})
	return scored
}

// groupSQL names the group of columns r, f, m by groupTable.
func groupSQL(d Dialect) string {
	var b strings.Builder
	b.WriteString("CASE t.r * 10 + " + d.IntDiv("t.f + t.m + 1", "2"))
	for r, row := range groupTable {
		for fm, g := range row {
			b.WriteString(" WHEN " + num((r+1)*10+fm+1) + " THEN '" + string(g) + "'")
		}
	}
	return b.String() + " END"
}
