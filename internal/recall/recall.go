package recall

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/sstable/block"

	"github.com/dangol/dangol/internal/kit/fault"
)

// The kinds of key, by their first byte.
const (
	keyFresh   = 'n' // claims that are in no run yet
	keyBitmap  = 'b' // segment → members at a revision
	keyChange  = 'd' // segment, revision → who entered and who left
	keySince   = 'e' // segment, customer → since when
	keyHistory = 'h' // segment, hour → size, entered, left
	keyTold    = 'o' // what is still to be told
	keyOwner   = 'w' // origin → the customer who has its facts, where that is not the origin itself
	keyKept    = 'x' // by name
)

// The sizes of Pebble's parts, in bytes. Memtables are taken from the cache.
const (
	memtableBytes = 8 << 20
	blockBytes    = 8 << 10
	defaultCache  = 48 // MB
)

// Options bound what the engine may use.
type Options struct {
	CacheMB int // of Pebble's blocks and memtables; 0 means 48
	Log     *slog.Logger

	recent int // claims that become a run; tests make it small
}

// Offsets say how far what is here has followed the log and the journal of customers.
type Offsets struct{ Log, Journal uint64 }

// Recall is the memory of one data folder. One process opens it at a time.
type Recall struct {
	folder string
	log    *slog.Logger
	room   *room
	broken atomic.Bool // the engine could not write any more when the house stopped
	db     *pebble.DB

	claiming   sync.Mutex // guards what follows; where writing is held too, that comes first
	ids        filter
	recent     recent
	runs       runs
	fresh      uint64 // next key of keyFresh
	unsaved    int    // ids since the filter was saved
	spillAfter int    // so many recent claims become a run
	spillAt    int    // at so many that is tried next
	merging    *merging
	still      bool // no merge begins
	batch      claimBatch

	writing sync.Mutex   // held from Begin to the end of the commit
	mu      sync.RWMutex // guards what follows; commits hold it while they settle
	people  *people
	members map[uint32]*membership
	owners  map[uint32]uint32
	offsets Offsets
	told    uint64 // next key of keyTold
	retain  func(strand uint32, atUS int64) bool
	gather  gathering
}

const (
	damagedName = "damaged"
	filterKept  = "filter"
	runsKept    = "runs"
	tableKept   = "segments"
	offsetKept  = "offsets"
	formatKept  = "format"
	format      = 3
)

var errFormat = errors.New("it is of another format")

// Open opens or creates the memory in a folder. A fault recall.corrupt or recall.format says that the folder is to be discarded.
func Open(ctx context.Context, folder string, o Options) (*Recall, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("recall: %w", err)
	}
	if _, err := os.Stat(filepath.Join(folder, damagedName)); err == nil {
		return nil, corrupt(folder, errDamaged)
	}
	if o.recent == 0 {
		o.recent = spillAfter
	}
	r := &Recall{
		folder: folder, log: o.Log, room: newRoom(folder, o.Log), members: map[uint32]*membership{}, owners: map[uint32]uint32{},
		runs: runs{folder: filepath.Join(folder, "claims")}, spillAfter: o.recent,
	}
	settings := pebbleOptions(o)
	settings.FS = r.room.disk()
	db, err := pebble.Open(filepath.Join(folder, "index"), settings)
	if err != nil {
		if pebble.IsCorruptionError(err) || errors.Is(err, os.ErrNotExist) {
			return nil, corrupt(folder, err)
		}
		return nil, fault.New(fault.Unavailable, "recall.open", "the folder of what is remembered cannot be opened").
			At(fault.Place{File: folder}).Then("See that the disk has room and that no other process uses the folder; remove it to have it made anew.").Because(err)
	}
	r.db = db
	if err := r.load(ctx); err != nil {
		_ = r.close() // the first error is the one that tells
		if errors.Is(err, errFormat) {
			return nil, fault.New(fault.Unavailable, "recall.format", "what is remembered of the log was written by another version").
				At(fault.Place{File: folder}).Then("Remove the folder: it is made anew from the warehouse at the next start.").Because(err)
		}
		if errors.Is(err, errDamaged) || pebble.IsCorruptionError(err) {
			return nil, corrupt(folder, err)
		}
		return nil, err
	}
	return r, nil
}

func corrupt(folder string, cause error) error {
	return fault.New(fault.Unavailable, "recall.corrupt", "what is remembered of the log cannot be read").
		At(fault.Place{File: folder}).Then("Remove the folder: it is made anew from the warehouse at the next start.").Because(cause)
}

