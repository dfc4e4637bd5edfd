package recall

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// The log of records is a set of segments, files that are only appended to. A chunk is written once:
//
//	crc32c of all that follows | customer | the chunk before, as in the index | length of the payload | payload
//
// A chunk without one before is a whole record (see arranging), and one without a payload says that there is none.
const (
	segmentBytes = 64 << 20
	chunkHead    = 4 + 4 + 8 + 4
	maxChunk     = 1<<20 - 1 // with its head; longer records are those of machines, see Heavy
	maxSlots     = 1 << 12
	longestChain = 5   // chunks that a read may have to fetch
	wholeBelow   = 192 // a lone chunk so short is written anew with what comes
	muchLarger   = 3   // times what comes behind it is a chunk that stays when a chain is made shorter
)

// A link is where a chunk is: 38 bits of position, 20 of length, 6 of how many chunks the chain has. 0 is none.
type link uint64

func newLink(at int64, size, chain int) link {
	return link(uint64(at)<<26 | uint64(size)<<6 | uint64(chain))
}
func (l link) at() int64     { return int64(l >> 26) }
func (l link) size() int     { return int(l >> 6 & maxChunk) }
func (l link) chain() int    { return int(l & 63) }
func (l link) slot() int     { return int(l.at() / segmentBytes) }
func (l link) offset() int64 { return l.at() % segmentBytes }

// segment is one file. Slots are used again after their file has been emptied; born tells the files of one slot apart and
// gives the order in which they were written.
type segment struct {
	born uint64
	size int64 // committed
	live int64 // bytes of it that are in a chain
	file *os.File
}

// people is the log of records with its index. It has one writer; reads are safe beside it where the caller keeps commits away.
type people struct {
	folder    string
	index     []link // by customer
	segments  map[int]*segment
	reading   sync.Locker // keeps readers away from the table of segments
	active    int         // slot that is written to; -1 before the first
	born      uint64
	appended  int64 // since the last checkpoint
	buried    bool  // a record was ended since then: the chunk that says so is in no chain
	scratch   []byte
	arena     []byte
	arranging arranging
	tails     tails
	unsynced  unsynced
}

// unsynced are the segments that a machine which fails may lose the end of, although the engine's tables name it: of commits that
// did not wait for the disk. They are synced before anything makes those tables durable on purpose.
type unsynced struct {
	mu     sync.Mutex
	files  map[int]*os.File // by slot
	folder bool             // a file is new in it
}

func (u *unsynced) note(slot int, file *os.File, fresh bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.files == nil {
		u.files = map[int]*os.File{}
	}
	u.files[slot] = file
	u.folder = u.folder || fresh
}

// forget is for a segment that is removed.
func (u *unsynced) forget(slot int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.files, slot)
}

func (u *unsynced) sync(folder string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	for slot, file := range u.files {
		if err := file.Sync(); err != nil {
			return fmt.Errorf("recall: %w", err)
		}
		delete(u.files, slot)
	}
	if u.folder {
		if err := syncFolder(folder); err != nil {
			return fmt.Errorf("recall: %w", err)
		}
		u.folder = false
	}
	return nil
}

// sync makes everything durable that was written.
func (p *people) sync() error { return p.unsynced.sync(p.folder) }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errDamaged = errors.New("a record does not read as it was written")

func (p *people) segmentName(slot int, born uint64) string {
	return filepath.Join(p.folder, fmt.Sprintf("facts-%04d-%012d", slot, born))
}

func (p *people) find(customer uint32) link {
	if int(customer) < len(p.index) {
		return p.index[customer]
	}
	return 0
}

func (p *people) point(customer uint32, l link) {
	if int(customer) >= len(p.index) {
		if l == 0 {
			return
		}
		known := len(p.index)
		p.index = slices.Grow(p.index, int(customer)+1-known)[:customer+1]
		clear(p.index[known:])
	}
	p.index[customer] = l
}

