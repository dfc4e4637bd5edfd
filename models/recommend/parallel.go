package recommend

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel calls work for pieces [lo, hi) of [0, n), each piece once, on as
// many goroutines as workers says (0: all cores). The pieces are the same for
// any number of workers, and work writes only what belongs to its piece, so the
// outcome is too. worker numbers the goroutine, for its own scratch memory.
func parallel(n, piece, workers int, work func(worker, lo, hi int)) {
	pieces := (n + piece - 1) / piece
	workers = min(threads(workers), pieces)
	if workers <= 1 {
		for lo := 0; lo < n; lo += piece {
			work(0, lo, min(lo+piece, n))
		}
		return
	}
	var next atomic.Int64
	var done sync.WaitGroup
	for worker := range workers {
		done.Go(func() {
			for {
				lo := (int(next.Add(1)) - 1) * piece
				if lo >= n {
					return
				}
				work(worker, lo, min(lo+piece, n))
			}
		})
	}
	done.Wait()
}

// threads is how many goroutines a setting of workers stands for.
func threads(workers int) int {
	if workers <= 0 {
		return runtime.GOMAXPROCS(0)
	}
	return workers
}
