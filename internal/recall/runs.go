package recall

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/cockroachdb/pebble/v2"
	"github.com/zeebo/xxh3"
)

// A run is a file of claims in the order of their hashes, which is written once:
//
//	a page: magic | the run's number | how many claims | crc32c
//	pages of 170 claims: claims | which page, and how many claims it holds | the run's number | crc32c of all that
//	the upper half of the first hash of each of these pages | crc32c
//
// The last part is in memory while the run is open, so that a claim is found by one read.
const (
	pageBytes   = 4096
	pageWords   = pageBytes / 8
	pageClaims  = (pageBytes - 16) / claimSize
	pieceBlocks = 64 // pages that are read or written at once where a run is walked through
	runMagic    = 0x316e7572_4c474e44
	syncEach    = 64 << 20 // bytes of a long run that may wait for the disk
)

type run struct {
	number uint64
	claims int64
	upTo   uint64 // the last spill that is in it
	file   *os.File
	firsts []uint64
}

func (r *run) blocks() int { return int((r.claims + pageClaims - 1) / pageClaims) }

// size is how many claims a page holds.
func (r *run) size(block int) int { return int(min(pageClaims, r.claims-int64(block)*pageClaims)) }

func (r *run) bytes() int64 { return int64(r.blocks())*(pageBytes+8) + pageBytes + 8 }

func (r *run) name(folder string) string {
	return filepath.Join(folder, fmt.Sprintf("run-%012d", r.number))
}

// check shows the claims of a page that is whole and stands where it was written.
func (r *run) check(page []uint64, block int) ([]claim, error) {
	b, n := bytesOf(page), r.size(block)
	if page[pageWords-2] != uint64(block)<<16|uint64(n) || binary.LittleEndian.Uint32(b[pageBytes-8:]) != uint32(r.number) ||
		binary.LittleEndian.Uint32(b[pageBytes-4:]) != crc32.Checksum(b[:pageBytes-4], castagnoli) {
		return nil, fmt.Errorf("%w (%s, page %d)", errDamaged, r.file.Name(), block+1)
	}
	return claimsOf(page[:n*claimWords]), nil
}

// seal writes a page's end.
func (r *run) seal(page []uint64, block int) {
	b := bytesOf(page)
	page[pageWords-2] = uint64(block)<<16 | uint64(r.size(block))
	binary.LittleEndian.PutUint32(b[pageBytes-8:], uint32(r.number))
	binary.LittleEndian.PutUint32(b[pageBytes-4:], crc32.Checksum(b[:pageBytes-4], castagnoli))
}

// read reads pages from a block on.
func (r *run) read(pages []uint64, block int) error {
	_, err := r.file.ReadAt(bytesOf(pages), int64(block+1)*pageBytes)
	return r.unread(err)
}

// unread says of an error whether the file itself is at fault.
func (r *run) unread(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	if err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	return nil
}

// find looks for a claim; the page is room for what is read.
func (r *run) find(h xxh3.Uint128, page []uint64) (place uint64, known bool, err error) {
	at, _ := slices.BinarySearch(r.firsts, h.Hi)
	for at = max(at-1, 0); at < len(r.firsts) && r.firsts[at] <= h.Hi; at++ {
		if err := r.read(page, at); err != nil {
			return 0, false, err
		}
		claims, err := r.check(page, at)
		if err != nil {
			return 0, false, err
		}
		if i, known := slices.BinarySearchFunc(claims, h, func(c claim, h xxh3.Uint128) int { return compareHashes(c.hash, h) }); known {
			return claims[i].place, true, nil
		}
	}
	return 0, false, nil
}

// each walks through all claims.
func (r *run) each(f func(c *claim) error) error {
	w := walk{run: r}
	for {
		claims, err := w.next()
		if err != nil || len(claims) == 0 {
			return err
		}
		for i := range claims {
			if err := f(&claims[i]); err != nil {
				return err
			}
		}
	}
}

