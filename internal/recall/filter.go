package recall

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/zeebo/xxh3"
)

// The filter answers "surely not seen" for ids that were never added, from one cache line an era. An era takes a number of ids
// and is then never changed; each is larger than the one before, up to a limit.
const (
	bitsAnID    = 12
	blockWords  = 8 // a block is a cache line
	firstEra    = 4 << 20
	largestEra  = 16 << 20
	filterMagic = 0x31746c664c474e44
)

type filter struct{ eras []*era }

type era struct {
	words   []uint64
	taken   int
	room    int
	saved   bool // as it is
	release func() error
}

func newEra(room int) (*era, error) {
	blocks := (room*bitsAnID + 64*blockWords - 1) / (64 * blockWords)
	words, release, err := allocate(blocks * blockWords)
	if err != nil {
		return nil, fmt.Errorf("recall filter: %w", err)
	}
	return &era{words: words, room: room, release: release}, nil
}

// block is the cache line of an id. Its eight bits come from the low half of the hash, one in each word.
func (e *era) block(h xxh3.Uint128) []uint64 {
	blocks := uint64(len(e.words) / blockWords)
	at := (h.Hi >> 32) * blocks >> 32 * blockWords
	return e.words[at : at+blockWords : at+blockWords]
}

func (e *era) has(h xxh3.Uint128) bool {
	b, bits := e.block(h), h.Lo
	for i := range blockWords {
		if b[i]&(1<<(bits&63)) == 0 {
			return false
		}
		bits >>= 6
	}
	return true
}

func (e *era) add(h xxh3.Uint128) {
	b, bits := e.block(h), h.Lo
	for i := range blockWords {
		b[i] |= 1 << (bits & 63)
		bits >>= 6
	}
	e.taken++
	e.saved = false
}

// maybe tells whether the id may have been added; false is certain.
func (f *filter) maybe(h xxh3.Uint128) bool {
	for i := len(f.eras) - 1; i >= 0; i-- {
		if f.eras[i].has(h) {
			return true
		}
	}
	return false
}

func (f *filter) add(h xxh3.Uint128) error {
	if n := len(f.eras); n == 0 || f.eras[n-1].taken >= f.eras[n-1].room {
		e, err := newEra(min(firstEra<<n, largestEra))
		if err != nil {
			return err
		}
		f.eras = append(f.eras, e)
	}
	f.eras[len(f.eras)-1].add(h)
	return nil
}

func (f *filter) close() error {
	var errs []error
	for _, e := range f.eras {
		errs = append(errs, e.release())
	}
	f.eras = nil
	return errors.Join(errs...)
}

func (f *filter) bytes() (n int64) {
	for _, e := range f.eras {
		n += int64(len(e.words)) * 8
	}
	return n
}

func eraName(folder string, i int) string { return filepath.Join(folder, fmt.Sprintf("ids-%04d", i)) }

// save writes the eras that changed since; the files are whole or not there.
func (f *filter) save(folder string) error {
	for i, e := range f.eras {
		if e.saved {
			continue
		}
		head := make([]byte, 0, 32)
		head = binary.LittleEndian.AppendUint64(head, filterMagic)
		head = binary.LittleEndian.AppendUint64(head, uint64(e.taken))
		head = binary.LittleEndian.AppendUint64(head, uint64(e.room))
		head = binary.LittleEndian.AppendUint64(head, xxh3.Hash(bytesOf(e.words)))
		if err := replaceFile(eraName(folder, i), head, bytesOf(e.words)); err != nil {
			return err
		}
		e.saved = true
	}
	return nil
}

var errNoFilter = errors.New("the saved filter cannot be used")

// load reads the eras saved; count is how many there must be.
func (f *filter) load(folder string, count int) error {
	for i := range count {
		e, err := loadEra(eraName(folder, i))
		if err != nil {
			return errors.Join(err, f.close())
		}
		f.eras = append(f.eras, e)
	}
	return nil
}

func loadEra(name string) (e *era, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("recall filter: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	var head [32]byte
	if _, err := io.ReadFull(file, head[:]); err != nil {
		return nil, fmt.Errorf("%w: %w", errNoFilter, err)
	}
	room := binary.LittleEndian.Uint64(head[16:])
	if binary.LittleEndian.Uint64(head[:]) != filterMagic || room < 1 || room > largestEra {
		return nil, errNoFilter
	}
	if e, err = newEra(int(room)); err != nil {
		return nil, err
	}
	_, err = io.ReadFull(file, bytesOf(e.words))
	if err == nil && xxh3.Hash(bytesOf(e.words)) != binary.LittleEndian.Uint64(head[24:]) {
		err = errNoFilter
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", errNoFilter, err), e.release())
	}
	e.taken, e.saved = int(binary.LittleEndian.Uint64(head[8:])), true
	return e, nil
}

// replaceFile writes a file under another name, syncs it and puts it in place.
func replaceFile(name string, parts ...[]byte) (err error) {
	file, err := os.OpenFile(name+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	for _, p := range parts {
		if _, err = file.Write(p); err != nil {
			break
		}
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(name+".new", name)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(name))
	}
	if err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	return nil
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
