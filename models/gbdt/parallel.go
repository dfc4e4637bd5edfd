package gbdt

import "sync"

// team runs work on a fixed number of goroutines.
type team int

// run calls work once for each member, and waits.
func (t team) run(work func(member int)) {
	if t <= 1 {
		work(0)
		return
	}
	var wait sync.WaitGroup
	wait.Add(int(t) - 1)
	for m := 1; m < int(t); m++ {
		go func() {
			defer wait.Done()
			work(m)
		}()
	}
	work(0)
	wait.Wait()
}

// chunk is the number of rows that are summed up in floating point before
// they join a larger sum. It is fixed, so that sums do not depend on the number
// of goroutines.
const chunk = 4096

// chunks calls work for the chunks of n rows, spread over the team in
// contiguous runs.
func (t team) chunks(n int, work func(number, begin, end int)) {
	count := (n + chunk - 1) / chunk
	if count < 4 {
		t = 1
	}
	t.run(func(member int) {
		from, to := share(count, int(t), member)
		for c := from; c < to; c++ {
			work(c, c*chunk, min(n, (c+1)*chunk))
		}
	})
}

// share is the member's part of n things.
func share(n, members, member int) (from, to int) {
	return int(int64(n) * int64(member) / int64(members)), int(int64(n) * int64(member+1) / int64(members))
}

// few is the number of rows below which one goroutine is faster than many.
const few = 3000

// rows calls work once a member with its range of n rows.
func (t team) rows(n int, work func(member, begin, end int)) {
	if n < few {
		work(0, 0, n)
		return
	}
	t.run(func(member int) {
		from, to := share(n, int(t), member)
		work(member, from, to)
	})
}