// walk reads a run from its beginning to its end.
type walk struct {
	run   *run
	block int
	piece []uint64
}

// next shows the claims of the next page, none at the end.
func (w *walk) next() ([]claim, error) {
	if w.block >= w.run.blocks() {
		return nil, nil
	}
	in := w.block % pieceBlocks
	if in == 0 {
		n := min(pieceBlocks, w.run.blocks()-w.block)
		if w.piece == nil {
			w.piece = make([]uint64, n*pageWords)
		}
		if err := w.run.read(w.piece[:n*pageWords], w.block); err != nil {
			return nil, err
		}
	}
	claims, err := w.run.check(w.piece[in*pageWords:(in+1)*pageWords], w.block)
	w.block++
	return claims, err
}

// writeRun makes a run: fill gives the claims of each page, and pause is called between pieces. The file is on the disk then.
func writeRun(folder string, made run, fill func(block []claim) error, pause func() error) (_ *run, err error) {
	made.file, err = os.OpenFile(made.name(folder), os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("recall: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, made.file.Close(), removeIfThere(made.name(folder)))
		}
	}()
	if err := made.writeHead(); err != nil {
		return nil, err
	}
	blocks := made.blocks()
	piece := make([]uint64, min(blocks, pieceBlocks)*pageWords)
	made.firsts = make([]uint64, 0, blocks)
	for block, waiting := 0, 0; block < blocks; {
		n := 0
		for ; n < pieceBlocks && block < blocks; n, block = n+1, block+1 {
			page := piece[n*pageWords : (n+1)*pageWords]
			clear(page[made.size(block)*claimWords:])
			claims := claimsOf(page[:made.size(block)*claimWords])
			if err := fill(claims); err != nil {
				return nil, err
			}
			made.firsts = append(made.firsts, claims[0].hash.Hi)
			made.seal(page, block)
		}
		if _, err := made.file.Write(bytesOf(piece[:n*pageWords])); err != nil {
			return nil, fmt.Errorf("recall: %w", err)
		}
		if waiting += n * pageBytes; waiting >= syncEach {
			waiting = 0
			if err := made.file.Sync(); err != nil {
				return nil, fmt.Errorf("recall: %w", err)
			}
		}
		if err := pause(); err != nil {
			return nil, err
		}
	}
	return &made, made.writeEnd(folder)
}

func (r *run) writeHead() error {
	page := make([]uint64, pageWords)
	page[0], page[1], page[2] = runMagic, r.number, uint64(r.claims)
	page[3] = uint64(crc32.Checksum(bytesOf(page[:3]), castagnoli))
	if _, err := r.file.Write(bytesOf(page)); err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	return nil
}

func (r *run) writeEnd(folder string) error {
	sum := []uint64{uint64(crc32.Checksum(bytesOf(r.firsts), castagnoli))}
	_, err := r.file.Write(append(slices.Clone(bytesOf(r.firsts)), bytesOf(sum)...))
	if err == nil {
		err = r.file.Sync()
	}
	if err == nil {
		err = syncFolder(folder)
	}
	if err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	return nil
}

// open opens a run that the table names.
func (r *run) open(folder string) (err error) {
	if r.file, err = os.Open(r.name(folder)); err != nil {
		return r.unread(err)
	}
	var head [4]uint64
	if _, err := r.file.ReadAt(bytesOf(head[:]), 0); err != nil {
		return r.unread(err)
	}
	i, err := r.file.Stat()
	if err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	if head[0] != runMagic || head[1] != r.number || int64(head[2]) != r.claims || head[3] != uint64(crc32.Checksum(bytesOf(head[:3]), castagnoli)) || i.Size() != r.bytes() {
		return fmt.Errorf("%w (%s)", errDamaged, r.file.Name())
	}
	words := make([]uint64, r.blocks()+1)
	if _, err := r.file.ReadAt(bytesOf(words), int64(r.blocks()+1)*pageBytes); err != nil {
		return r.unread(err)
	}
	r.firsts = words[:r.blocks()]
	if words[r.blocks()] != uint64(crc32.Checksum(bytesOf(r.firsts), castagnoli)) {
		return fmt.Errorf("%w (%s)", errDamaged, r.file.Name())
	}
	return nil
}