// read appends the payloads of a customer's chain to dst, the newest first, and the chain's links to chain.
func (p *people) read(customer uint32, dst []byte, chain []link) ([]byte, []link, error) {
	return p.readFrom(customer, p.find(customer), dst, chain)
}

// readFrom is read of a chain from one of its chunks on.
func (p *people) readFrom(customer uint32, l link, dst []byte, chain []link) ([]byte, []link, error) {
	if t, ok := p.tails.of(customer, l); ok {
		dst, chain, l = append(dst, t.payload...), append(chain, t.links[:t.known]...), t.links[t.known]
	}
	for l != 0 {
		s := p.segments[l.slot()]
		if s == nil || l.size() < chunkHead || len(chain) > 63 {
			return dst, chain, p.damagedFor(customer)
		}
		from := len(dst)
		dst = slices.Grow(dst, l.size())[:from+l.size()]
		if _, err := s.file.ReadAt(dst[from:], l.offset()); err != nil {
			return dst, chain, fmt.Errorf("%w (customer %d): %w", errDamaged, customer, err)
		}
		before, ok := checkChunk(dst[from:], customer)
		if !ok {
			return dst, chain, p.damagedFor(customer)
		}
		chain = append(chain, l)
		dst = append(dst[:from], dst[from+chunkHead:]...)
		l = before
	}
	return dst, chain, nil
}

func (p *people) damagedFor(customer uint32) error {
	return fmt.Errorf("%w (customer %d)", errDamaged, customer)
}

// checkChunk tells whether a chunk is whole and the customer's, and which is before it.
func checkChunk(b []byte, customer uint32) (before link, ok bool) {
	if binary.LittleEndian.Uint32(b) != crc32.Checksum(b[4:], castagnoli) || binary.LittleEndian.Uint32(b[4:]) != customer {
		return 0, false
	}
	return link(binary.LittleEndian.Uint64(b[8:])), int(binary.LittleEndian.Uint32(b[16:])) == len(b)-chunkHead
}

// writing is what a commit appends. Nothing of it counts before settle.
type writing struct {
	p      *people
	buffer []byte // of the segment being written, from its end on
	slot   int
	from   int64
	moved  []pointed
	arena  []byte
	grown  map[int]int64 // new ends, by slot
	freed  map[int]int64 // bytes that leave their chains, by slot
	opened []int         // slots made by this writing
}

// pointed is where a customer's chain ends from now on: behind a chunk before, by a payload in the arena.
type pointed struct {
	customer   uint32
	to, before link
	payload    span
	has        strands // of a whole record
}

type span struct{ from, to int }

func (p *people) write() *writing {
	w := &writing{p: p, slot: p.active, grown: map[int]int64{}, freed: map[int]int64{}, buffer: p.scratch[:0], arena: p.arena[:0]}
	if p.active >= 0 {
		w.from = p.segments[p.active].size
	}
	return w
}

// put writes facts as a chunk. before 0 makes it the whole record; superseded are the links that no chain has any more then.
func (w *writing) put(customer uint32, before link, superseded []link, payload []byte) error {
	has := strands(0)
	if before == 0 && len(payload) > 0 {
		var ok bool
		if payload, ok = w.p.arranging.whole(customer, payload); !ok {
			return w.p.damagedFor(customer)
		}
		has = w.p.arranging.has
	}
	size := chunkHead + len(payload)
	if size > maxChunk {
		return fmt.Errorf("recall: a chunk of %d bytes", size)
	}
	if w.slot < 0 || w.from+int64(len(w.buffer)+size) > segmentBytes {
		if err := w.next(); err != nil {
			return err
		}
	}
	for _, l := range superseded {
		w.freed[l.slot()] += int64(l.size())
	}
	if len(payload) == 0 {
		before = 0
	}
	l := newLink(int64(w.slot)*segmentBytes+w.from+int64(len(w.buffer)), size, before.chain()+1)
	start := len(w.buffer)
	w.buffer = append(w.buffer, 0, 0, 0, 0)
	w.buffer = binary.LittleEndian.AppendUint32(w.buffer, customer)
	w.buffer = binary.LittleEndian.AppendUint64(w.buffer, uint64(before))
	w.buffer = binary.LittleEndian.AppendUint32(w.buffer, uint32(len(payload)))
	w.buffer = append(w.buffer, payload...)
	binary.LittleEndian.PutUint32(w.buffer[start:], crc32.Checksum(w.buffer[start+4:], castagnoli))
	if len(payload) == 0 {
		w.freed[w.slot] += int64(size)
		l, w.p.buried = 0, true
	}
	kept := span{len(w.arena), len(w.arena)}
	if before != 0 && l != 0 {
		w.arena = append(w.arena, payload...)
		kept.to = len(w.arena)
	}
	w.moved = append(w.moved, pointed{customer, l, before, kept, has})
	return nil
}

