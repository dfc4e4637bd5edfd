package suggest

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/dangol/dangol/internal/query/rule/pass"
)

// facts are what eligibility needs of people besides memberships: their chances of leaving, by rising customer.
type facts struct {
	keys []uint32
	risk []float32
}

// Risks gives a customer's chance of leaving from memory; false where none is known.
type Risks func(customer uint32) (float64, bool)

func (s *Service) risk(customer uint32) (float64, bool) {
	if s.Risks == nil {
		f := s.facts.Load()
		if f == nil {
			return 0, false
		}
		at, ok := slices.BinarySearch(f.keys, customer)
		if !ok {
			return 0, false
		}
		return float64(f.risk[at]), true
	}
	return s.Risks(customer)
}

// risksEvery is how old chances of leaving may be.
const risksEvery = 20 * time.Second

// readRisks takes the chances of leaving into memory, where a slot asks for them.
func (s *Service) readRisks(ctx context.Context) error {
	slots, err := s.known(ctx)
	if err != nil || s.Risks != nil {
		return err
	}
	asked := false
	for _, k := range slots {
		asked = asked || slices.ContainsFunc(k.Candidates, func(c Candidate) bool { return c.RiskMin > 0 })
	}
	if !asked {
		return nil
	}
	r, err := s.warehouse.Read(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	f := &facts{}
	err = r.Blocks(ctx, `SELECT customer_key, risk FROM prediction ORDER BY customer_key`, nil, func(b *pass.Block) error {
		f.keys = append(f.keys, b.Columns[0].U32...)
		for _, risk := range b.Columns[1].F64 {
			f.risk = append(f.risk, float32(risk))
		}
		return nil
	})
	if err == nil {
		s.facts.Store(f)
	}
	return err
}

// numbers remembers by which number a segment is known: finding it waits for those who move people between segments.
type numbers struct {
	mu sync.RWMutex
	of map[string]found
}

type found struct {
	number uint32
	known  bool
	untilS int64
}

const numberFor = 5 // seconds after which a segment that was made anew is found again

func (s *Service) number(slug string) (uint32, bool) {
	now := s.clock().Unix()
	s.numbers.mu.RLock()
	f, met := s.numbers.of[slug]
	s.numbers.mu.RUnlock()
	if met && now < f.untilS && now >= f.untilS-numberFor {
		return f.number, f.known
	}
	f.number, f.known = s.segments.Number(slug)
	f.untilS = now + numberFor
	s.numbers.mu.Lock()
	if s.numbers.of == nil {
		s.numbers.of = map[string]found{}
	}
	s.numbers.of[slug] = f
	s.numbers.mu.Unlock()
	return f.number, f.known
}
