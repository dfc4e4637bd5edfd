// Package patient runs work that can wait on threads that the system's scheduler lets others go before: what takes a core for
// long, while somebody waits for the answer to a request that takes microseconds. Where nothing else wants the cores it is as
// fast as any.
//
// Go's goroutines have no priorities; threads have. So the work is handed to goroutines that keep a thread of their own, with a
// lower one (nice). It is not for what holds a lock that requests wait for.
package patient

import "runtime"

// Do runs do on a patient thread, and returns when it has ended. A Do within a Do takes another thread.
func Do(do func()) {
	t := task{do, make(chan struct{})}
	select {
	case tasks <- t:
	default: // all are at work, or none is there yet
		go work(t)
	}
	<-t.done
}

type task struct {
	do   func()
	done chan struct{}
}

// tasks is taken from by who has nothing to do. There are as many threads as were ever needed at once, which is a few.
var tasks = make(chan task)

func work(t task) {
	runtime.LockOSThread() // for good: what the system was told of a thread cannot be taken back by everyone
	yield()
	for {
		t.do()
		close(t.done)
		t = <-tasks
	}
}
