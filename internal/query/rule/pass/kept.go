package pass

import (
	"slices"

	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/ref"
)

// kept are the values of an expression, of everyone: while somebody types a constant, only the constant changes.
type kept struct {
	key    string
	expr   int // of the run's set
	vector vector
	values values
	bytes  int
}

// keptBytes bounds the values that are kept.
const keptBytes = 64 << 20

// keepable says that the values a leaf tests may be kept: they are made of facts, and they are all there.
func (r *run) keepable(n *rule.Node) bool {
	for _, e := range append(slices.Clone(r.set.Exprs[n.Expr].Args), n.Expr) {
		if r.everDone(e) {
			return false
		}
	}
	return !r.parted && !r.flagged[n.Expr]
}

// keep copies the values of an expression, once.
func (r *run) keep(e int) *kept {
	if i := slices.IndexFunc(r.kept, func(k *kept) bool { return k.expr == e }); i >= 0 {
		return r.kept[i]
	}
	k := &kept{key: r.set.ValueKey(e), expr: e, values: r.values(e)}
	if k.values.textual {
		ids := make([]uint32, r.size)
		for lo := 0; lo < r.size; lo += blockSize {
			hi := min(lo+blockSize, r.size)
			r.ids(e, lo, hi, ids[lo:hi])
		}
		k.vector.ids, k.bytes = ids, 4*r.size+64*len(r.texts.texts)
	} else {
		num := make([]float64, r.size)
		for lo := 0; lo < r.size; lo += blockSize {
			hi := min(lo+blockSize, r.size)
			r.numbers(e, lo, hi, num[lo:hi])
		}
		k.vector.num, k.bytes = num, 8*r.size
	}
	v := k.vector // what the run has else is let go
	k.values.numbers = func(lo, hi int, out []float64) { copy(out, v.num[lo:hi]) }
	k.values.ids = func(lo, hi int, out []uint32) { copy(out, v.ids[lo:hi]) }
	r.kept = append(r.kept, k)
	return k
}

// remember adds values as the latest, and forgets the oldest where there are too many.
func (m *Memory) remember(k *kept) {
	m.values = append(m.values, k)
	bytes := 0
	for i := len(m.values) - 1; i >= 0; i-- {
		if bytes += m.values[i].bytes; bytes > keptBytes {
			m.values = slices.Clone(m.values[i+1:])
			return
		}
	}
}

// recall answers a leaf of which the values are kept.
func (m *Memory) recall(s *rule.Set, n *rule.Node, asOfUS int64) (Bits, bool) {
	if n.Join != rule.JoinTest || len(m.values) == 0 {
		return nil, false
	}
	key := s.ValueKey(n.Expr)
	i := slices.IndexFunc(m.values, func(k *kept) bool { return k.key == key })
	if i < 0 {
		return nil, false
	}
	tests := ref.New(s)
	tests.Begin(nil, asOfUS)
	out := make(Bits, len(m.people))
	k := m.values[i]
	k.values.test(&n.Test, tests, max(len(k.vector.num), len(k.vector.ids)), out)
	for w := range out {
		out[w] &= m.people[w]
	}
	return out, true
}
