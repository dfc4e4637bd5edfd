package profile

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/store/storetest"
)

// TestAMillionCustomers tells how long the slow things take; run with DANGOL_SCALE=1.
func TestAMillionCustomers(t *testing.T) {
	if os.Getenv("DANGOL_SCALE") == "" {
		t.Skip("set DANGOL_SCALE=1 to measure")
	}
	st := storetest.Open(t, Schema)
	r := NewRegistry(st, time.Now)
	r.Region(func(context.Context) (string, error) { return "KR", nil })
	took := func(what string, f func() error) {
		t.Helper()
		began := time.Now()
		if err := f(); err != nil {
			t.Fatal(err)
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		t.Logf("%-40s %8s, heap %d MB", what, time.Since(began).Round(time.Millisecond), m.HeapAlloc>>20)
	}
	p, err := r.People(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	took("resolve 1M customers of a file", func() error {
		for i := range 1_000_000 {
			p.Whose(&event.OrderLine{Customer: fmt.Sprintf("C%07d", i), Name: "Kim", Email: fmt.Sprintf("kim.%d@example.com", i%999_000), Phone: fmt.Sprintf("010-%04d-%04d", i/10000, i%10000)})
		}
		return nil
	})
	took("keep them", func() error { return r.Keep(t.Context(), 1, p.Fresh()) })
	took("settle the import", func() error { return r.Done(t.Context(), 1) })
	p = nil
	took("read them at a start", func() error {
		r = NewRegistry(st, time.Now)
		return r.Load(t.Context())
	})
	took("look for duplicates", func() error {
		_, err := r.Suggest(t.Context(), &job.Progress{})
		return err
	})
	took("find 10,000", func() error {
		for i := range 10_000 {
			if _, _, err := r.Find(t.Context(), fmt.Sprintf("email:kim.%d@example.com", i)); err != nil {
				return err
			}
		}
		return nil
	})
	took("erase one", func() error {
		_, e, err := r.forget(t.Context(), "C0000007", "minji", "")
		_ = e
		return err
	})
}
