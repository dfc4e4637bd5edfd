package warehouse

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// How much memory the engine may use while it only follows events and answers small questions: what it keeps of the file for
// later is then the system's cache, not this process.
const restingMB = 224

// While steps of so many events follow each other, each question is answered by the thread that asks it. Who asks the engine with
// more threads looks for work without a pause while another thread does it: a checkpoint took both cores so, for seconds, where
// one had work, and every step a part of the second core.
const (
	throngFacts = 2_000
	throngAfter = 10 * time.Second // without such a step, all cores answer again
)

// allowance raises what the engine uses of the machine while large work is under way.
type allowance struct {
	mu            sync.Mutex
	working       int
	fullMB, cores int
	threads       int // as the engine has it
	throng        bool
	over          *time.Timer // of the throng
	closed        bool
}

// Work lets the engine use all the memory and the cores it was given until done is called: for an import, an analysis, an evaluation
// of everything. What runs without it still works, through files.
func (w *Warehouse) Work(ctx context.Context) (done func()) {
	w.memory.mu.Lock()
	defer w.memory.mu.Unlock()
	if w.memory.working++; w.memory.working == 1 {
		w.limit(ctx, w.memory.fullMB)
		w.spread(ctx)
	}
	return sync.OnceFunc(func() {
		w.memory.mu.Lock()
		defer w.memory.mu.Unlock()
		if w.memory.working--; w.memory.working == 0 {
			w.limit(context.WithoutCancel(ctx), min(restingMB, w.memory.fullMB))
			w.spread(context.WithoutCancel(ctx))
		}
	})
}

// limit sets what the engine may use. That it cannot is no reason to fail: the limit before then stays.
func (w *Warehouse) limit(ctx context.Context, megabytes int) {
	_, _ = w.db.ExecContext(ctx, fmt.Sprintf(`SET memory_limit = '%dMB'`, megabytes))
}

// spread sets how many threads answer a question. It is called under memory.mu, and waits for those that it takes away.
func (w *Warehouse) spread(ctx context.Context) {
	want := w.memory.cores
	if w.memory.throng && w.memory.working == 0 {
		want = 1
	}
	if want == w.memory.threads || w.memory.closed {
		return
	}
	if _, err := w.db.ExecContext(ctx, fmt.Sprintf(`SET threads = %d`, want)); err == nil {
		w.memory.threads = want
	}
}

// stepped notes how many events a step had. A step does not wait for the threads that it sends away.
func (w *Warehouse) stepped(ctx context.Context, facts int) {
	if facts < throngFacts || !w.memory.mu.TryLock() { // another step will come
		return
	}
	defer w.memory.mu.Unlock()
	m, always := &w.memory, context.WithoutCancel(ctx)
	switch {
	case m.closed:
		return
	case m.over == nil:
		m.over = time.AfterFunc(throngAfter, func() { w.thronged(always, false) })
	default:
		m.over.Reset(throngAfter)
	}
	if !m.throng {
		go w.thronged(always, true)
	}
}

// thronged notes that a throng began or ended.
func (w *Warehouse) thronged(ctx context.Context, now bool) {
	w.memory.mu.Lock()
	defer w.memory.mu.Unlock()
	w.memory.throng = now
	w.spread(ctx)
}

// end is called before the engine is closed.
func (m *allowance) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	if m.over != nil {
		m.over.Stop()
	}
}
