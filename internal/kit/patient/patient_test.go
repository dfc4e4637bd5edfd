package patient_test

import (
	"runtime"
	"strings"
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

// TestHowItEnds: a panic and Goexit are those of the caller, and the threads go on.
func TestHowItEnds(t *testing.T) {
	t.Parallel()
	func() {
		defer func() {
			if p, ok := recover().(*patient.Panic); !ok || p.Value != "broken" || !strings.Contains(p.Error(), "TestHowItEnds") {
				t.Errorf("%v", p)
			}
		}()
		patient.Do(func() { panic("broken") })
	}()
	ended := make(chan bool, 1)
	go func() {
		after := false
		defer func() { ended <- after }()
		patient.Do(runtime.Goexit)
		after = true
	}()
	if <-ended {
		t.Error("the caller went on")
	}
	again := false
	patient.Do(func() { again = true })
	if !again {
		t.Error("nothing is done any more")
	}
}
