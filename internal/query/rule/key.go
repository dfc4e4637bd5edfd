package rule

import (
	"fmt"
	"strings"
)

// Key is a text that is equal for nodes, of any two sets, that ask for the same.
func (s *Set) Key(node int) string {
	var b strings.Builder
	s.writeNode(&b, node)
	return b.String()
}

// ValueKey is one of an expression.
func (s *Set) ValueKey(expr int) string {
	var b strings.Builder
	s.writeExpr(&b, expr)
	fmt.Fprintf(&b, " %v %v", s.zone, s.scale)
	return b.String()
}

func (s *Set) writeNode(b *strings.Builder, i int) {
	n := &s.Nodes[i]
	fmt.Fprintf(b, "(%d %q %d %q %v", n.Join, n.Salt, n.Below, n.Segment, n.Within)
	n.Test.write(b)
	for _, a := range n.Args {
		s.writeNode(b, a)
	}
	if n.Join == JoinTest {
		s.writeExpr(b, n.Expr)
	}
	if n.Join == JoinSequence {
		s.writeSince(b, n.Since)
		for _, c := range n.Steps {
			fmt.Fprintf(b, "<%v %v", c.Within, c.NotWithin)
			for _, sel := range []int{c.Sel, c.Not, c.Then} {
				s.writeSelection(b, sel)
			}
			b.WriteByte('>')
		}
	}
	fmt.Fprintf(b, " %v %v)", s.zone, s.scale)
}

func (t *Test) write(b *strings.Builder) {
	fmt.Fprintf(b, " %q %q %q %v %v %d %v %v %d", t.Op, t.As, t.Texts, t.Numbers, t.Flag, t.Days, t.moment.isDay, t.moment.day, t.moment.instant.UnixMicro())
}

func (s *Set) writeExpr(b *strings.Builder, i int) {
	x := &s.Exprs[i]
	fmt.Fprintf(b, "[%d %q %q %q %v", x.Form, x.Prop.Name, x.Prop.As, x.Column, x.Scale)
	fmt.Fprintf(b, " %q", x.As)
	for _, a := range x.Args {
		s.writeExpr(b, a)
	}
	if x.Form == FormAttribute {
		s.writeNeed(b, x.Sel)
	} else {
		s.writeSelection(b, x.Sel)
	}
	b.WriteByte(']')
}

func (s *Set) writeSince(b *strings.Builder, e int) {
	if e >= 0 {
		s.writeExpr(b, e)
	}
	b.WriteByte(';')
}

func (s *Set) writeSelection(b *strings.Builder, i int) {
	if i >= 0 {
		x := &s.Selections[i]
		s.writeNeed(b, x.Need)
		for _, f := range x.Filters {
			fmt.Fprintf(b, "|%q %q", f.Prop.Name, f.Prop.As)
			f.Test.write(b)
		}
		fmt.Fprintf(b, "|%v", x.Within)
		s.writeSince(b, x.Since)
	}
	b.WriteByte(';')
}

// A need's other properties, which other rules read, are not part of it.
func (s *Set) writeNeed(b *strings.Builder, i int) {
	n := &s.needs[i]
	fmt.Fprintf(b, "{%d %q %d %v}", n.Source, n.Name, n.NameKey, n.Own)
}
