package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"
)

// Plan is one measurement.
type Plan struct {
	Name  string
	Batch int // events a request; 0: single calls
	Rate  int // events/s to hold; 0: as fast as it goes
}

// Options say how a plan is driven.
type Options struct {
	Seconds     float64
	Key         string
	Connections int
	Customers   int
	Prefix      string // of user ids, before seven digits from 1000000 on
}

// Result is what one measurement, or one connection of it, has seen.
type Result struct {
	Events, Requests, Refused int
	Lasted, Longest           time.Duration
	counts                    [buckets]int32
}

// Latencies are counted in buckets that grow by about 3 %, from 10 µs on.
const (
	buckets = 512
	growth  = 1.03
	least   = 10 * time.Microsecond
)

var limits = func() (l [buckets]time.Duration) {
	for i, v := 0, float64(least); i < buckets; i, v = i+1, v*growth {
		l[i] = time.Duration(v)
	}
	return l
}()

func (r *Result) note(d time.Duration) {
	r.Longest = max(r.Longest, d)
	low, high := 0, buckets-1
	for low < high {
		if mid := (low + high) / 2; limits[mid] < d {
			low = mid + 1
		} else {
			high = mid
		}
	}
	r.counts[low]++
}

// Quantile is the time within which the share q of the requests was answered.
func (r *Result) Quantile(q float64) time.Duration {
	var all, seen int32
	for _, n := range r.counts {
		all += n
	}
	for i, n := range r.counts {
		if seen += n; float64(seen) >= q*float64(all) {
			return min(limits[i], r.Longest)
		}
	}
	return r.Longest
}

func (r *Result) join(o *Result) {
	r.Events += o.Events
	r.Requests += o.Requests
	r.Refused += o.Refused
	r.Longest = max(r.Longest, o.Longest)
	for i := range r.counts {
		r.counts[i] += o.counts[i]
	}
}

// Drive runs one plan over all connections.
func Drive(ctx context.Context, host string, o Options, p Plan, nth int) (*Result, error) {
	var all Result
	var mu sync.Mutex
	var failed error
	var g sync.WaitGroup
	began := time.Now()
	until := began.Add(time.Duration(o.Seconds * float64(time.Second)))
	for c := range o.Connections {
		g.Go(func() {
			one := &driver{stamp: newStamp(p.Batch, host, &o, nth*o.Connections+c)}
			if p.Rate > 0 {
				one.every = time.Duration(float64(o.Connections*max(p.Batch, 1)) / float64(p.Rate) * float64(time.Second))
				one.due = began.Add(one.every * time.Duration(c) / time.Duration(o.Connections))
			}
			err := one.run(ctx, host, until)
			mu.Lock()
			defer mu.Unlock()
			failed = errors.Join(failed, err)
			all.join(&one.Result)
		})
	}
	g.Wait()
	all.Lasted = time.Since(began)
	return &all, failed
}

// driver is one connection.
type driver struct {
	Result
	stamp *stamp
	every time.Duration // between two requests of a paced plan
	due   time.Time
	room  [4096]byte
}

func (d *driver) run(ctx context.Context, host string, until time.Time) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", host)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	for ctx.Err() == nil {
		began := time.Now()
		if d.every > 0 { // what is late counts from when it was due
			time.Sleep(time.Until(d.due))
			began = d.due
			d.due = d.due.Add(d.every)
		}
		if !began.Before(until) {
			return nil
		}
		if _, err := conn.Write(d.stamp.next()); err != nil {
			return err
		}
		status, err := d.answer(conn)
		if err != nil {
			return err
		}
		switch status {
		case 200:
			d.note(time.Since(began))
			d.Requests++
			d.Events += d.stamp.events()
		case 429, 503:
			d.Refused++
			pause := d.retryAfter()
			if began.Add(pause).After(until) {
				return nil
			}
			time.Sleep(pause)
		default:
			return fmt.Errorf("the server answered %d: %s", status, d.room[:200])
		}
	}
	return ctx.Err()
}

var (
	headEnd    = []byte("\r\n\r\n")
	lengthName = []byte("\r\nContent-Length: ")
)

// answer reads one answer; its body has a Content-Length and is short.
func (d *driver) answer(conn net.Conn) (status int, err error) {
	have, end := 0, -1
	for {
		n, err := conn.Read(d.room[have:])
		if err != nil {
			return 0, err
		}
		have += n
		if end < 0 {
			head := bytes.Index(d.room[:have], headEnd)
			if head < 0 {
				continue
			}
			if end, err = bodyEnd(d.room[:head], head+len(headEnd)); err != nil {
				return 0, err
			}
		}
		if have >= end {
			return strconv.Atoi(string(d.room[9:12]))
		}
	}
}

// retryAfter is what the server asks for.
func (d *driver) retryAfter() time.Duration {
	seconds := 1
	if _, rest, ok := bytes.Cut(d.room[:], []byte("\r\nRetry-After: ")); ok {
		_, _ = fmt.Sscan(string(rest[:4]), &seconds)
	}
	return time.Duration(seconds) * time.Second
}

func bodyEnd(head []byte, from int) (int, error) {
	i := bytes.Index(head, lengthName)
	if i < 0 {
		return 0, errors.New("an answer without Content-Length")
	}
	n := 0
	for _, c := range head[i+len(lengthName):] {
		if c < '0' || c > '9' {
			break
		}
		n = n*10 + int(c-'0')
	}
	return from + n, nil
}
