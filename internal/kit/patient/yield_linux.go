package patient

import (
	"time"

	"golang.org/x/sys/unix"
)

// slice is how long a turn is.
const slice = 20 * time.Millisecond

// yield has the system take the calling thread for one that calculates (sched(7), SCHED_BATCH): in its turns it gets as much of a core as any other, but they
// are long and others' come first (Linux 6.12 or later heeds their length). Where that is refused, it is a thread like the others.
func yield() {
	_ = unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_BATCH, Runtime: uint64(slice.Nanoseconds())}, 0)
}
