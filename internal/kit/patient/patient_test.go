package patient_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dangol/dangol/internal/kit/patient"
)

// TestEverythingIsDone: many at once, one within another, each before its Do returns.
func TestEverythingIsDone(t *testing.T) {
	t.Parallel()
	var done atomic.Int64
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			for range 20 {
				within := false
				patient.Do(func() {
					patient.Do(func() { within = true })
					done.Add(1)
				})
				if !within {
					t.Error("Do returned before its work ended")
				}
			}
		})
	}
	all.Wait()
	if done.Load() != 50*20 {
		t.Errorf("%d", done.Load())
	}
}