// runs are all claims but the recent ones, the oldest first.
type runs struct {
	folder string
	list   []*run
	last   uint64 // number given
	page   []uint64
}

// take gives the number of a run to come.
func (r *runs) take() uint64 {
	r.last++
	return r.last
}

// with is the list as it is with a run instead of some.
func (r *runs) with(made *run, instead ...*run) []*run {
	list := slices.DeleteFunc(slices.Clone(r.list), func(one *run) bool { return slices.Contains(instead, one) })
	list = append(list, made)
	slices.SortFunc(list, func(a, b *run) int { return cmp.Compare(a.upTo, b.upTo) })
	return list
}

func (r *runs) upTo() uint64 {
	if len(r.list) == 0 {
		return 0
	}
	return r.list[len(r.list)-1].upTo
}

// find looks for a claim, from the newest run on: what comes twice mostly does so soon.
func (r *runs) find(h xxh3.Uint128) (place uint64, known bool, err error) {
	if r.page == nil {
		r.page = make([]uint64, pageWords)
	}
	for _, one := range slices.Backward(r.list) {
		if place, known, err = one.find(h, r.page); known || err != nil {
			return place, known, err
		}
	}
	return 0, false, nil
}

func (r *runs) bytes() (n int64) {
	for _, one := range r.list {
		n += one.bytes()
	}
	return n
}

func encodeRuns(list []*run) (b []byte) {
	for _, one := range list {
		b = binary.AppendUvarint(b, one.number)
		b = binary.AppendUvarint(b, uint64(one.claims))
		b = binary.AppendUvarint(b, one.upTo)
	}
	return b
}

// open opens the runs of a table, and removes the files of others: of a spill or a merge that did not come to its end.
func (r *runs) open(table []byte) error {
	if err := os.MkdirAll(r.folder, 0o700); err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	names := map[string]bool{}
	for len(table) > 0 {
		var numbers [3]uint64
		for i := range numbers {
			v, n := binary.Uvarint(table)
			if n <= 0 {
				return errDamaged
			}
			numbers[i], table = v, table[n:]
		}
		one := &run{number: numbers[0], claims: int64(numbers[1]), upTo: numbers[2]}
		r.list = append(r.list, one)
		if err := one.open(r.folder); err != nil {
			return err
		}
		r.last = max(r.last, one.number)
		names[one.name(r.folder)] = true
	}
	there, err := filepath.Glob(filepath.Join(r.folder, "run-*"))
	for _, name := range there {
		if !names[name] {
			err = errors.Join(err, os.Remove(name))
		}
	}
	if err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	return nil
}

func (r *runs) close() error {
	var errs []error
	for _, one := range r.list {
		if one.file != nil {
			errs = append(errs, one.file.Close())
		}
	}
	r.list = nil
	return errors.Join(errs...)
}

// keepRuns names the runs there are from now on, in one batch with what goes with that, and drops the files of those that were.
func (r *Recall) keepRuns(list []*run, o *pebble.WriteOptions, beside func(b *pebble.Batch) error) error {
	batch := r.db.NewBatch()
	err := errors.Join(beside(batch), batch.Set(keptKey(runsKept), encodeRuns(list), nil))
	if err == nil {
		err = r.commit(batch, o)
	}
	if err := errors.Join(err, batch.Close()); err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	var errs []error
	for _, one := range r.runs.list {
		if !slices.Contains(list, one) {
			errs = append(errs, one.file.Close(), removeIfThere(one.name(r.runs.folder)))
		}
	}
	r.runs.list = list
	if err := errors.Join(errs...); err != nil {
		r.log.Warn("recall could not remove message ids that were written anew", "error", err.Error())
	}
	return nil
}
