package pass

import "math/bits"

// Bits are customers: bit k%64 of word k/64 is the customer with key k.
type Bits []uint64

func newBits(size int) Bits { return make(Bits, (size+63)/64) }

func (b Bits) set(i int) { b[i>>6] |= 1 << (i & 63) }

// Has says whether a customer is among them.
func (b Bits) Has(key uint32) bool {
	return int(key>>6) < len(b) && b[key>>6]>>(key&63)&1 == 1
}

// Count is how many they are.
func (b Bits) Count() int64 {
	n := 0
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return int64(n)
}

// First are those with the smallest keys, at most n.
func (b Bits) First(n int) []uint32 {
	var out []uint32
	for i, w := range b {
		for ; w != 0 && len(out) < n; w &= w - 1 {
			out = append(out, uint32(i*64+bits.TrailingZeros64(w)))
		}
		if len(out) == n {
			break
		}
	}
	return out
}
