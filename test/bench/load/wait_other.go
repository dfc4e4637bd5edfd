//go:build unix && !linux

package load

import (
	"time"

	"golang.org/x/sys/unix"
)

// wait returns when one of the connections is ready, or after the time, to the millisecond.
func wait(on []unix.PollFd, atMost time.Duration) error {
	_, err := unix.Poll(on, int(atMost.Milliseconds()))
	return err
}
