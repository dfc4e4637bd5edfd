package recall

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dangol/dangol/internal/query/rule"
)

// TestALongChain follows a few people who do thousands of things, with restarts and with ends of chains that are forgotten, and asks
// for their strands in any order, with and without what stands in memory.
func TestALongChain(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	open := func() *Recall {
		r, err := Open(t.Context(), folder, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	const people, kinds = 4, 5
	r, random := open(), rand.New(rand.NewPCG(3, 4))
	var slots Slots
	for i := range kinds {
		slots.Hold(uint32(i+1), i)
	}
	facts := make([][]Fact, people)
	longest := 0
	for round := range 600 {
		c := r.Begin(1)
		for range 1 + random.IntN(30) {
			who := random.Uint32N(people)
			strand := 1 + uint32(random.IntN(3))
			if round > 200 && random.IntN(40) == 0 { // rarely, so that most of the chain is without
				strand = 4
			}
			f := Fact{Strand: strand, AtUS: 1_700_000_000_000_000 + random.Int64N(1e6), Place: uint64(len(facts[who])) + 1, Origin: who, Values: []rule.Value{rule.ValueOf("tea")}}
			c.Add(who, &f)
			facts[who] = append(facts[who], f)
		}
		for who := range uint32(people) {
			looksRight(t, r, c, &slots, who, facts[who], random.Perm(kinds), round%2 == 0)
		}
		if err := c.End(); err != nil {
			t.Fatal(err)
		}
		for who := range uint32(people) {
			longest = max(longest, r.people.find(who).chain())
		}
		switch random.IntN(25) {
		case 0:
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			r = open()
		case 1:
			r.people.tails.bytes = mostTails
			r.people.tails.forget()
			r.people.tails.bytes = 0
			for who, one := range r.people.tails.by {
				t.Errorf("%d is kept: %v", who, one)
			}
		}
	}
	if longest < 3 || longest > longestChain {
		t.Errorf("the longest chain has %d chunks", longest)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}

// looksRight compares what a commit shows of somebody with all she did, asked for in some order.
func looksRight(t *testing.T, r *Recall, c *Commit, slots *Slots, who uint32, did []Fact, order []int, latest bool) {
	t.Helper()
	c.Sort()
	var rec Record
	if err := c.Load(who, slots, len(order), latest, &rec); err != nil {
		t.Fatal(err)
	}
	for _, slot := range order {
		var want []int64
		for i := range did {
			if did[i].Strand == uint32(slot+1) {
				want = append(want, did[i].AtUS)
			}
		}
		slices.SortFunc(want, cmp.Compare)
		var got []int64
		for _, m := range rec.Moments(slot) {
			got = append(got, m.AtUS)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("customer %d, strand %d: %d facts, want %d", who, slot+1, len(got), len(want))
		}
	}
	if err := r.Sound(&rec); err != nil {
		t.Fatal(err)
	}
}
