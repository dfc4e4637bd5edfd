// Package patient runs work that takes a core for long, while somebody waits for the answer to a request that takes microseconds, on
// threads that the system's scheduler lets others go before. They get no less of a core for that, only later.
//
// Goroutines have no priorities; threads have. So the work is handed to goroutines that keep a thread of their own.
package patient

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
)

// Do runs do on a patient thread, and returns when it has ended. A Do within a Do takes another thread. What ends do by a panic or
// runtime.Goexit does so to the caller.
func Do(do func()) {
	t := &task{do: do, done: make(chan struct{})}
	give(t)
	<-t.done
	switch {
	case t.panicked != nil:
		panic(t.panicked)
	case !t.returned:
		runtime.Goexit()
	}
}

// Panic is what a panic on another thread was about.
type Panic struct {
	Value any
	Stack string
}

// Error tells both.
func (p *Panic) Error() string { return fmt.Sprintf("%v\n\n%s", p.Value, p.Stack) }

type task struct {
	do       func()
	done     chan struct{}
	returned bool
	panicked *Panic
}

// idle are the threads that have nothing to do: as many as were ever needed at once, which is a few.
var idle struct {
	mu   sync.Mutex
	list []chan *task
}

func give(t *task) {
	idle.mu.Lock()
	defer idle.mu.Unlock()
	last := len(idle.list) - 1
	if last < 0 {
		go work(t)
		return
	}
	idle.list[last] <- t // it has room for one, and nobody else knows of it
	idle.list = idle.list[:last]
}

func work(t *task) {
	runtime.LockOSThread() // for good: not everyone may take back what the system was told of a thread
	yield()
	own := make(chan *task, 1)
	for ; ; t = <-own {
		t.run(own)
	}
}

// run does the work. The thread is free again before the caller is told, but for one that Goexit ends.
func (t *task) run(own chan *task) {
	defer func() {
		if !t.returned {
			if value := recover(); value != nil {
				t.panicked = &Panic{value, string(debug.Stack())}
			}
		}
		if t.returned || t.panicked != nil {
			idle.mu.Lock()
			idle.list = append(idle.list, own)
			idle.mu.Unlock()
		}
		close(t.done)
	}()
	t.do()
	t.returned = true
}
