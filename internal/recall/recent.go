package recall

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/zeebo/xxh3"
)

// recent are the claims that are in no run yet, outside Go's heap as the filter is: in the order in which they came, and a table of open
// addressing over them. A word of it has the lowest half of a hash above, and the claim's number, from 1, below.
type recent struct {
	claims  []claim
	table   []uint64
	release []func() error
}

const (
	claimSize   = 24
	claimWords  = claimSize / 8
	leastSlots  = 1 << 13
	shortBucket = 24 // claims that are sorted one by one
)

// reserve makes room for so many claims.
func (r *recent) reserve(n int) error {
	if n <= cap(r.claims) {
		return nil
	}
	slots := leastSlots
	for slots/4*3 < n {
		slots *= 2
	}
	words, freeWords, err := allocate(slots / 4 * 3 * claimWords)
	if err != nil {
		return fmt.Errorf("recall: room for message ids: %w", err)
	}
	table, freeTable, err := allocate(slots)
	if err != nil {
		return errors.Join(fmt.Errorf("recall: room for message ids: %w", err), freeWords())
	}
	grown := recent{claims: append(claimsOf(words)[:0], r.claims...), table: table, release: []func() error{freeWords, freeTable}}
	grown.rehash()
	err = r.close()
	*r = grown
	return err
}

// slot finds a hash in the table, or where it would be.
func (r *recent) slot(h xxh3.Uint128) (at uint64, known bool) {
	mask := uint64(len(r.table) - 1)
	for at = h.Lo >> 32 & mask; r.table[at] != 0; at = (at + 1) & mask {
		if w := r.table[at]; w>>32 == h.Lo&(1<<32-1) && r.claims[uint32(w)-1].hash == h {
			return at, true
		}
	}
	return at, false
}

func (r *recent) find(h xxh3.Uint128) (place uint64, known bool) {
	if len(r.claims) == 0 {
		return 0, false
	}
	at, known := r.slot(h)
	if !known {
		return 0, false
	}
	return r.claims[uint32(r.table[at])-1].place, true
}

// add takes a claim that there is room for.
func (r *recent) add(c claim) {
	at, known := r.slot(c.hash)
	if known {
		return
	}
	r.claims = append(r.claims, c)
	r.table[at] = c.hash.Lo<<32 | uint64(len(r.claims))
}

// rehash makes the table anew, after the claims changed their order.
func (r *recent) rehash() {
	clear(r.table)
	for i := range r.claims {
		at, _ := r.slot(r.claims[i].hash)
		r.table[at] = r.claims[i].hash.Lo<<32 | uint64(i+1)
	}
}

// reset forgets all claims.
func (r *recent) reset() {
	clear(r.table)
	r.claims = r.claims[:0]
}

func (r *recent) bytes() int64 { return int64(cap(r.claims))*claimSize + int64(len(r.table))*8 }

func (r *recent) close() error {
	var errs []error
	for _, free := range r.release {
		errs = append(errs, free())
	}
	*r = recent{}
	return errors.Join(errs...)
}

func compareHashes(a, b xxh3.Uint128) int {
	return cmp.Or(cmp.Compare(a.Hi, b.Hi), cmp.Compare(a.Lo, b.Lo))
}

// sortClaims sorts by hash, in place: by the byte at shift of the upper half into buckets, and each of them by the next one. Hashes
// spread evenly, so that two bytes bring them to their places but for a few steps.
func sortClaims(c []claim, shift int) {
	if len(c) <= shortBucket {
		insertClaims(c)
		return
	}
	if shift < 0 {
		slices.SortFunc(c, func(a, b claim) int { return compareHashes(a.hash, b.hash) })
		return
	}
	var from, to [256]int
	for i := range c {
		to[byte(c[i].hash.Hi>>shift)]++
	}
	at := 0
	for b := range to {
		from[b] = at
		at += to[b]
		to[b] = at
	}
	begun := 0
	for b := range to {
		for from[b] < to[b] {
			one := c[from[b]]
			for home := byte(one.hash.Hi >> shift); int(home) != b; home = byte(one.hash.Hi >> shift) {
				c[from[home]], one = one, c[from[home]]
				from[home]++
			}
			c[from[b]] = one
			from[b]++
		}
		sortClaims(c[begun:to[b]], shift-8)
		begun = to[b]
	}
}

func insertClaims(c []claim) {
	for i := 1; i < len(c); i++ {
		one, at := c[i], i
		for ; at > 0 && lessHash(&one.hash, &c[at-1].hash); at-- {
			c[at] = c[at-1]
		}
		c[at] = one
	}
}

func lessHash(a, b *xxh3.Uint128) bool {
	return a.Hi < b.Hi || a.Hi == b.Hi && a.Lo < b.Lo
}
