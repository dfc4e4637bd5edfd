package crash

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/dangol/dangol/test/bench/load"
)

// What an overloaded server may use of memory.
const overloadMB = 1400

// overloadFor is how long the server is overloaded: in the long form DANGOL_OVERLOAD_SECONDS.
func overloadFor() time.Duration {
	if n, err := strconv.Atoi(os.Getenv("DANGOL_OVERLOAD_SECONDS")); err == nil && n > 0 {
		return time.Duration(n) * time.Second
	}
	return 5 * time.Second
}

// peak watches the most memory that a process had.
func peak(ctx context.Context, pid int) (most func() int64) {
	var mu sync.Mutex
	var highest int64
	go func() {
		for tick := time.NewTicker(100 * time.Millisecond); ctx.Err() == nil; <-tick.C {
			mu.Lock()
			highest = max(highest, load.Usage(pid).Memory>>20)
			mu.Unlock()
		}
	}()
	return func() int64 {
		mu.Lock()
		defer mu.Unlock()
		return highest
	}
}

// TestOverload sends far more than the server can take, in requests that together are larger than it takes in at once. Memory
// stays bounded, what is refused is told when to come again, and what was accepted is there once.
func TestOverload(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	s := serve(t, build(t), data)
	defer func() { s.kill() }()
	f := newFlood(600, 700).among(300_000) // about 330 KB each
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	most := peak(ctx, s.cmd.Process.Pid)
	f.start(t, s.url)
	time.Sleep(overloadFor())
	var c counted
	s.get(t, "/v1/events/summary", &c)
	taken, refused, waited := f.answered(http.StatusOK), f.refused(), c.Lag
	f.end(t)
	wait(10*overloadFor(), func() bool { // the log holds more than a minute's work
		s.get(t, "/v1/events/summary", &c)
		return c.Lag == 0
	})
	s.settled(t)
	s.stop(t)
	found := f.exact(t, data)
	t.Logf("%d requests taken, %d refused; %d messages waited at the end; %d MB at most; %+v", taken, refused, waited, most(), found)
	if refused == 0 || taken == 0 {
		t.Errorf("%d requests taken, %d refused: this was no overload", taken, refused)
	}
	if most() > overloadMB {
		t.Errorf("the server took %d MB of memory; %d are allowed", most(), overloadMB)
	}
}