// next writes what is held and goes on in a new segment.
func (w *writing) next() error {
	if err := w.flush(); err != nil {
		return err
	}
	slot := 0
	for w.p.segments[slot] != nil {
		slot++
	}
	if slot >= maxSlots {
		return errors.New("recall: the log of records is full")
	}
	w.p.born++
	f, err := os.OpenFile(w.p.segmentName(slot, w.p.born), os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	w.p.reading.Lock()
	w.p.segments[slot] = &segment{born: w.p.born, file: f}
	w.p.reading.Unlock()
	w.p.unsynced.note(slot, f, true)
	w.opened = append(w.opened, slot)
	w.slot, w.from = slot, 0
	return nil
}

func (w *writing) flush() error {
	if len(w.buffer) == 0 {
		return nil
	}
	if _, err := w.p.segments[w.slot].file.WriteAt(w.buffer, w.from); err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	w.p.unsynced.note(w.slot, w.p.segments[w.slot].file, false)
	w.from += int64(len(w.buffer))
	w.grown[w.slot] = w.from
	w.buffer = w.buffer[:0]
	return nil
}

// sync makes what was written durable, and what commits before left to a later one.
func (w *writing) sync() error {
	if err := w.flush(); err != nil {
		return err
	}
	return w.p.sync()
}

// undo forgets what was written; what lies behind a segment's end is overwritten later.
func (w *writing) undo() error {
	var errs []error
	w.p.reading.Lock()
	defer w.p.reading.Unlock()
	for _, slot := range w.opened {
		s := w.p.segments[slot]
		delete(w.p.segments, slot)
		w.p.unsynced.forget(slot)
		errs = append(errs, s.file.Close(), removeIfThere(s.file.Name()))
	}
	return errors.Join(errs...)
}

// after is the table of segments as it will be.
func (w *writing) after() segmentTable {
	t := segmentTable{Active: w.slot, Born: w.p.born}
	for slot, s := range w.p.segments {
		e := segmentEntry{Slot: slot, Born: s.born, Size: s.size, Live: s.live - w.freed[slot]}
		if grown, ok := w.grown[slot]; ok {
			e.Live += grown - s.size
			e.Size = grown
		}
		t.Segments = append(t.Segments, e)
	}
	return t
}

// settle makes what was written count.
func (w *writing) settle(t segmentTable) {
	p := w.p
	for _, e := range t.Segments {
		s := p.segments[e.Slot]
		p.appended += e.Size - s.size
		s.size, s.live = e.Size, e.Live
	}
	p.active, p.scratch, p.arena = w.slot, w.buffer[:0], w.arena[:0]
	for _, m := range w.moved {
		p.point(m.customer, m.to)
		p.tails.settle(m, w.arena[m.payload.from:m.payload.to])
	}
}

func (p *people) close() error {
	var errs []error
	for _, s := range p.segments {
		errs = append(errs, s.file.Close())
	}
	p.segments = nil
	return errors.Join(errs...)
}

func (p *people) bytes() (size, live int64) {
	for _, s := range p.segments {
		size, live = size+s.size, live+s.live
	}
	return size, live
}

func removeIfThere(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