// Discard removes a folder that cannot be read, so that it can be made anew.
func Discard(folder string) error {
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	return nil
}

func pebbleOptions(o Options) *pebble.Options {
	cache := o.CacheMB
	if cache <= 0 {
		cache = defaultCache
	}
	p := &pebble.Options{
		CacheSize: int64(cache) << 20, MemTableSize: memtableBytes, MemTableStopWritesThreshold: 3, MaxOpenFiles: 500,
		FormatMajorVersion: pebble.FormatNewest, Logger: quiet{o.Log},
		L0CompactionThreshold: 8, L0StopWritesThreshold: 32, LBaseMaxBytes: 256 << 20,
	}
	p.EnsureDefaults()
	for i := range p.Levels {
		l := &p.Levels[i]
		l.BlockSize, l.FilterPolicy, l.FilterType = blockBytes, bloom.FilterPolicy(10), pebble.TableFilter
		l.Compression = func() *block.CompressionProfile { return block.NoCompression } // hashes and bitmaps
	}
	return p
}

// quiet passes on what an operator must know.
type quiet struct{ log *slog.Logger }

func (quiet) Infof(string, ...any) {}
func (q quiet) Errorf(format string, args ...any) {
	q.log.Error("recall engine", "error", fmt.Sprintf(format, args...))
}

// engineStopped is what the engine panics with.
type engineStopped struct{ why string }

func (s engineStopped) Error() string { return "recall: " + s.why }

// Fatalf ends the process: Pebble goes on after it as if it did not return, and what it could not write must not count. See guard.
func (q quiet) Fatalf(format string, args ...any) {
	s := engineStopped{fmt.Sprintf(format, args...)}
	q.log.Error("recall engine stopped", "error", s.why)
	panic(s)
}

// guard lets a write fail that a stop no longer lets wait for room: then what the engine panics with is the write's error, be it that it
// stops or, after it did, whatever its halves run into.
func (r *Recall) guard(write func() error) (err error) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		_, stopped := p.(engineStopped)
		if !r.room.released() || !stopped && !r.broken.Load() {
			panic(p)
		}
		r.broken.Store(true)
		cause, isError := p.(error)
		if !isError {
			cause = fmt.Errorf("recall: %v", p)
		}
		err = fault.New(fault.Unavailable, "recall.no_room", "the disk is full, and the server stops").
			At(fault.Place{File: r.folder}).Then("Make room; what was not written is taken from the log again at the next start.").Because(cause)
	}()
	return write()
}

// commit is guard for a batch.
func (r *Recall) commit(b *pebble.Batch, o *pebble.WriteOptions) error {
	return r.guard(func() error { return b.Commit(o) })
}

// Release ends waiting for room on a full disk, for good: whoever stops must not wait for it. What could not be written fails then.
func (r *Recall) Release() { r.room.close() }

func (r *Recall) load(_ context.Context) error {
	if b, err := r.keptBytes(formatKept); err != nil {
		return err
	} else if b == nil {
		if err := r.db.Set(keptKey(formatKept), []byte{format}, pebble.Sync); err != nil {
			return fmt.Errorf("recall: %w", err)
		}
	} else if len(b) != 1 || b[0] != format {
		return errFormat
	}
	if b, err := r.keptBytes(offsetKept); err != nil {
		return err
	} else if len(b) == 16 {
		r.offsets = Offsets{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])}
	}
	table := segmentTable{Active: -1}
	b, err := r.keptBytes(tableKept)
	if err == nil && b != nil {
		table, err = decodeTable(b)
	}
	if err != nil {
		return err
	}
	if r.people, err = openPeople(filepath.Join(r.folder, "people"), table); err != nil {
		return err
	}
	r.people.reading = &r.mu
	if err := r.loadMembers(); err != nil {
		return err
	}
	if err := r.loadOwners(); err != nil {
		return err
	}
	if r.told, err = r.lastNumber(keyTold); err != nil {
		return err
	}
	return r.loadClaims()
}

// Close saves what makes the next start quick, and closes the folder.
func (r *Recall) Close() error {
	r.room.close()
	r.haltMerge()
	r.writing.Lock()
	defer r.writing.Unlock()
	r.claiming.Lock()
	defer r.claiming.Unlock()
	saved := r.guard(func() error { return errors.Join(r.saveFilter(), r.saveIndex()) })
	return errors.Join(saved, r.guard(r.close))
}

