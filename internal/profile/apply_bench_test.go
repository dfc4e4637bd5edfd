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

// BenchmarkApplySignups is of calls that identify people never met by four identities, with their names.
func BenchmarkApplySignups(b *testing.B) {
	r := NewRegistry(storetest.Open(b, Schema), time.Now)
	var s stream
	var spent time.Duration
	for n := 0; b.Loop(); n++ {
		seq, facts := s.batch(benchBatch, func(i int) int { return n*benchBatch + i })
		for i := range facts {
			u := n*benchBatch + i
			mail, phone := fmt.Sprintf("kim.%d@example.com", u), fmt.Sprintf("+8210%08d", u)
			facts[i].Type, facts[i].Name = event.Identify, "Identified"
			facts[i].Props = fmt.Appendf(nil, `{"name":"Kim Minji","email":%q,"phone":%q,"plan":"gold","birthday":"1990-03-01"}`, mail, phone)
			facts[i].Identities = append(facts[i].Identities, event.Identity{Kind: "email", Value: mail}, event.Identity{Kind: "phone", Value: phone})
		}
		began := time.Now()
		if _, err := r.Apply(b.Context(), seq, facts); err != nil {
			b.Fatal(err)
		}
		spent += time.Since(began)
	}
	b.ReportMetric(float64(b.N)*benchBatch/spent.Seconds(), "signups/s")
}

// BenchmarkApplyLogins is of people who log in after they looked around: each call merges two.
func BenchmarkApplyLogins(b *testing.B) {
	r := NewRegistry(storetest.Open(b, Schema), time.Now)
	var s stream
	var spent time.Duration
	apply := func(n int, prepare func(i int, f *event.Fact)) {
		seq, facts := s.batch(1000, func(i int) int { return n*1000 + i })
		for i := range facts {
			prepare(i, &facts[i])
		}
		began := time.Now()
		if _, err := r.Apply(b.Context(), seq, facts); err != nil {
			b.Fatal(err)
		}
		spent = time.Since(began)
	}
	var all time.Duration
	for n := 0; b.Loop(); n++ {
		apply(n, func(_ int, f *event.Fact) { f.Identities = f.Identities[:1] })
		apply(n, func(_ int, f *event.Fact) { f.Identities = f.Identities[1:] })
		apply(n, func(_ int, f *event.Fact) { f.Type, f.Name = event.Identify, "Identified" })
		all += spent
	}
	b.ReportMetric(float64(b.N)*1000/all.Seconds(), "merges/s")
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
