package patient_test

import (
	"runtime"
	"syscall"
	"testing"

	"github.com/dangol/dangol/internal/kit/patient"
)

// TestOnlyThePatientYield: the system prefers who calls to what is done patiently.
func TestOnlyThePatientYield(t *testing.T) {
	t.Parallel()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var there int
	patient.Do(func() { there = priority(t) })
	here := priority(t)
	if here == 1 {
		t.Skip("nothing is nicer than this test")
	}
	if there >= here {
		t.Errorf("%d there, %d here", there, here)
	}
}

// priority is 20 less the niceness of the calling thread.
func priority(t *testing.T) int {
	t.Helper()
	p, err := syscall.Getpriority(syscall.PRIO_PROCESS, syscall.Gettid())
	if err != nil {
		t.Error(err)
	}
	return p
}
