package profile

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/store/storetest"
)

// BenchmarkImportCustomers resolves and keeps 200,000 customers of a file, each with an address and a phone number, and four
// lines.
func BenchmarkImportCustomers(b *testing.B) {
	const customers, lines = 200_000, 4
	list := make([]event.OrderLine, customers)
	for i := range list {
		list[i] = event.OrderLine{
			Customer: fmt.Sprintf("C%07d", i), Name: "Kim Minji", Email: fmt.Sprintf("kim.minji.%d@example.com", i), Phone: fmt.Sprintf("010-%04d-%04d", i/10000%10000, i%10000), Market: "KR",
		}
	}
	var resolving, keeping time.Duration
	for b.Loop() {
		b.StopTimer()
		r := NewRegistry(storetest.Open(b, Schema), time.Now)
		b.StartTimer()
		r.Region(func(context.Context) (string, error) { return "KR", nil })
		p, err := r.People(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		for range lines {
			for i := range list {
				p.Whose(&list[i])
			}
		}
		resolved := time.Now()
		if err := r.Keep(b.Context(), 1, p.Fresh()); err != nil {
			b.Fatal(err)
		}
		if err := r.Done(b.Context(), 1); err != nil {
			b.Fatal(err)
		}
		resolving, keeping = resolving+resolved.Sub(began), keeping+time.Since(resolved)
	}
	b.ReportMetric(float64(b.N)*customers*lines/resolving.Seconds(), "lines/s")
	b.ReportMetric(float64(b.N)*customers/keeping.Seconds(), "kept/s")
}
