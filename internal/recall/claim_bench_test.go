//go:build unix

package recall_test

import (
	"strconv"
	"syscall"
	"testing"
	"time"
)

// BenchmarkClaim claims ids that were never seen, in batches of 16,000. What they take of the processor is counted with all that goes
// on beside, and with the making of the ids, which is little.
func BenchmarkClaim(b *testing.B) {
	r := open(b, b.TempDir())
	defer func() { _ = r.Close() }()
	const size, length = 16_000, 36
	ids, places, duplicate, text := make([]string, size), make([]uint64, size), make([]bool, size), make([]byte, 0, size*length)
	n, longest, before := 0, time.Duration(0), processor(b)
	for b.Loop() {
		if n%size == 0 {
			text = text[:0]
			for i := range ids {
				text = append(text, "node-next-1700000000000-"...)
				text = strconv.AppendInt(text, int64(1e11+n+i), 10)
				places[i] = uint64(n + i)
			}
			all := string(text)
			for i := range ids {
				ids[i] = all[i*length : (i+1)*length]
			}
			begun := time.Now()
			if _, err := r.Claim(ids, places, duplicate); err != nil {
				b.Fatal(err)
			}
			longest = max(longest, time.Since(begun))
		}
		n++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ids/s")
	b.ReportMetric(float64(longest.Milliseconds()), "longest-ms")
	b.ReportMetric(float64(processor(b)-before)/float64(b.N), "processor-ns/id")
}

// processor is how long this process has worked.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
