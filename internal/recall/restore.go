package recall

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"unsafe"

	"github.com/zeebo/xxh3"
)

// segmentTable says which segments there are and how far each counts. It is kept with every commit.
type segmentTable struct {
	Active   int
	Born     uint64
	Segments []segmentEntry
}

type segmentEntry struct {
	Slot       int
	Born       uint64
	Size, Live int64
}

func (t segmentTable) encode() []byte {
	b := binary.AppendVarint(nil, int64(t.Active))
	b = binary.AppendUvarint(b, t.Born)
	for _, s := range t.Segments {
		b = binary.AppendUvarint(b, uint64(s.Slot))
		b = binary.AppendUvarint(b, s.Born)
		b = binary.AppendUvarint(b, uint64(s.Size))
		b = binary.AppendUvarint(b, uint64(max(s.Live, 0)))
	}
	return b
}

func decodeTable(b []byte) (t segmentTable, err error) {
	active, n := binary.Varint(b)
	if n <= 0 {
		return t, errDamaged
	}
	numbers := []uint64{}
	for b = b[n:]; len(b) > 0; b = b[n:] {
		v, used := binary.Uvarint(b)
		if used <= 0 {
			return t, errDamaged
		}
		numbers, n = append(numbers, v), used
	}
	if len(numbers)%4 != 1 {
		return t, errDamaged
	}
	t.Active, t.Born = int(active), numbers[0]
	for v := numbers[1:]; len(v) > 0; v = v[4:] {
		t.Segments = append(t.Segments, segmentEntry{int(v[0]), v[1], int64(v[2]), int64(v[3])})
	}
	slices.SortFunc(t.Segments, func(a, b segmentEntry) int { return cmp.Compare(a.Born, b.Born) })
	return t, nil
}

// openPeople opens the log as the table has it. The index comes from the last checkpoint and from what was written since.
func openPeople(folder string, t segmentTable) (_ *people, err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("recall: %w", err)
	}
	p := &people{folder: folder, segments: map[int]*segment{}, active: t.Active, born: t.Born}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	if err := p.sweep(t); err != nil {
		return nil, err
	}
	for _, e := range t.Segments {
		f, err := os.OpenFile(p.segmentName(e.Slot, e.Born), os.O_RDWR, 0o600)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errDamaged, err)
		}
		p.segments[e.Slot] = &segment{born: e.Born, size: e.Size, live: e.Live, file: f}
	}
	seen, err := p.loadIndex()
	if err != nil || beyond(t, seen) {
		p.index, seen = nil, nil // it is only a short cut
	}
	for _, e := range t.Segments {
		if err := p.scan(e, seen[e.Born]); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// beyond tells whether a checkpoint knows more than the table: then it is of commits that were lost with the machine.
func beyond(t segmentTable, seen map[uint64]int64) bool {
	return slices.ContainsFunc(t.Segments, func(e segmentEntry) bool { return seen[e.Born] > e.Size })
}

// sweep removes the files that no table has: of a commit that did not happen, or emptied before a crash.
func (p *people) sweep(t segmentTable) error {
	names, err := filepath.Glob(filepath.Join(p.folder, "facts-*"))
	if err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	for _, name := range names {
		if !slices.ContainsFunc(t.Segments, func(e segmentEntry) bool { return p.segmentName(e.Slot, e.Born) == name }) {
			if err := os.Remove(name); err != nil {
				return fmt.Errorf("recall: %w", err)
			}
		}
	}
	return nil
}

// scan brings the index up to date with a segment, from a position on.
func (p *people) scan(e segmentEntry, from int64) error {
	s := p.segments[e.Slot]
	r := bufio.NewReaderSize(io.NewSectionReader(s.file, from, e.Size-from), 1<<20)
	chunk := make([]byte, chunkHead, 4096)
	for at := from; at < e.Size; {
		if _, err := io.ReadFull(r, chunk[:chunkHead]); err != nil {
			return fmt.Errorf("%w: %w", errDamaged, err)
		}
		size := chunkHead + int(binary.LittleEndian.Uint32(chunk[16:]))
		if size > maxChunk {
			return errDamaged
		}
		chunk = slices.Grow(chunk[:chunkHead], size-chunkHead)[:size]
		if _, err := io.ReadFull(r, chunk[chunkHead:]); err != nil {
			return fmt.Errorf("%w: %w", errDamaged, err)
		}
		customer := binary.LittleEndian.Uint32(chunk[4:])
		before, ok := checkChunk(chunk, customer)
		if !ok {
			return errDamaged
		}
		l := newLink(int64(e.Slot)*segmentBytes+at, size, before.chain()+1)
		if size == chunkHead {
			l, p.buried = 0, true
		}
		if customer != nobody {
			p.point(customer, l)
		}
		at += int64(size)
	}
	return nil
}

const indexMagic = 0x31786469_4c474e44

func (p *people) indexName() string { return filepath.Join(p.folder, "index") }

func (p *people) words() []uint64 {
	if len(p.index) == 0 {
		return nil
	}
	return unsafe.Slice((*uint64)(unsafe.Pointer(&p.index[0])), len(p.index)) //nolint:gosec // a link is a word
}

// checkpoint keeps the index, so that the next start need not read all segments.
func (p *people) checkpoint() error {
	var table []byte
	for _, s := range p.segments {
		table = binary.LittleEndian.AppendUint64(table, s.born)
		table = binary.LittleEndian.AppendUint64(table, uint64(s.size))
	}
	head := make([]byte, 0, 32)
	head = binary.LittleEndian.AppendUint64(head, indexMagic)
	head = binary.LittleEndian.AppendUint64(head, uint64(len(table)))
	head = binary.LittleEndian.AppendUint64(head, uint64(len(p.index)))
	head = binary.LittleEndian.AppendUint64(head, xxh3.Hash(table)^xxh3.Hash(bytesOf(p.words())))
	if err := replaceFile(p.indexName(), head, table, bytesOf(p.words())); err != nil {
		return err
	}
	p.appended, p.buried = 0, false
	return nil
}

// loadIndex reads the checkpoint and says how far of each segment it knows.
func (p *people) loadIndex() (seen map[uint64]int64, err error) {
	b, err := os.ReadFile(p.indexName())
	if err != nil {
		return nil, err
	}
	if len(b) < 32 || binary.LittleEndian.Uint64(b) != indexMagic {
		return nil, errDamaged
	}
	table, words := int(binary.LittleEndian.Uint64(b[8:])), int(binary.LittleEndian.Uint64(b[16:]))
	if table < 0 || words < 0 || table%16 != 0 || len(b) != 32+table+8*words {
		return nil, errDamaged
	}
	if binary.LittleEndian.Uint64(b[24:]) != xxh3.Hash(b[32:32+table])^xxh3.Hash(b[32+table:]) {
		return nil, errDamaged
	}
	seen = map[uint64]int64{}
	for at := 32; at < 32+table; at += 16 {
		seen[binary.LittleEndian.Uint64(b[at:])] = int64(binary.LittleEndian.Uint64(b[at+8:]))
	}
	p.index = make([]link, words)
	copy(bytesOf(p.words()), b[32+table:])
	return seen, nil
}
