package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// Drive runs one plan over all connections.
//
// One thread serves them all, as wrk does: a goroutine for each would take as much of the processor as the server that is measured
// beside it.
func Drive(ctx context.Context, host string, o Options, p Plan, nth int) (*Result, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	began := time.Now()
	d := &driver{until: began.Add(time.Duration(o.Seconds * float64(time.Second)))}
	for i := range o.Connections {
		c, err := dial(ctx, host)
		if err != nil {
			return nil, errors.Join(err, d.close())
		}
		c.stamp, c.due = newStamp(p.Batch, host, &o, nth*o.Connections+i), began
		if p.Rate > 0 {
			c.every = time.Duration(float64(o.Connections*max(p.Batch, 1)) / float64(p.Rate) * float64(time.Second))
			c.due = began.Add(c.every * time.Duration(i) / time.Duration(o.Connections))
		}
		d.connections = append(d.connections, c)
	}
	err := d.run(ctx)
	d.Lasted = time.Since(began)
	return &d.Result, errors.Join(err, d.close())
}

// driver drives the connections of a plan.
type driver struct {
	Result
	connections []*connection
	until       time.Time
	polled      []unix.PollFd // one each, in the same order; those that wait for nothing have a descriptor below 0
}

// longestPoll bounds the wait, so that the end of ctx is seen.
const longestPoll = 200 * time.Millisecond

func (d *driver) run(ctx context.Context) error {
	d.polled = make([]unix.PollFd, len(d.connections))
	for ctx.Err() == nil {
		now, next, open := time.Now(), longestPoll, false
		for i, c := range d.connections {
			if c.state == idle && !c.due.After(now) {
				if err := c.begin(now, d.until); err != nil {
					return err
				}
			}
			if c.state == idle {
				next = min(next, max(c.due.Sub(now), 0))
			}
			open = open || c.state != over
			d.polled[i] = c.awaited()
		}
		if !open {
			return nil
		}
		if err := wait(d.polled, next); err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("poll: %w", err)
		}
		for i, c := range d.connections {
			if d.polled[i].Fd >= 0 && d.polled[i].Revents != 0 {
				if err := d.carryOn(c); err != nil {
					return err
				}
			}
		}
	}
	return ctx.Err()
}

// carryOn writes more of a request, or reads more of its answer.
func (d *driver) carryOn(c *connection) error {
	if c.state == writing {
		return c.write()
	}
	done, err := c.read()
	if !done || err != nil {
		return err
	}
	c.state = idle
	now := time.Now()
	switch status := c.status(); status {
	case 200:
		d.note(now.Sub(c.began))
		d.Requests++
		d.Events += c.stamp.events()
		if c.every == 0 {
			c.due = now
		}
	case 429, 503:
		d.Refused++
		c.due = now.Add(c.retryAfter())
	default:
		return fmt.Errorf("the server answered %d: %s", status, c.room[:c.have])
	}
	return nil
}

func (d *driver) close() (err error) {
	for _, c := range d.connections {
		err = errors.Join(err, unix.Close(c.fd))
	}
	return err
}

// connection is kept alive over all its requests.
type connection struct {
	fd    int
	stamp *stamp
	every time.Duration // between two requests of a paced plan
	due   time.Time     // the next request
	began time.Time     // when the one under way was due, or sent
	state state
	rest  []byte // of it, not written yet
	room  [4096]byte
	have  int // bytes of its answer
	end   int // of its answer; 0 until its head is read
}

type state int

const (
	idle state = iota
	writing
	reading
	over
)

// dial connects, and takes the descriptor away from the runtime.
func dial(ctx context.Context, host string) (*connection, error) {
	opened, err := (&net.Dialer{}).DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, err
	}
	defer func() { _ = opened.Close() }()
	raw, err := opened.(*net.TCPConn).SyscallConn()
	if err != nil {
		return nil, err
	}
	c := &connection{}
	var failed error
	if err := raw.Control(func(fd uintptr) { c.fd, failed = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0) }); err != nil || failed != nil {
		return nil, errors.Join(err, failed)
	}
	return c, unix.SetNonblock(c.fd, true)
}

// begin sends the request that is due; what is late counts from when it was due.
func (c *connection) begin(now, until time.Time) error {
	c.began = now
	if c.every > 0 {
		c.began = c.due
	}
	if !c.began.Before(until) {
		c.state = over
		return nil
	}
	c.due = c.due.Add(c.every)
	c.rest, c.have, c.end, c.state = c.stamp.next(), 0, 0, writing
	return c.write()
}

// awaited is what the connection waits for.
func (c *connection) awaited() unix.PollFd {
	switch c.state {
	case writing:
		return unix.PollFd{Fd: int32(c.fd), Events: unix.POLLOUT}
	case reading:
		return unix.PollFd{Fd: int32(c.fd), Events: unix.POLLIN}
	default:
		return unix.PollFd{Fd: -1}
	}
}

func (c *connection) write() error {
	n, err := unix.Write(c.fd, c.rest)
	if passing(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if c.rest = c.rest[n:]; len(c.rest) == 0 {
		c.state = reading
	}
	return nil
}

// read reads of the answer, and tells whether it is there; its body has a Content-Length and is short.
func (c *connection) read() (done bool, err error) {
	n, err := unix.Read(c.fd, c.room[c.have:])
	switch {
	case passing(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("read: %w", err)
	case n == 0:
		return false, io.ErrUnexpectedEOF
	}
	c.have += n
	if c.end == 0 {
		if c.end, err = answerEnd(c.room[:c.have]); err != nil {
			return false, err
		}
	}
	return c.end > 0 && c.have >= c.end, nil
}

// passing errors are of now.
func passing(err error) bool { return errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR) }
