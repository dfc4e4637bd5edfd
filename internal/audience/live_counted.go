package audience

import (
	"context"
	"errors"
	"sync/atomic"
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

// countedRules are the conditions that previews counted lately: of everyone now and a month ago, and of some who were drawn.
type countedRules struct {
	now, monthAgo, drawn *countedAt

	patience time.Duration // counting everyone takes at most, where some may be asked instead
	enough   int64         // people are drawn
	happened atomic.Pointer[happened]
}

func newCountedRules() *countedRules {
	return &countedRules{now: newCountedAt(), monthAgo: newCountedAt(), drawn: newCountedAt(), patience: countPatience, enough: drawnPeople}
}

// countedAt is those of one instant.
type countedAt struct {
	turn   chan struct{} // holds one while somebody counts; all below is theirs
	memory *pass.Memory
	began  time.Time
	atUS   int64
	oneIn  int           // of the customers are asked; 1: all
	state  int64         // the version of the last analysis
	took   time.Duration // the longest that counting took
	forget *time.Timer   // lets go of it
}

func newCountedAt() *countedAt { return &countedAt{turn: make(chan struct{}, 1)} }

// counted is whom a rule holds of among those who were asked.
type counted struct {
	in     pass.Bits
	asked  int64
	asOfUS int64
}

// question is what is counted.
type question struct {
	rule   *rule.Bound
	hand   string        // the table of segments by hand
	offset time.Duration // from now
	oneIn  int           // 1 asks everyone
	// worth says whether it is worth to begin with what takes so long; nil of all.
	worth func(m *pass.Memory, q render.Ask) bool
}

// errLaborious says that counting was not begun, for it would take too long.
var errLaborious = errors.New("segments: counting everyone takes too long")

// count says who a rule holds of, and as of when. It waits for its turn, and gives up with the context.
func (k *countedAt) count(ctx context.Context, s *Service, a question) (*counted, error) {
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	now := s.clock()
	if !k.holds(now, a.oneIn, s.warehouse.StateVersion()) {
		k.begin(now, now.Add(a.offset).UnixMicro(), a.oneIn, s.warehouse.StateVersion())
	}
	q := render.Ask{AsOfUS: k.atUS, Members: a.hand, OneIn: a.oneIn}
	if a.worth != nil && !a.worth(k.memory, q) {
		return nil, errLaborious
	}
	rd, err := s.warehouse.Read(ctx)
	if err != nil {
		return nil, err
	}
	defer rd.Close()
	found, err := k.memory.Evaluate(ctx, rd, a.rule.Set(), q)
	if err != nil {
		return nil, err
	}
	k.took = max(k.took, s.clock().Sub(now))
	return &counted{found[0], k.memory.People().Count(), k.atUS}, nil
}

// knows says that an answer is there, which it is not while somebody counts.
func (k *countedAt) knows(s *Service, a question) bool {
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
		return k.holds(s.clock(), a.oneIn, s.warehouse.StateVersion()) && k.memory.Knows(a.rule.Set(), render.Ask{AsOfUS: k.atUS})
	default:
		return false
	}
}

// holds says whether what was counted still may be told.
func (k *countedAt) holds(now time.Time, oneIn int, state int64) bool {
	age := now.Sub(k.began)
	return k.memory != nil && age >= 0 && age < min(countedTimes*k.took, countedFor) && k.oneIn == oneIn && k.state == state && k.memory.Leaves() < countedLeaves
}

// begin forgets what was counted, and lets go of what comes when its time is over, for it may be large.
func (k *countedAt) begin(now time.Time, atUS int64, oneIn int, state int64) {
	m := pass.NewMemory()
	if k.forget != nil {
		k.forget.Stop()
	}
	k.memory, k.began, k.atUS, k.oneIn, k.state, k.took = m, now, atUS, oneIn, state, 0
	k.forget = time.AfterFunc(countedFor, func() {
		k.turn <- struct{}{}
		if k.memory == m {
			k.memory = nil
		}
		<-k.turn
	})
}
