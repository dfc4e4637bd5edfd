package load

import "time"

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

// Result is what one measurement has seen.
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
