package btyd

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// The batch functions fill dst, which must be as long as patterns, using all
// cores. They are fastest on patterns ordered as Group orders them, because
// what depends only on X and T is then computed once for its run.

// PAliveAll is PAlive for each pattern.
func (p Process) PAliveAll(dst []float64, patterns []Pattern) {
	parallel(len(patterns), batchChunk, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			dst[i] = p.PAlive(patterns[i])
		}
	})
}

// ConditionalExpectedAll is ConditionalExpected for each pattern.
func (p Process) ConditionalExpectedAll(dst []float64, patterns []Pattern, t float64) {
	p.DiscountedExpectedAll(dst, patterns, t, 0)
}

// ProbNoPurchaseAll is ProbNoPurchase for each pattern.
func (p Process) ProbNoPurchaseAll(dst []float64, patterns []Pattern, t float64) {
	p.byPresent(patterns, func(s present) float64 { return s.silence(max(t, 0)) }, func(i int, silence float64) {
		dst[i] = noPurchase(p.leftOdds(patterns[i]), silence)
	})
}

// DiscountedExpectedAll is DiscountedExpected for each pattern.
func (p Process) DiscountedExpectedAll(dst []float64, patterns []Pattern, horizon, annualRate float64) {
	f := force(annualRate)
	p.byPresent(patterns, func(s present) float64 { return s.orders(0, horizon, f) }, func(i int, orders float64) {
		dst[i] = p.PAlive(patterns[i]) * orders
	})
}

// byPresent calls each(i, of(the present of i)), computing of once for
// neighbours with equal X and T.
func (p Process) byPresent(patterns []Pattern, of func(present) float64, each func(i int, v float64)) {
	parallel(len(patterns), batchChunk, func(lo, hi int) {
		value := 0.0
		for i := lo; i < hi; i++ {
			h := patterns[i]
			if i == lo || h.X != patterns[i-1].X || h.T != patterns[i-1].T {
				value = of(p.present(h))
			}
			each(i, value)
		}
	})
}

// batchChunk is small enough to balance and large enough not to matter.
const batchChunk = 4096

// parallel calls work on consecutive ranges of about chunk out of n. Where the
// ranges are cut does not depend on the number of cores.
func parallel(n, chunk int, work func(lo, hi int)) {
	chunks := (n + chunk - 1) / chunk
	workers := min(runtime.GOMAXPROCS(0), chunks)
	if workers <= 1 {
		for c := range chunks {
			work(c*chunk, min((c+1)*chunk, n))
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				c := int(next.Add(1)) - 1
				if c >= chunks {
					return
				}
				work(c*chunk, min((c+1)*chunk, n))
			}
		})
	}
	wg.Wait()
}
