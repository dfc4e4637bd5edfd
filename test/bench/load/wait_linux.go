package load

import (
	"time"

	"golang.org/x/sys/unix"
)

// wait returns when one of the connections is ready, or after the time.
func wait(on []unix.PollFd, atMost time.Duration) error {
	t := unix.NsecToTimespec(atMost.Nanoseconds())
	_, err := unix.Ppoll(on, &t, nil)
	return err
}
