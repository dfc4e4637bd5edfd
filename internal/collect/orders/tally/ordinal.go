package tally

// Ordinals counts how often a key has come, in eight bytes a key: 48 bits of the key's hash and a count of 16.
// The table is cut into shards that grow one at a time, so that growing never needs twice the memory.
type Ordinals struct {
	shards [256]ordinalShard
	over   map[uint64]int // keys beyond a count of 65,535
}

type ordinalShard struct {
	slots []uint64
	used  int
}

const fullCount = 1<<16 - 1

// Next counts key once more and returns the count.
func (o *Ordinals) Next(key uint64) int {
	key = Mix(key)
	s := &o.shards[key&255]
	if s.used*4 >= len(s.slots)*3 {
		s.grow()
	}
	tag := key >> 16 << 16
	if tag == 0 {
		tag = 1 << 16
	}
	mask := uint64(len(s.slots) - 1)
	for i := (key >> 32) & mask; ; i = (i + 1) & mask {
		switch v := s.slots[i]; {
		case v == 0:
			s.slots[i] = tag | 1
			s.used++
			return 1
		case v>>16<<16 == tag:
			if v&fullCount < fullCount {
				s.slots[i]++
				return int(v&fullCount) + 1
			}
			if o.over == nil {
				o.over = map[uint64]int{}
			}
			o.over[key]++
			return fullCount + o.over[key]
		}
	}
}

// Distinct is the number of different keys.
func (o *Ordinals) Distinct() int64 {
	n := int64(0)
	for i := range o.shards {
		n += int64(o.shards[i].used)
	}
	return n
}

func (s *ordinalShard) grow() {
	old := s.slots
	s.slots = make([]uint64, max(16, 2*len(old)))
	mask := uint64(len(s.slots) - 1)
	for _, v := range old {
		if v == 0 {
			continue
		}
		i := (v >> 32) & mask
		for s.slots[i] != 0 {
			i = (i + 1) & mask
		}
		s.slots[i] = v
	}
}

// Mix spreads the bits of x (the finaliser of SplitMix64).
func Mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}
