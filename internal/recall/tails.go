package recall

import "slices"

// tails keep in memory what lies behind the first chunk of the chains that were written last. It is little beside the first chunk, but
// each chunk of it would be a read of its own, and whoever did something a moment ago is who does something next.
type tails struct {
	by    map[uint32]tail
	bytes int
}

// tail is the end of a chain as it lies on the disk.
type tail struct {
	links   []link // the whole chain, the newest first
	payload []byte // of all but the last of them
}

const (
	mostTails = 24 << 20 // bytes; then all are forgotten, and come again with what is written
	tailCost  = 160      // bytes that one takes beside its payload, about
)

// of is the end of a customer's chain, if the chain still ends with that link.
func (t *tails) of(customer uint32, newest link) (tail, bool) {
	one, ok := t.by[customer]
	return one, ok && one.links[0] == newest
}

// settle takes what a chain goes on with. One that begins anew, or whose end is not known, is not kept.
func (t *tails) settle(m pointed, payload []byte) {
	old, known := t.by[m.customer]
	if known {
		delete(t.by, m.customer)
		t.bytes -= tailCost + len(old.payload)
	}
	var next tail
	switch {
	case m.to == 0 || m.before == 0:
		return
	case m.before.chain() == 1:
		next = tail{[]link{m.to, m.before}, slices.Clone(payload)}
	case known && old.links[0] == m.before:
		next = tail{slices.Concat([]link{m.to}, old.links), slices.Concat(payload, old.payload)}
	default:
		return
	}
	if t.bytes += tailCost + len(next.payload); t.by == nil || t.bytes > mostTails {
		t.by, t.bytes = map[uint32]tail{}, tailCost+len(next.payload)
	}
	t.by[m.customer] = next
}
