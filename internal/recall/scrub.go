package recall

import (
	"bufio"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Scrub overwrites what customers have in dead chunks of the log of records, where it would lie until its segment is emptied, and
// what values that were kept under names were before. It returns how many chunks that were. What they still have stays.
func (r *Recall) Scrub(ctx context.Context, customers []uint32) (chunks int64, err error) {
	r.writing.Lock()
	defer r.writing.Unlock()
	if err := r.scrubKept(ctx); err != nil {
		return 0, err
	}
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

// scrubKept drops earlier values of what is kept under names from the engine's tables, and blanks its logs but for the one that is
// written to. The engine writes over old logs, from their beginning: behind its end the one in use may hold what an earlier one
// held, so that it is changed for one that is blank.
func (r *Recall) scrubKept(ctx context.Context) error {
	r.claiming.Lock()
	defer r.claiming.Unlock()
	from := keptKey("kept/")
	if err := r.people.sync(); err != nil { // a flush makes the tables durable of commits that did not wait for the disk
		return err
	}
	if err := r.db.Flush(); err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	if err := r.db.Compact(ctx, from, behind(from), false); err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	for range 2 {
		if err := r.blankLogs(); err != nil {
			return fmt.Errorf("recall: %w", err)
		}
		if err := r.db.Flush(); err != nil {
			return fmt.Errorf("recall: %w", err)
		}
	}
	return r.blankLogs()
}

// blankLogs overwrites the engine's logs but the newest: after a flush nothing in them is needed.
func (r *Recall) blankLogs() error {
	logs, err := filepath.Glob(filepath.Join(r.folder, "index", "*.log"))
	if err != nil {
		return err
	}
	slices.SortFunc(logs, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	for _, name := range logs[:max(len(logs)-1, 0)] {
		if err := blankFile(name); err != nil && !errors.Is(err, fs.ErrNotExist) { // the engine drops them as it likes
			return err
		}
	}
	return nil
}

func blankFile(name string) (err error) {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	i, err := f.Stat()
	if err != nil {
		return err
	}
	room := make([]byte, 1<<20)
	for at := int64(0); at < i.Size(); at += int64(len(room)) {
		if _, err := f.WriteAt(room[:min(int64(len(room)), i.Size()-at)], at); err != nil {
			return err
		}
	}
	return f.Sync()
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
