package pass

import (
	"context"

	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/render"
)

// wantAll gathers what leaves ask for.
func (r *run) wantAll(nodes []int) {
	var mark func(e int, some bool)
	mark = func(e int, some bool) {
		was, known := r.some[e]
		r.some[e] = some && (was || !known)
		for _, a := range r.set.Exprs[e].Args {
			mark(a, some)
		}
	}
	for _, i := range nodes {
		if n := &r.set.Nodes[i]; n.Join == rule.JoinTest {
			_, some := render.Existential(r.set, n)
			mark(n.Expr, some)
		}
	}
	for _, i := range nodes {
		r.want(i)
	}
}

// everDone says that an expression counts all that a customer ever did, where only is asked whether it is anything: then when she was seen last will do.
func (r *run) everDone(e int) bool {
	x := &r.set.Exprs[e]
	if x.Form != rule.FormCount || !r.some[e] {
		return false
	}
	s := &r.set.Selections[x.Sel]
	n, span := &r.needs[s.Need], s.Within.Span(r.now)
	return n.Source == rule.Events && n.Name == rule.AnyEvent && len(s.Filters) == 0 && s.Since < 0 && span.From == rule.Always && span.To > r.now.AtUS
}

// seenTells says that a consumer asks when each customer last did anything, of all time until now.
func (r *run) seenTells(c *consumer) bool {
	f, ok := c.fold.(*instants)
	s := &r.set.Selections[c.sel]
	n := &r.needs[s.Need]
	return ok && f.last && n.Source == rule.Events && n.Name == rule.AnyEvent && len(s.Filters) == 0 && len(c.since) == 0 && c.span.From == rule.Always && c.span.To > r.now.AtUS
}

// readSeen answers of what the tables keep of when each customer was last seen, and of the events that this does not know: those that came since,
// and those that lay in the future then. It says false where nothing is kept as of now or before.
func (r *run) readSeen(ctx context.Context, d *reading) (known bool, err error) {
	if !d.seen {
		return false, nil
	}
	var place uint64
	var at int64
	until, rows := render.Seen(r.set, r.wantedOf(render.Wanted{}), r.q, r.d)
	err = r.tables.Blocks(ctx, until, nil, func(b *Block) error {
		if b.Len > 0 {
			known, place, at = true, b.Columns[0].U64[0], b.Columns[1].I64[0]
		}
		return nil
	})
	if err != nil || !known {
		return false, err
	}
	var some []int32
	var who []uint32
	err = r.tables.Blocks(ctx, rows, nil, func(block *Block) error {
		who, some = who[:0], some[:0]
		for i, key := range block.Columns[0].U32 {
			who = append(who, key-r.first) // before the range it is beyond it, too
			if who[i] < uint32(r.size) {
				some = append(some, int32(i))
			}
		}
		b := batch{who: who, at: block.Columns[1].I64}
		for _, c := range d.consumers {
			c.fold.add(&b, some)
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	d.wanted.After = place
	if err := r.readOnce(ctx, d); err != nil {
		return false, err
	}
	d.wanted.After, d.wanted.UpTo, d.wanted.From = 0, place, at+1
	return true, r.readOnce(ctx, d)
}
