package warehouse

import (
	"context"
	"fmt"
	"sync"
)

// How much memory the engine may use while it only follows events and answers small questions: what it keeps of the file for
// later is then the system's cache, not this process.
const restingMB = 320

// allowance raises the engine's memory while large work is under way.
type allowance struct {
	mu      sync.Mutex
	working int
	fullMB  int
}

// Work lets the engine use all the memory it was given until done is called: for an import, an analysis, an evaluation of
// everything. What runs without it still works, through files.
func (w *Warehouse) Work(ctx context.Context) (done func()) {
	w.memory.mu.Lock()
	defer w.memory.mu.Unlock()
	if w.memory.working++; w.memory.working == 1 {
		w.limit(ctx, w.memory.fullMB)
	}
	return sync.OnceFunc(func() {
		w.memory.mu.Lock()
		defer w.memory.mu.Unlock()
		if w.memory.working--; w.memory.working == 0 {
			w.limit(context.WithoutCancel(ctx), min(restingMB, w.memory.fullMB))
		}
	})
}

// limit sets what the engine may use. That it cannot is no reason to fail: the limit before then stays.
func (w *Warehouse) limit(ctx context.Context, megabytes int) {
	_, _ = w.db.ExecContext(ctx, fmt.Sprintf(`SET memory_limit = '%dMB'`, megabytes))
}
