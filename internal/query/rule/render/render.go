package render

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dangol/dangol/internal/query/rule"
)

// Ask is a question to an engine.
type Ask struct {
	AsOfUS    int64
	FromUS    int64    // Facts leaves out what happened before
	Customers []uint32 // nil asks for everyone; some thousands at most
	// OneIn asks for one customer in so many, drawn by a hash of her key, which has nothing to do with who she is: a simple random sample. 0
	// and 1 ask for everyone. DuckDB alone draws.
	OneIn int
	// Members names the table (segment VARCHAR, customer_key UINTEGER) of segments by hand; "" is segment_member.
	Members string
}

// Rules gives the SQL that answers rules for people: rows (customer_key, bits0, bits1 ...), where bit i%64 of
// bits(i/64) says that rule i holds. Only people of the table customer with at least one bit are in the answer; it
// has no order. Each table is read once for all rules, but for sequences and "since", which read what they name again.
func Rules(bs []*rule.Bound, q Ask, d Dialect) (sql string, args []any, err error) {
	r := newRenderer(rule.NewSet(bs...), q, d)
	people := r.people()
	words := (r.set.Len() + 63) / 64
	columns := []string{"x.key AS customer_key"}
	var some []string
	for w := range words {
		name := "bits" + strconv.Itoa(w)
		columns = append(columns, name)
		some = append(some, name+" <> 0")
	}
	return r.finish("SELECT " + strings.Join(columns, ", ") + " FROM (SELECT x.key AS key, " + r.words(words) + "\nFROM (" + people + ") x) x WHERE " + strings.Join(some, " OR "))
}

// Count gives the SQL that counts the people of whom a rule holds: one row with one number.
func Count(b *rule.Bound, q Ask, d Dialect) (sql string, args []any, err error) {
	r := newRenderer(b.Set(), q, d)
	people := r.people()
	return r.finish("SELECT count(*) AS people FROM (" + people + ") x WHERE " + r.node(r.set.Roots[0]))
}

