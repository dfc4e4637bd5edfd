package recall

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Records that are written anew leave dead chunks behind. Of the segment with the least that lives, each commit rewrites what
// lives in a piece; a segment in which nothing lives is removed.

// gathering is where that work stands.
type gathering struct {
	born uint64 // of the segment being emptied; 0 is none
	slot int
	at   int64
	done []uint64 // segments walked through to their end: whatever is counted, nothing lives there
}

const (
	gatherPiece   = 256 << 10 // bytes looked through at least, a commit
	checkpointAll = 512 << 20 // bytes appended between checkpoints of the index
)

// gather adds some of what lives in the emptiest segment to the records that this commit writes whole.
func (c *Commit) gather() error {
	g, p := &c.r.gather, c.r.people
	if g.born == 0 && !p.choose(g) {
		return nil
	}
	s := p.segments[g.slot]
	if s == nil || s.born != g.born {
		*g = gathering{done: g.done}
		return nil
	}
	piece := int64(max(gatherPiece, 2*len(c.arena)))
	to := min(g.at+piece, s.size)
	r := bufio.NewReaderSize(io.NewSectionReader(s.file, g.at, s.size-g.at), int(piece))
	head := make([]byte, chunkHead)
	for g.at < to {
		if _, err := io.ReadFull(r, head); err != nil {
			return c.r.damaged(fmt.Errorf("%w: %w", errDamaged, err))
		}
		size := chunkHead + int(binary.LittleEndian.Uint32(head[16:]))
		if _, err := r.Discard(size - chunkHead); err != nil {
			return c.r.damaged(fmt.Errorf("%w: %w", errDamaged, err))
		}
		customer := binary.LittleEndian.Uint32(head[4:])
		lives, err := p.lives(customer, int64(g.slot)*segmentBytes+g.at)
		if err != nil {
			return c.r.damaged(err)
		}
		if lives {
			if _, err := c.open(customer); err != nil {
				return err
			}
		}
		g.at += int64(size)
	}
	if g.at >= s.size {
		g.done = append(g.done, g.born)
		g.born = 0
	}
	return nil
}

// choose picks the segment to be emptied, where more than half of all is dead.
func (p *people) choose(g *gathering) bool {
	size, live := p.bytes()
	if size < 2*live+segmentBytes {
		return false
	}
	best := 1.0
	for slot, s := range p.segments {
		if slot == p.active || s.size == 0 || slices.Contains(g.done, s.born) {
			continue
		}
		if share := float64(s.live) / float64(s.size); share < best {
			best, g.slot, g.born, g.at = share, slot, s.born, 0
		}
	}
	return g.born != 0
}

// lives tells whether the chunk at a position is part of a customer's chain.
func (p *people) lives(customer uint32, at int64) (bool, error) {
	var head [chunkHead]byte
	for l := p.find(customer); l != 0; l = link(binary.LittleEndian.Uint64(head[8:])) {
		if l.at() == at {
			return true, nil
		}
		s := p.segments[l.slot()]
		if s == nil {
			return false, fmt.Errorf("%w (customer %d)", errDamaged, customer)
		}
		if l.chain() == 1 {
			return false, nil
		}
		if _, err := s.file.ReadAt(head[:], l.offset()); err != nil {
			return false, fmt.Errorf("%w: %w", errDamaged, err)
		}
	}
	return false, nil
}

// emptied takes the segments in which nothing lives out of the table.
func (r *Recall) emptied(t *segmentTable) (slots []int) {
	t.Segments = slices.DeleteFunc(t.Segments, func(e segmentEntry) bool {
		gone := e.Slot != t.Active && (e.Live <= 0 || slices.Contains(r.gather.done, e.Born))
		if gone {
			slots = append(slots, e.Slot)
		}
		return gone
	})
	return slots
}

// afterwards removes files that no table has any more, and now and then keeps the index: always before a file goes that may be the only
// one to say that a record ended.
func (r *Recall) afterwards(durable bool, emptied []int) error {
	var errs []error
	if p := r.people; durable && (p.appended > checkpointAll || p.buried && len(emptied) > 0) {
		if err := p.checkpoint(); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, slot := range emptied {
		s := r.people.segments[slot]
		delete(r.people.segments, slot)
		r.people.unsynced.forget(slot)
		r.gather.done = slices.DeleteFunc(r.gather.done, func(born uint64) bool { return born == s.born })
		errs = append(errs, s.file.Close(), removeIfThere(s.file.Name()))
	}
	return errors.Join(errs...)
}