func (r *Recall) close() error {
	var errs []error
	if r.people != nil {
		errs = append(errs, r.people.close())
	}
	errs = append(errs, r.runs.close(), r.recent.close(), r.ids.close())
	if r.db != nil && !r.broken.Load() { // of one that could not write nothing more is to be had; the process ends
		errs = append(errs, r.db.Close())
	}
	return errors.Join(errs...)
}

// saveIndex keeps the index of the records. What it knows must not be lost by the engine beneath, so that is synced first; and
// before that the records that the engine's tables name.
func (r *Recall) saveIndex() error {
	if err := r.people.sync(); err != nil {
		return err
	}
	if err := r.db.LogData(nil, pebble.Sync); err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	return r.people.checkpoint()
}

// Offsets tell how far the last commit had followed.
func (r *Recall) Offsets() Offsets {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.offsets
}

// damaged leaves a mark for the next start when a read shows that the folder cannot be trusted.
func (r *Recall) damaged(err error) error {
	if !errors.Is(err, errDamaged) {
		return err
	}
	_ = os.WriteFile(filepath.Join(r.folder, damagedName), []byte(err.Error()), 0o600) // without it the next read says the same
	return corrupt(r.folder, err)
}

func keptKey(name string) []byte { return append([]byte{keyKept}, name...) }

func (r *Recall) keptBytes(name string) ([]byte, error) { return r.value(keptKey(name)) }

// value reads one key; nil when it is not there.
func (r *Recall) value(key []byte) ([]byte, error) {
	v, closer, err := r.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("recall: %w", err)
	}
	b := append(make([]byte, 0, len(v)), v...)
	return b, closer.Close()
}

// Kept returns what a commit kept under a name; nil when there is nothing.
func (r *Recall) Kept(name string) ([]byte, error) { return r.keptBytes("kept/" + name) }

// EachKept calls f with all that is kept under names that begin with prefix, in the order of their names.
func (r *Recall) EachKept(prefix string, f func(name string, value []byte) error) error {
	from := keptKey("kept/" + prefix)
	return r.each(from, func(key, value []byte) error { return f(prefix+string(key[len(from):]), value) })
}

// each walks the keys that begin with prefix.
func (r *Recall) each(prefix []byte, f func(key, value []byte) error) error {
	it, err := r.db.NewIter(&pebble.IterOptions{LowerBound: prefix, UpperBound: behind(prefix)})
	if err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	for it.First(); it.Valid(); it.Next() {
		v, err := it.ValueAndErr()
		if err == nil {
			err = f(it.Key(), v)
		}
		if err != nil {
			return errors.Join(err, it.Close())
		}
	}
	if err := errors.Join(it.Error(), it.Close()); err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	return nil
}

// behind is the first key that does not begin with prefix.
func behind(prefix []byte) []byte {
	b := append([]byte{}, prefix...)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i]++; b[i] != 0 {
			return b[:i+1]
		}
	}
	return nil
}

// lastNumber is one more than the greatest number under a kind of key.
func (r *Recall) lastNumber(kind byte) (uint64, error) {
	it, err := r.db.NewIter(&pebble.IterOptions{LowerBound: []byte{kind}, UpperBound: []byte{kind + 1}})
	if err != nil {
		return 0, fmt.Errorf("recall: %w", err)
	}
	next := uint64(0)
	if it.Last() && len(it.Key()) == 9 {
		next = binary.BigEndian.Uint64(it.Key()[1:]) + 1
	}
	return next, errors.Join(it.Error(), it.Close())
}

func numberKey(kind byte, n uint64) []byte { return binary.BigEndian.AppendUint64([]byte{kind}, n) }

func wordKey(kind byte, a uint32) []byte { return binary.BigEndian.AppendUint32([]byte{kind}, a) }

func (r *Recall) loadOwners() error {
	return r.each([]byte{keyOwner}, func(key, value []byte) error {
		if len(key) != 5 || len(value) != 4 {
			return errDamaged
		}
		r.owners[binary.BigEndian.Uint32(key[1:])] = binary.BigEndian.Uint32(value)
		return nil
	})
}

// Owner is the customer who has the facts that were first given to origin.
func (r *Recall) Owner(origin uint32) uint32 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.owner(origin)
}

func (r *Recall) owner(origin uint32) uint32 {
	if to, ok := r.owners[origin]; ok {
		return to
	}
	return origin
}
