package recall

import "slices"

// tails keep in memory what lies behind the first chunk of the chains that were written last, and which strands that chunk has. It is
// little beside the first chunk, but each chunk of it would be a read of its own, and whoever did something a moment ago is who does
// something next.
type tails struct {
	by    map[uint32]tail
	bytes int
}

// tail is the end of a chain as it lies on the disk.
type tail struct {
	links   []link // the whole chain, the newest first
	payload []byte // of all but the last of them
	has     strands
}

// strands is a set of them, as bits by their numbers' remainders: one that has a bit may be there. None is not known.
type strands uint64

func strandBit(strand uint32) strands { return 1 << (strand % 64) }

const (
	mostTails = 24 << 20 // bytes; then all are forgotten, and come again with what is written
	tailCost  = 170      // bytes that one takes beside its payload, about
)

// of is the end of a customer's chain, if the chain still ends with that link.
func (t *tails) of(customer uint32, newest link) (tail, bool) {
	one, ok := t.by[customer]
	return one, ok && one.links[0] == newest
}

// settle takes what a chain begins or goes on with. One whose end is not known is not kept.
func (t *tails) settle(m pointed, payload []byte) {
	old, known := t.by[m.customer]
	if known {
		delete(t.by, m.customer)
		t.bytes -= tailCost + len(old.payload)
	}
	var next tail
	switch {
	case m.to == 0:
		return
	case m.before == 0:
		next = tail{[]link{m.to}, nil, m.has}
	case m.before.chain() == 1:
		next = tail{[]link{m.to, m.before}, slices.Clone(payload), 0}
		if known && old.links[len(old.links)-1] == m.before {
			next.has = old.has
		}
	case known && old.links[0] == m.before:
		next = tail{slices.Concat([]link{m.to}, old.links), slices.Concat(payload, old.payload), old.has}
	default:
		return
	}
	if t.bytes += tailCost + len(next.payload); t.by == nil || t.bytes > mostTails {
		t.by, t.bytes = map[uint32]tail{}, tailCost+len(next.payload)
	}
	t.by[m.customer] = next
}
