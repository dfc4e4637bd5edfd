package uplift

// Folds are dealt as scikit-learn's StratifiedKFold(folds, shuffle=True, random_state=seed) deals them by arm and outcome, number for number: a
// Qini coefficient moves by a tenth with the folds, so whoever compares figures with others needs the same ones.

// twister is the Mersenne Twister MT19937 (M. Matsumoto, T. Nishimura, ACM TOMACS 8, 1998), as NumPy's RandomState seeds and reads it.
type twister struct {
	state [624]uint32
	at    int
}

func newTwister(seed uint32) *twister {
	t := &twister{at: len(twister{}.state)}
	t.state[0] = seed
	for i := 1; i < len(t.state); i++ {
		t.state[i] = 1812433253*(t.state[i-1]^t.state[i-1]>>30) + uint32(i)
	}
	return t
}

func (t *twister) next() uint32 {
	const n, m = len(twister{}.state), 397
	if t.at == n {
		for i := range t.state {
			y := t.state[i]&0x80000000 | t.state[(i+1)%n]&0x7fffffff
			t.state[i] = t.state[(i+m)%n] ^ y>>1 ^ y&1*0x9908b0df
		}
		t.at = 0
	}
	y := t.state[t.at]
	t.at++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// upTo draws a number from 0 to most, by refusing what is larger.
func (t *twister) upTo(most uint32) uint32 {
	mask := most
	for shift := 1; shift <= 16; shift *= 2 {
		mask |= mask >> shift
	}
	for {
		if x := t.next() & mask; x <= most {
			return x
		}
	}
}

// shuffle is RandomState.shuffle.
func (t *twister) shuffle(list []int) {
	for i := len(list) - 1; i > 0; i-- {
		j := t.upTo(uint32(i))
		list[i], list[j] = list[j], list[i]
	}
}

// stratified deals rows of so many kinds, each row's a number from 0 on.
func stratified(kind []int, kinds, folds int, seed uint32) []int {
	// Kinds are numbered anew by which comes first; the sorted rows dealt in turns say how many of each kind a fold gets.
	number, met := make([]int, kinds), 0
	for i := range number {
		number[i] = -1
	}
	counts := make([]int, kinds)
	for _, k := range kind {
		if number[k] < 0 {
			number[k], met = met, met+1
		}
		counts[number[k]]++
	}
	each := make([][]int, met)
	for k, row := 0, 0; k < met; k++ {
		share := make([]int, folds)
		for range counts[k] {
			share[row%folds]++
			row++
		}
		for f, n := range share {
			for range n {
				each[k] = append(each[k], f)
			}
		}
	}
	random := newTwister(seed)
	for k := range each {
		random.shuffle(each[k])
	}
	fold := make([]int, len(kind))
	for i, k := range kind {
		own := each[number[k]]
		fold[i], each[number[k]] = own[0], own[1:]
	}
	return fold
}
