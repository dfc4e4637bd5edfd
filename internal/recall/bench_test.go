package recall_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/recall"
)

// BenchmarkFollow loads and adds to the records of people, in batches of 10,000 of a million.
func BenchmarkFollow(b *testing.B) {
	r := open(b, b.TempDir())
	defer func() { _ = r.Close() }()
	const people, size = 1_000_000, 10_000
	values := []rule.Value{rule.ValueOf("tea"), rule.ValueOf("12.5")}
	place := uint64(0)
	fact := func(who uint32) *recall.Fact {
		place++
		return &recall.Fact{Strand: 1 + uint32(place%3), AtUS: 1_700_000_000_000_000 + int64(place), Place: place << 6, Origin: who, Values: values}
	}
	for from := uint32(0); from < people; from += 20_000 {
		c := r.Begin(1)
		for who := from; who < from+20_000; who++ {
			for range 20 {
				c.Add(who, fact(who))
			}
		}
		if err := c.EndSoon(); err != nil {
			b.Fatal(err)
		}
	}
	fmt.Println(r.Heft())
	random := rand.New(rand.NewPCG(1, 1))
	var rec recall.Record
	who := make([]uint32, size)
	n, log, read := 0, uint64(0), 0
	b.ReportAllocs()
	for b.Loop() {
		if n%size == 0 {
			for i := range who {
				who[i] = random.Uint32N(people)
			}
			slices.Sort(who)
			c := r.Begin(1)
			for _, w := range who {
				c.Add(w, fact(w))
			}
			for _, w := range who {
				if err := c.Load(w, slots(), strands, true, &rec); err != nil {
					b.Fatal(err)
				}
				read += len(rec.Moments(0))
			}
			log++
			c.Follow(recall.Offsets{Log: log})
			if err := c.End(); err != nil {
				b.Fatal(err)
			}
		}
		n++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "facts/s")
	fmt.Println(r.Heft())
}
