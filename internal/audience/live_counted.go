package audience

import (
	"context"
	"sync"
	"time"

	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/pass"
	"github.com/dangol/dangol/internal/query/rule/render"
)

const (
	// countedFor is how long a condition that was counted is not counted again, nor its instant moved on: about as long as
	// somebody changes a rule before looking up.
	countedFor = time.Minute
	// countedLeaves bounds the conditions that are kept, of which each takes a bit for each customer.
	countedLeaves = 256
	monthAgo      = 30 * 24 * time.Hour
)

// countedRules are the conditions that previews counted lately.
type countedRules struct{ now, monthAgo countedAt }

// countedAt is those of one instant.
type countedAt struct {
	mu     sync.Mutex
	memory *pass.Memory
	began  time.Time
	atUS   int64
	state  int64 // the version of the last analysis
}

// count says who a rule holds of, and as of when: about offset from now.
func (k *countedAt) count(ctx context.Context, s *Service, b *rule.Bound, hand string, offset time.Duration) (pass.Bits, int64, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now, state := s.clock(), s.warehouse.StateVersion()
	if age := now.Sub(k.began); k.memory == nil || age < 0 || age >= countedFor || k.state != state || k.memory.Leaves() >= countedLeaves {
		k.memory, k.began, k.atUS, k.state = pass.NewMemory(), now, now.Add(offset).UnixMicro(), state
	}
	rd, err := s.warehouse.Read(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer rd.Close()
	found, err := k.memory.Evaluate(ctx, rd, b.Set(), render.Ask{AsOfUS: k.atUS, Members: hand})
	if err != nil {
		return nil, 0, err
	}
	return found[0], k.atUS, nil
}
