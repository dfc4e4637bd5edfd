package patient_test

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/dangol/dangol/internal/kit/patient"
)

// TestOnlyThePatientYield: the system takes what is done patiently for calculations, and who calls for what it was.
func TestOnlyThePatientYield(t *testing.T) {
	t.Parallel()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var there uint32
	patient.Do(func() { there = policy(t) })
	if here := policy(t); there != unix.SCHED_BATCH || here == unix.SCHED_BATCH {
		t.Errorf("%d there, %d here", there, here)
	}
}

// policy is that of the calling thread.
func policy(t *testing.T) uint32 {
	t.Helper()
	a, err := unix.SchedGetAttr(0, 0)
	if err != nil {
		t.Error(err)
		return 0
	}
	return a.Policy
}
