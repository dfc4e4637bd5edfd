package ref

import (
	"cmp"
	"slices"

	"github.com/dangol/dangol/internal/query"
)

// rfm scores each customer by counting those who are strictly worse.
func rfm(q query.RFM, d Data) [][]any {
	keys, of := byCustomer(d.purchases(q.AsOf, q.Market))
	type customer struct{ recency, orders, spend int64 }
	all := make([]customer, len(keys))
	for i, key := range keys {
		c := customer{recency: 1 << 62}
		for _, o := range of[key] {
			c.recency = min(c.recency, int64(q.AsOf-o.Day))
			c.orders++
			c.spend += o.Amount
		}
		all[i] = c
	}
	score := func(worse func(customer) bool) int {
		n := 0
		for _, c := range all {
			if worse(c) {
				n++
			}
		}
		return 1 + 5*n/len(all)
	}
	var out [][]any
	for i, key := range keys {
		c := all[i]
		r := score(func(o customer) bool { return o.recency > c.recency })
		f := score(func(o customer) bool { return o.orders < c.orders })
		m := score(func(o customer) bool { return o.spend < c.spend })
		out = append(out, []any{int64(key), c.recency, c.orders, c.spend, int64(r), int64(f), int64(m), string(query.GroupOf(r, f, m))})
	}
	return out
}

func rfmCells(q query.RFM, d Data) [][]any {
	var out [][]any
	for _, c := range rfm(q, d) {
		recency, orders, spend := c[1].(int64), c[2].(int64), c[3].(int64)
		i := slices.IndexFunc(out, func(cell []any) bool { return slices.Equal(cell[:3], c[4:7]) })
		if i < 0 {
			out = append(out, []any{c[4], c[5], c[6], c[7], int64(1), spend, recency, orders, recency, orders, spend})
			continue
		}
		cell := out[i]
		for j, add := range []int64{1, spend, recency, orders} {
			cell[4+j] = cell[4+j].(int64) + add
		}
		cell[8], cell[9], cell[10] = max(cell[8].(int64), recency), min(cell[9].(int64), orders), min(cell[10].(int64), spend)
	}
	sortRows(out, 3)
	return out
}

func rfmMovement(q query.RFMMovement, d Data) [][]any {
	before := map[any]any{}
	for _, c := range rfm(query.RFM{AsOf: q.From, Market: q.Market}, d) {
		before[c[0]] = c[7]
	}
	var out [][]any
	for _, c := range rfm(query.RFM{AsOf: q.To, Market: q.Market}, d) {
		was, ok := before[c[0]]
		if !ok {
			was = string(query.GroupNone)
		}
		i := slices.IndexFunc(out, func(r []any) bool { return r[0] == was && r[1] == c[7] })
		if i < 0 {
			i = len(out)
			out = append(out, []any{was, c[7], int64(0)})
		}
		out[i][2] = out[i][2].(int64) + 1
	}
	sortRows(out, 2)
	return out
}

// sortRows orders rows by their first n values.
func sortRows(rows [][]any, n int) {
	slices.SortFunc(rows, func(a, b []any) int {
		for i := range n {
			if c := compare(a[i], b[i]); c != 0 {
				return cmp.Compare(c, 0)
			}
		}
		return 0
	})
}
