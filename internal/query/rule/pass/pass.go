package pass

import (
	"context"
	"errors"

	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/render"
)

// Evaluate says who each rule of a set holds of. All questions must see the tables at one instant.
func Evaluate(ctx context.Context, t Tables, s *rule.Set, q render.Ask) ([]Bits, error) {
	return (&Memory{}).Evaluate(ctx, t, s, q)
}

// Memory keeps the answers of the leaves of rules as of one instant, and the values that the latest of them tested, so that a rule of which
// one condition changed costs that condition, and one of which a constant changed next to nothing. All its answers are about the customers
// there were at the first: who came since is in none of them, nor in the contrary of one.
// One goroutine uses it at a time.
type Memory struct {
	leaves map[string]Bits
	people Bits // nil before the first answer
	end    int  // one more than the greatest key among them
	keeps  bool
	values []*kept // the latest last
}

// NewMemory makes one that keeps values too.
func NewMemory() *Memory { return &Memory{keeps: true} }

// keptAtOnce is of how many leaves that are asked about together the values are kept: nobody types in more.
const keptAtOnce = 4

// Leaves is how many answers are kept.
func (m *Memory) Leaves() int { return len(m.leaves) }

// Knows says that the people of a set's rules are known without a question.
func (m *Memory) Knows(s *rule.Set, q render.Ask) bool {
	_, missing, _ := m.look(s, q)
	return m.people != nil && len(missing) == 0
}

// People are all customers, once something was evaluated.
func (m *Memory) People() Bits { return m.people }

// Evaluate says who each rule of a set holds of. The instant must be that of the first call; the tables may have grown since.
func (m *Memory) Evaluate(ctx context.Context, t Tables, s *rule.Set, q render.Ask) ([]Bits, error) {
	known, missing, keys := m.look(s, q)
	if len(missing) > 0 || m.people == nil {
		found, err := m.answer(ctx, t, s, q, missing)
		if err != nil {
			return nil, err
		}
		for i, b := range found {
			if known[i] = b; s.Nodes[i].Join != rule.JoinHand { // whom somebody may change at any time
				m.leaves[keys[i]] = b
			}
		}
	}
	out := make([]Bits, len(s.Roots))
	for i, root := range s.Roots {
		if root >= 0 {
			out[i] = m.combine(s, root, known)
		}
	}
	return out, nil
}

// look says what the leaves of a set are called, which of them are known, and which are not.
func (m *Memory) look(s *rule.Set, q render.Ask) (known map[int]Bits, missing []int, keys map[int]string) {
	if m.leaves == nil {
		m.leaves = map[string]Bits{}
	}
	known, keys = map[int]Bits{}, map[int]string{}
	var look func(i int)
	look = func(i int) {
		n := &s.Nodes[i]
		if n.Join == rule.JoinAnd || n.Join == rule.JoinOr || n.Join == rule.JoinNot {
			for _, a := range n.Args {
				look(a)
			}
			return
		}
		if _, seen := keys[i]; seen {
			return
		}
		keys[i] = s.Key(i)
		if b, ok := m.leaves[keys[i]]; ok {
			known[i] = b
			return
		}
		if b, ok := m.recall(s, n, q.AsOfUS); ok {
			known[i], m.leaves[keys[i]] = b, b
			return
		}
		missing = append(missing, i)
	}
	for _, root := range s.Roots {
		if root >= 0 {
			look(root)
		}
	}
	return known, missing, keys
}

// combine joins leaves; what it gives may be a leaf's own.
func (m *Memory) combine(s *rule.Set, i int, known map[int]Bits) Bits {
	n := &s.Nodes[i]
	if b, ok := known[i]; ok {
		return b
	}
	var out Bits
	if n.Join == rule.JoinNot {
		out = make(Bits, len(m.people))
		for w, word := range m.combine(s, n.Args[0], known) {
			out[w] = m.people[w] &^ word
		}
		return out
	}
	if len(n.Args) == 0 { // all of nothing
		return m.people
	}
	out = append(out, m.combine(s, n.Args[0], known)...)
	for _, a := range n.Args[1:] {
		for w, word := range m.combine(s, a, known) {
			if n.Join == rule.JoinOr {
				out[w] |= word
			} else {
				out[w] &= word
			}
		}
	}
	return out
}

// budget is how much memory customers may take together.
const budget = 640 << 20

// answer asks about leaves, for some customers at a time where all would take too much memory. The first answer says who they are.
func (m *Memory) answer(ctx context.Context, t Tables, s *rule.Set, q render.Ask, leaves []int) (map[int]Bits, error) {
	end := m.end
	if m.people == nil {
		var err error
		if end, err = lastKey(ctx, t, s, q); err != nil {
			return nil, err
		}
	}
	size := min(end, max(64, memory/weight(s, q, leaves)))
	out, people := map[int]Bits{}, newBits(end)
	for _, i := range leaves {
		out[i] = newBits(end)
	}
	for first := 0; first < end; {
		size = (size + 63) / 64 * 64
		r := newRun(s, t, q, uint32(first), size, size < end)
		r.keeps = m.keeps && len(leaves) <= keptAtOnce
		found, err := r.leaves(ctx, leaves)
		if errors.Is(err, errTooMuch) {
			size /= 2
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, k := range r.kept {
			m.remember(k)
		}
		copy(people[first/64:], r.people)
		for i, b := range found {
			copy(out[i][first/64:], b)
		}
		first += size
	}
	if m.people == nil {
		m.people, m.end = people, end
		return out, nil
	}
	for _, b := range out {
		for w := range b {
			b[w] &= m.people[w]
		}
	}
	return out, nil
}

// memory is the budget; tests make it small.
var memory = budget

// weight is how many bytes a customer takes.
func weight(s *rule.Set, q render.Ask, leaves []int) int {
	r := newRun(s, nil, q, 0, 64, false)
	r.wantAll(leaves)
	bytes := 8 + 8*len(r.columns) + 4*len(r.attributes) + 20*len(r.sequences)
	for _, f := range r.folds {
		switch f.(type) {
		case *counts:
			bytes += 4
		case *sums:
			bytes += 16
		case *ends:
			bytes += 24
		case *varied:
			bytes += 64
		default:
			bytes += 8
		}
	}
	for _, c := range r.levels[1] {
		bytes += 8 * len(c.since)
	}
	return bytes
}

// lastKey is one more than the greatest key of a customer.
func lastKey(ctx context.Context, t Tables, s *rule.Set, q render.Ask) (end int, err error) {
	err = t.Blocks(ctx, "SELECT coalesce(max(c.customer_key) + 1, 0)::BIGINT FROM ("+render.People(s, q, render.DuckDB{})+") c", nil, func(b *Block) error {
		end = int(b.Columns[0].I64[0])
		return nil
	})
	return end, err
}
