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
	// What was counted is not counted again, nor its instant moved on, for a hundred times as long as counting took, at most a minute: where
	// counting costs nothing, each answer is of this moment.
	countedTimes = 100
	countedFor   = time.Minute
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
	state  int64         // the version of the last analysis
	took   time.Duration // the longest that counting took
}

// count says who a rule holds of, and as of when: about offset from now.
func (k *countedAt) count(ctx context.Context, s *Service, b *rule.Bound, hand string, offset time.Duration) (pass.Bits, int64, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := s.clock()
	if !k.holds(now, s.warehouse.StateVersion()) {
		k.begin(now, now.Add(offset).UnixMicro(), s.warehouse.StateVersion())
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
	k.took = max(k.took, s.clock().Sub(now))
	return found[0], k.atUS, nil
}

// holds says whether what was counted still may be told.
func (k *countedAt) holds(now time.Time, state int64) bool {
	age := now.Sub(k.began)
	return k.memory != nil && age >= 0 && age < min(countedTimes*k.took, countedFor) && k.state == state && k.memory.Leaves() < countedLeaves
}

// begin forgets what was counted, and lets go of what comes when its time is over, for it may be large.
func (k *countedAt) begin(now time.Time, atUS, state int64) {
	m := pass.NewMemory()
	k.memory, k.began, k.atUS, k.state, k.took = m, now, atUS, state, 0
	time.AfterFunc(countedFor, func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.memory == m {
			k.memory = nil
		}
	})
}
