package live

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/recall"
)

// strand is the facts of one need in recall.
type strand struct {
	ID     uint32
	need   rule.Need       // the properties kept, and how far back
	filled bool            // the past is in it
	reread *roaring.Bitmap // customers whose facts were read anew while it was filled
}

// kept is how a strand is written down.
type keptStrand struct {
	Source  rule.Source   `json:"source"`
	Name    string        `json:"name"`
	Props   []string      `json:"props,omitempty"`
	Horizon time.Duration `json:"horizon,omitempty"`
}

const (
	strandPrefix   = "strand/"
	lastStrandName = "strands/last"
)

func strandName(id uint32) string { return strandPrefix + fmt.Sprintf("%08d", id) }

// keep writes the strand down; only a strand that was filled is.
func (s *strand) keep(c *recall.Commit) error {
	text, err := json.Marshal(keptStrand{s.need.Source, s.need.Name, s.need.Props, s.need.Horizon})
	if err != nil {
		return fmt.Errorf("strand: %w", err)
	}
	return c.Keep(strandName(s.ID), text)
}

// loadStrands reads those that were filled.
func (e *Engine) loadStrands() error {
	text, err := e.Recall.Kept(lastStrandName)
	if err != nil {
		return err
	}
	if text != nil {
		last, err := strconv.ParseUint(string(text), 10, 32)
		if err != nil {
			return fmt.Errorf("strands: %w", err)
		}
		e.lastStrand = uint32(last)
	}
	return e.Recall.EachKept(strandPrefix, func(name string, text []byte) error {
		id, err := strconv.ParseUint(strings.TrimPrefix(name, strandPrefix), 10, 32)
		if err != nil {
			return fmt.Errorf("strand: %w", err)
		}
		var k keptStrand
		if err := json.Unmarshal(text, &k); err != nil {
			return fmt.Errorf("strand: %w", err)
		}
		e.strands[uint32(id)] = &strand{ID: uint32(id), need: rule.Need{Source: k.Source, Name: k.Name, Props: k.Props, Horizon: k.Horizon}, filled: true}
		return nil
	})
}

// ofOrders tells whether a need is read from orders, of which the log brings no facts of its own: the orders of a customer are
// read anew from the warehouse when one of them changes.
func ofOrders(n *rule.Need) bool {
	return n.Source == rule.Orders || n.Source == rule.Refunds || n.Source == rule.Lines
}

// covering finds a strand that holds a need, filled or on its way.
func (e *Engine) covering(n *rule.Need, filled bool) *strand {
	var best *strand
	for _, s := range e.strands {
		if s.filled == filled && s.need.Covers(n) && (best == nil || s.ID > best.ID) {
			best = s
		}
	}
	return best
}

// addStrand begins a strand for a need. From now on the log feeds it. Its number is never given again, for records may hold
// facts of a strand whose filling a crash cut off. It is called under the lock.
func (e *Engine) addStrand(n *rule.Need) (*strand, error) {
	e.lastStrand++
	id := e.lastStrand
	c := e.Recall.Begin(e.instant())
	defer c.Discard()
	if err := c.Keep(lastStrandName, strconv.AppendUint(nil, uint64(id), 10)); err != nil {
		return nil, err
	}
	if err := c.EndSoon(); err != nil {
		return nil, err
	}
	s := &strand{ID: id, need: *n, reread: roaring.New()}
	if key, known := e.Warehouse.NameKey(n.Name); known && n.Source == rule.Events {
		s.need.NameKey = key // the first of that name may have come since the rule was bound
	}
	e.strands[id] = s
	e.retain()
	return s, nil
}

// drop forgets strands that no rule needs. Their facts go when their records are written next.
func (e *Engine) drop(c *recall.Commit, ids ...uint32) error {
	for _, id := range ids {
		if err := c.Keep(strandName(id), nil); err != nil {
			return err
		}
	}
	return nil
}

// slotsFor says which strand holds which need; every need has a filled one.
func (e *Engine) slotsFor(needs []rule.Need) (recall.Slots, error) {
	slots := recall.Slots{Pick: make([][]int32, len(needs))}
	for i := range needs {
		s := e.covering(&needs[i], true)
		if s == nil {
			return slots, fmt.Errorf("no strand holds %s of %q", needs[i].Source, needs[i].Name)
		}
		hold(&slots, s, i, &needs[i])
		s.need = wider(needs[i], s.need)
	}
	return slots, nil
}

// hold says that a strand's facts are wanted at a slot, with the properties of a need.
func hold(slots *recall.Slots, s *strand, slot int, n *rule.Need) {
	slots.Hold(s.ID, slot)
	if slices.Equal(s.need.Props, n.Props) {
		return
	}
	pick := make([]int32, len(n.Props))
	for j, p := range n.Props {
		pick[j] = int32(slices.Index(s.need.Props, p))
	}
	slots.Pick[slot] = pick
}

// wider is a need with what a strand keeps for it: a need knows more than its fields, of the catalogue that it was bound with.
func wider(n, kept rule.Need) rule.Need {
	n.Props, n.Horizon = kept.Props, kept.Horizon
	return n
}

// retaining tells recall which facts stay when a record is written whole.
type retaining struct {
	horizons map[uint32]int64 // by strand, in microseconds; 0 is for ever
	nowUS    int64
}

// slack is how much longer than its horizon a fact is kept: clocks step back, and a sweep may be late.
const slack = 48 * time.Hour

// retain says anew which strands there are. It is called under the lock.
func (e *Engine) retain() {
	r := &retaining{horizons: map[uint32]int64{}, nowUS: e.nowUS}
	for id, s := range e.strands {
		r.horizons[id] = s.need.Horizon.Microseconds()
	}
	e.retained.Store(r)
}

// stays is what recall asks.
func (e *Engine) stays(id uint32, atUS int64) bool {
	r := e.retained.Load()
	if r == nil {
		return true
	}
	horizon, known := r.horizons[id]
	return known && (horizon == 0 || atUS > r.nowUS-horizon-slack.Microseconds())
}
