package tally

// Sales remembers what was sold, by the key of the order and product: the largest amount, and the instant of the last row. It forgets the
// oldest of very many.
type Sales struct {
	recent, older []sale // open tables, each of a length that is a power of two
	used          int
}

type sale struct {
	key        uint64 // with its last bit set, so that an empty place has none
	at, amount int64
}

// salesKept is how many sales are remembered at least.
const salesKept = 3 << 20

// Add keeps a sale.
func (s *Sales) Add(key uint64, amount, at int64) {
	if s.used*4 >= len(s.recent)*3 {
		s.grow()
	}
	if had, _, found := s.Find(key); found {
		amount = max(amount, had)
	}
	slot := place(s.recent, key)
	if slot.key == 0 {
		s.used++
	}
	*slot = sale{key | 1, at, amount}
}

// Find returns what is remembered under a key.
func (s *Sales) Find(key uint64) (amount, at int64, found bool) {
	for _, table := range [][]sale{s.recent, s.older} {
		if len(table) == 0 {
			continue
		}
		if slot := place(table, key); slot.key != 0 {
			return slot.amount, slot.at, true
		}
	}
	return 0, 0, false
}

// place is where a key is, or where it belongs.
func place(table []sale, key uint64) *sale {
	key |= 1
	mask := uint64(len(table) - 1)
	for i := Mix(key) & mask; ; i = (i + 1) & mask {
		if slot := &table[i]; slot.key == 0 || slot.key == key {
			return slot
		}
	}
}

// grow makes room: twice as much, or once there are very many, that of the oldest.
func (s *Sales) grow() {
	old := s.recent
	if s.used >= salesKept {
		s.older, s.recent, s.used = old, make([]sale, len(old)), 0
		return
	}
	s.recent = make([]sale, max(1024, 2*len(old)))
	for _, v := range old {
		if v.key != 0 {
			*place(s.recent, v.key) = v
		}
	}
}
