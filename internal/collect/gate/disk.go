package gate

import (
	"sync/atomic"
	"syscall"
	"time"

	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/fault"
)

const lookEvery = 500 * time.Millisecond

// disk tells whether the log's disk still has room. Rather than filling it up, where every other file would be harmed
// too, the gate closes while there is room to work and to recover.
type disk struct {
	dir    string
	least  int64
	clock  clock.Clock
	looked atomic.Int64 // when, in nanoseconds
	free   atomic.Int64
}

func newDisk(o Options) *disk {
	d := &disk{dir: o.Dir, least: o.MinFreeBytes, clock: o.Clock}
	d.free.Store(o.MinFreeBytes) // until someone has looked
	return d
}

// check refuses when the disk is nearly full. Whoever comes first after a while looks; others take what was seen.
func (d *disk) check() error {
	if d.dir == "" {
		return nil
	}
	now := d.clock().UnixNano()
	// A clock that was set back counts as a while, too.
	if last := d.looked.Load(); (last == 0 || now-last >= int64(lookEvery) || now < last) && d.looked.CompareAndSwap(last, now) {
		var s syscall.Statfs_t
		if err := syscall.Statfs(d.dir, &s); err != nil {
			d.looked.Store(0)
			return fault.New(fault.Unavailable, "gate.disk_unknown", "the disk of the event log does not answer").Because(err)
		}
		d.free.Store(int64(s.Bavail) * s.Bsize)
	}
	if free := d.free.Load(); free < d.least {
		return fault.Newf(fault.Unavailable, "gate.disk_full", "the server's disk is nearly full (%d MB left), so it takes in no events", free>>20).
			Then("Free some space or add some; senders keep what they have and send it again.")
	}
	return nil
}
