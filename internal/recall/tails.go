package recall

import "slices"

// tails keep in memory, of the chains that were written last, the newest chunks while they are small, and which strands the others
// have. Each chunk would be a read of its own, and whoever did something a moment ago is who does something next; of the others most
// rules want none.
type tails struct {
	by    map[uint32]tail
	bytes int
}

// tail is the end of a chain as it lies on the disk.
type tail struct {
	links   []link  // the whole chain, the newest first
	known   int     // how many of them are in memory
	payload []byte  // of these
	has     strands // in the others
}

// strands is a set of them, as bits by their numbers' remainders: one that has a bit may be there. None is not known.
type strands uint64

func strandBit(strand uint32) strands { return 1 << (strand % 64) }

const (
	mostTails = 32 << 20
	tailCost  = 200 // bytes that one takes beside its payload, about
	longTail  = 768 // bytes of payload
)

// of is the end of a customer's chain, if the chain still ends with that link.
func (t *tails) of(customer uint32, newest link) (tail, bool) {
	one, ok := t.by[customer]
	return one, ok && one.links[0] == newest
}

// settle takes what a chain begins or goes on with. One whose chunks before are not known is not kept.
func (t *tails) settle(m pointed, payload []byte) {
	old, known := t.by[m.customer]
	if known {
		delete(t.by, m.customer)
		t.bytes -= tailCost + len(old.payload)
	}
	var next tail
	switch at := slices.Index(old.links, m.before); {
	case m.to == 0:
		return
	case m.before == 0:
		next = tail{[]link{m.to}, 0, nil, m.has}
	case at >= 0:
		next = old.onward(at, m, payload)
	case m.before.chain() == 1:
		next = tail{[]link{m.to, m.before}, 1, slices.Clone(payload), 0}
	default:
		return
	}
	next.shorten(m.customer)
	if t.by == nil {
		t.by = map[uint32]tail{}
	}
	t.by[m.customer] = next
	if t.bytes += tailCost + len(next.payload); t.bytes > mostTails {
		t.forget()
	}
}

// onward is a tail that goes on behind one of its chunks.
func (t *tail) onward(behind int, m pointed, payload []byte) tail {
	next := tail{slices.Concat([]link{m.to}, t.links[behind:]), 1, nil, t.has}
	if behind >= t.known {
		next.payload = slices.Clone(payload)
		return next
	}
	next.known += t.known - behind
	next.payload = slices.Concat(payload, t.payload[sizeOf(t.links[:behind]):])
	return next
}

// shorten leaves what is too much to be kept in memory to the disk, the oldest first.
func (t *tail) shorten(customer uint32) {
	for len(t.payload) > longTail {
		t.known--
		at := len(t.payload) - sizeOf(t.links[t.known:t.known+1])
		if t.has != 0 {
			t.has |= strandsIn(t.payload[at:], customer)
		}
		t.payload = t.payload[:at]
	}
	if cap(t.payload) > 2*len(t.payload) {
		t.payload = slices.Clone(t.payload)
	}
}

// forget drops some, whichever come; they come again with what is written.
func (t *tails) forget() {
	for customer, one := range t.by {
		if t.bytes < mostTails/8*7 {
			return
		}
		delete(t.by, customer)
		t.bytes -= tailCost + len(one.payload)
	}
}

// sizeOf is how long the payloads of some chunks are.
func sizeOf(links []link) (n int) {
	for _, l := range links {
		n += l.size() - chunkHead
	}
	return n
}

// strandsIn are those of some facts.
func strandsIn(facts []byte, customer uint32) (has strands) {
	var f packed
	for at := 0; at < len(facts); at = f.to {
		if !f.next(facts, at, customer) {
			return ^strands(0)
		}
		has |= strandBit(f.strand)
	}
	return has
}
