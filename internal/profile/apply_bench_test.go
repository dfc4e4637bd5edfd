package profile

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/store/storetest"
)

// stream makes batches of facts, each of a user id and an anonymous id.
type stream struct {
	seq   uint64
	facts []event.Fact
}

func (s *stream) batch(n int, user func(i int) int) (uint64, []event.Fact) {
	s.seq++
	if cap(s.facts) < n {
		s.facts = make([]event.Fact, n)
	}
	s.facts = s.facts[:n]
	now := time.Now().UnixMicro()
	for i := range s.facts {
		u := user(i)
		s.facts[i] = event.Fact{
			Place: event.PlaceOf(s.seq, i%event.GroupLimit), Type: event.Track, Name: "Product Viewed", AtUS: now, ReceivedUS: now, Source: "web", Props: []byte("{}"), Context: []byte("{}"),
			Identities: []event.Identity{{Kind: "user", Value: fmt.Sprintf("customer-%d", u)}, {Kind: "anonymous", Value: fmt.Sprintf("3f2504e0-4f89-11d3-9a0c-%012d", u)}},
		}
		if i%event.GroupLimit == event.GroupLimit-1 {
			s.seq++
		}
	}
	return s.seq, s.facts
}

const benchBatch = 5000

// BenchmarkApplyKnown resolves facts of 200,000 known people, BenchmarkApplyNew facts of people never met: 2 identities each.
func BenchmarkApplyKnown(b *testing.B) {
	r := NewRegistry(storetest.Open(b, Schema), time.Now)
	var s stream
	apply := func(user func(i int) int) time.Duration {
		seq, facts := s.batch(benchBatch, user)
		began := time.Now()
		if _, err := r.Apply(b.Context(), seq, facts); err != nil {
			b.Fatal(err)
		}
		return time.Since(began)
	}
	for n := range 200_000 / benchBatch {
		apply(func(i int) int { return n*benchBatch + i })
	}
	var spent time.Duration
	for n := 0; b.Loop(); n++ {
		spent += apply(func(i int) int { return (n*benchBatch*7 + i*7919) % 200_000 })
	}
	b.ReportMetric(float64(b.N)*benchBatch/spent.Seconds(), "facts/s")
}

func BenchmarkApplyNew(b *testing.B) {
	r := NewRegistry(storetest.Open(b, Schema), time.Now)
	var s stream
	var spent time.Duration
	for n := 0; b.Loop(); n++ {
		seq, facts := s.batch(benchBatch, func(i int) int { return n*benchBatch + i })
		began := time.Now()
		if _, err := r.Apply(b.Context(), seq, facts); err != nil {
			b.Fatal(err)
		}
		spent += time.Since(began)
	}
	b.ReportMetric(2*float64(b.N)*benchBatch/spent.Seconds(), "identities/s")
}

// BenchmarkLoad reads a million customers, each with a user id and an anonymous id.
func BenchmarkLoad(b *testing.B) {
	st := storetest.Open(b, Schema)
	r := NewRegistry(st, time.Now)
	var s stream
	for n := range 1_000_000 / 20_000 {
		seq, facts := s.batch(20_000, func(i int) int { return n*20_000 + i })
		if _, err := r.Apply(b.Context(), seq, facts); err != nil {
			b.Fatal(err)
		}
	}
	r = nil
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for b.Loop() {
		r = NewRegistry(st, time.Now)
		if err := r.Load(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/2e6, "bytes/identity")
	runtime.KeepAlive(r)
}