// Facts gives the facts of a need up to the instant: rows (customer_key, origin_key, at_us, place, p0, p1 ...), the
// properties as texts, NULL where unset; in no order.
func Facts(n rule.Need, q Ask, d Dialect) (sql string, args []any) {
	r := newRenderer(rule.OfNeed(n), q, d)
	f := r.facts(0)
	place := f.place
	if n.Source == rule.Lines { // identical lines of one order are kept apart
		place = "(" + place + " + (row_number() OVER (PARTITION BY s.customer_key, s.order_key, s.line_hash, s.at_us ORDER BY s.order_key) - 1)::" + r.d.Unsigned() + ")"
	}
	columns := []string{"s.customer_key AS customer_key", "coalesce(s.origin_key, s.customer_key) AS origin_key", "s.at_us AS at_us", place + " AS place"}
	where := append(f.where, "s.at_us <= "+num(q.AsOfUS))
	if q.FromUS != 0 {
		where = append(where, "s.at_us >= "+num(q.FromUS))
	}
	for i, p := range n.Props {
		text := f.text(p)
		if n.Source == rule.Identified {
			given := r.d.JSONGiven("s.props", strings.Split(p, "."))
			where = append(where, given+" IS NOT NULL")
			text = r.d.ScalarText(given)
		}
		columns = append(columns, text+" AS p"+strconv.Itoa(i))
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM " + f.from + " WHERE " + strings.Join(where, " AND ") + r.restriction(" AND ", "s.customer_key") + d.Suffix(), r.args
}

func num[T ~int | ~int32 | ~int64](n T) string { return strconv.FormatInt(int64(n), 10) }

// step is one named part of the SQL.
type step struct {
	name, sql string
}

// renderer makes the SQL of one set.
type renderer struct {
	set   *rule.Set
	needs []rule.Need
	q     Ask
	d     Dialect
	now   rule.Now
	args  []any
	steps []step

	joined []string       // steps with one row a customer, in the order they are joined to the people
	scans  []*scan        // the passes over tables
	exprs  map[int]string // SQL over the joined steps
	exists map[int]string // of selections: whether a fact is there
	leaves map[int]string // columns of tests
	state  bool           // customer_state is read
	hand   []string       // segments by hand
}

func newRenderer(s *rule.Set, q Ask, d Dialect) *renderer {
	if q.Members == "" {
		q.Members = "segment_member"
	}
	return &renderer{set: s, needs: s.Needs(), q: q, d: d, now: rule.At(q.AsOfUS, s.Zone()), exprs: map[int]string{}, exists: map[int]string{}, leaves: map[int]string{}}
}

// arg hands a value over, and gives its placeholder.
func (r *renderer) arg(v any) string {
	for i, a := range r.args {
		if a == v {
			return "$" + strconv.Itoa(i+1)
		}
	}
	r.args = append(r.args, v)
	return "$" + strconv.Itoa(len(r.args))
}

func (r *renderer) step(name, sql string) string {
	r.steps = append(r.steps, step{name, sql})
	return name
}

// joinStep has a step joined to the people.
func (r *renderer) joinStep(name string) {
	if !slices.Contains(r.joined, name) {
		r.joined = append(r.joined, name)
	}
}

func (r *renderer) finish(answer string) (string, []any, error) {
	var b strings.Builder
	for i, s := range r.steps {
		b.WriteString(map[bool]string{true: "WITH ", false: ",\n"}[i == 0])
		b.WriteString(s.name + " AS (" + s.sql + ")")
	}
	if len(r.steps) > 0 {
		b.WriteString("\n")
	}
	b.WriteString(answer)
	b.WriteString(r.d.Suffix())
	return b.String(), r.args, nil
}

// people gives the customers with a column for each test: t3 says whether node 3 holds.
func (r *renderer) people() string {
	used := r.used()
	r.plan(used)
	columns := []string{"c.key AS key"}
	for i, n := range r.set.Nodes {
		if !used[i] || n.Join == rule.JoinAnd || n.Join == rule.JoinOr || n.Join == rule.JoinNot {
			continue
		}
		name := "t" + strconv.Itoa(i)
		columns = append(columns, r.leaf(i, &n)+" AS "+name)
		r.leaves[i] = "x." + name
	}
	sql := "SELECT " + strings.Join(columns, ", ") + " FROM customer c"
	for _, j := range r.joined {
		sql += " " + r.join(j) + " JOIN " + j + " ON " + j + ".customer_key = c.key"
	}
	if r.state {
		sql += " LEFT JOIN customer_state st ON st.customer_key = c.key"
	}
	return sql + r.restriction(" WHERE ", "c.key")
}

// used marks the nodes that the roots reach.
func (r *renderer) used() []bool {
	used := make([]bool, len(r.set.Nodes))
	var mark func(i int)
	mark = func(i int) {
		if used[i] {
			return
		}
		used[i] = true
		for _, a := range r.set.Nodes[i].Args {
			mark(a)
		}
	}
	for _, root := range r.set.Roots {
		if root >= 0 {
			mark(root)
		}
	}
	return used
}

func (r *renderer) restriction(glue, key string) string {
	if r.q.OneIn > 1 {
		return glue + "hash(" + key + ", 20261123) % " + num(r.q.OneIn) + " = 0" // a number of its own: what else hashes keys must not agree
	}
	if r.q.Customers == nil {
		return ""
	}
	if len(r.q.Customers) == 0 {
		return glue + "FALSE"
	}
	keys := make([]string, len(r.q.Customers))
	for i, k := range r.q.Customers {
		keys[i] = strconv.FormatUint(uint64(k), 10)
	}
	return glue + key + " IN (" + strings.Join(keys, ", ") + ")"
}

// node is a predicate over the columns of people, never NULL.
func (r *renderer) node(i int) string {
	n := &r.set.Nodes[i]
	if leaf, ok := r.leaves[i]; ok {
		return leaf
	}
	if n.Join == rule.JoinNot {
		return "NOT " + r.node(n.Args[0])
	}
	if len(n.Args) == 0 { // all of nothing
		return "TRUE"
	}
	glue := " AND "
	if n.Join == rule.JoinOr {
		glue = " OR "
	}
	parts := make([]string, len(n.Args))
	for j, a := range n.Args {
		parts[j] = r.node(a)
	}
	return "(" + strings.Join(parts, glue) + ")"
}

// words packs the rules into unsigned integers.
func (r *renderer) words(n int) string {
	out := make([]string, n)
	for w := range n {
		text := "CASE WHEN FALSE THEN " + r.d.Bit(0) + " ELSE " + r.d.None() + " END"
		for i := w * 64; i < min(r.set.Len(), w*64+64); i++ {
			if r.set.Roots[i] < 0 {
				continue
			}
			bit := "CASE WHEN " + r.node(r.set.Roots[i]) + " THEN " + r.d.Bit(i%64) + " ELSE " + r.d.None() + " END"
			if i == w*64 {
				text = bit
			} else {
				text = r.d.BitOr(text, bit)
			}
		}
		out[w] = text + " AS bits" + strconv.Itoa(w)
	}
	return strings.Join(out, ", ")
}

// leaf is the predicate of a test over the joined steps, never NULL.
func (r *renderer) leaf(i int, n *rule.Node) string {
	switch n.Join {
	case rule.JoinShare:
		switch {
		case n.Below == 0:
			return "FALSE"
		case n.Below >= 1<<32:
			return "TRUE"
		}
		hash := "substr(" + r.d.MD5(r.arg(n.Salt+":")+" || c.key::VARCHAR") + ", 1, 8)"
		return hash + " < '" + hex8(n.Below) + "'"
	case rule.JoinHand:
		return "coalesce(hand.h" + strconv.Itoa(r.handed(n.Segment)) + ", 0) = 1"
	case rule.JoinSequence:
		return "q" + strconv.Itoa(i) + ".customer_key IS NOT NULL"
	}
	if sql, ok := r.existence(n); ok {
		return sql
	}
	return r.test(&n.Test, r.expr(n.Expr), r.typeOf(n.Expr))
}

func hex8(n uint64) string {
	s := strconv.FormatUint(n, 16)
	return strings.Repeat("0", 8-len(s)) + s
}

// handed gives the column of a segment by hand.
func (r *renderer) handed(segment string) int {
	for i, s := range r.hand {
		if s == segment {
			return i
		}
	}
	r.hand = append(r.hand, segment)
	return len(r.hand) - 1
}
