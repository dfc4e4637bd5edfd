package recall

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
)

// Scrub overwrites what customers have in dead chunks of the log of records, where it would lie until its segment is emptied.
// It returns how many chunks that were. What they still have stays.
func (r *Recall) Scrub(customers []uint32) (chunks int64, err error) {
	r.writing.Lock()
	defer r.writing.Unlock()
	of := map[uint32]bool{}
	for _, c := range customers {
		of[c] = true
	}
	for slot, s := range r.people.segments {
		n, err := r.people.scrub(slot, s, of)
		if err != nil {
			return chunks, r.damaged(err)
		}
		chunks += n
	}
	return chunks, nil
}

func (p *people) scrub(slot int, s *segment, of map[uint32]bool) (chunks int64, err error) {
	read := bufio.NewReaderSize(io.NewSectionReader(s.file, 0, s.size), 1<<20)
	head := make([]byte, chunkHead)
	for at := int64(0); at < s.size; {
		if _, err := io.ReadFull(read, head); err != nil {
			return chunks, fmt.Errorf("%w: %w", errDamaged, err)
		}
		size := chunkHead + int(binary.LittleEndian.Uint32(head[16:]))
		if _, err := read.Discard(size - chunkHead); err != nil {
			return chunks, fmt.Errorf("%w: %w", errDamaged, err)
		}
		customer := binary.LittleEndian.Uint32(head[4:])
		if of[customer] && size > chunkHead {
			lives, err := p.lives(customer, int64(slot)*segmentBytes+at)
			if err != nil {
				return chunks, err
			}
			if !lives {
				if _, err := s.file.WriteAt(blank(size), at); err != nil {
					return chunks, fmt.Errorf("recall: %w", err)
				}
				chunks++
			}
		}
		at += int64(size)
	}
	if chunks > 0 {
		if err := s.file.Sync(); err != nil {
			return chunks, fmt.Errorf("recall: %w", err)
		}
	}
	return chunks, nil
}

// blank is a chunk of nobody, of a size.
func blank(size int) []byte {
	b := binary.LittleEndian.AppendUint32(make([]byte, 4, size), nobody)
	b = binary.LittleEndian.AppendUint64(b, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(size-chunkHead))
	b = slices.Grow(b, size-len(b))[:size]
	clear(b[chunkHead:])
	binary.LittleEndian.PutUint32(b, crc32.Checksum(b[4:], castagnoli))
	return b
}
