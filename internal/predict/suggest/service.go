package suggest

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/predict/records"
	"github.com/dangol/dangol/internal/store"
	"github.com/dangol/dangol/internal/warehouse"
	"github.com/dangol/dangol/models/recommend"
)

// Days says which is the last day of the data.
type Days interface {
	AsOf(ctx context.Context, asked day.Day) (day.Day, error)
}

// People finds a person by any of her identities.
type People interface {
	Find(ctx context.Context, ref string) (key uint32, id string, err error)
	// Key is Find without the id by which she is shown, from memory alone; false of somebody unknown.
	Key(ctx context.Context, ref string) (key uint32, known bool, err error)
}

// Segments tell from memory who is in which.
type Segments interface {
	// Number is the one under which Contains knows a segment; false where there is none.
	Number(slug string) (uint32, bool)
	Contains(segment, customer uint32) bool
}

// Options are what the service stands on.
type Options struct {
	Warehouse *warehouse.Warehouse
	Store     *store.Store
	Days      Days
	People    People
	Segments  Segments
	Clock     clock.Clock
	Log       *slog.Logger
	Data      string // the data folder
}

// Service trains models, keeps them, and answers.
type Service struct {
	warehouse *warehouse.Warehouse
	store     *store.Store
	records   *records.Records
	days      Days
	people    People
	segments  Segments
	clock     clock.Clock
	log       *slog.Logger
	folder    string

	// Risks, where it is set, tells chances of leaving.
	Risks Risks

	tries    func(items int) []recommend.Options // settings
	training sync.Mutex                          // one model or refresh at a time
	defining sync.Mutex                          // one change of slots at a time
	numbers  numbers
	now      atomic.Pointer[answering]
	slots    atomic.Pointer[map[string]*slot]
	facts    atomic.Pointer[facts]
	stale    chan struct{}
	wanted   chan struct{} // somebody waits for the model
	changed  chan struct{} // a slot changed
	opening  sync.Once
	opened   chan struct{} // closed when the active model was loaded, or is not there

	mu      sync.Mutex
	touched map[uint32]struct{}
}

// answering is what answers now. It does not change but for rows made since.
type answering struct {
	brain     *brain
	lists     *lists
	markets   markets
	everybody map[string][]byte // rows for people of whom nothing is known, by market
}

// New returns the service; Run loads what it has.
func New(o Options) *Service {
	return &Service{
		warehouse: o.Warehouse, store: o.Store, records: records.New(o.Store), days: o.Days, people: o.People, segments: o.Segments,
		clock: o.Clock, log: o.Log, folder: filepath.Join(o.Data, Folder), touched: map[uint32]struct{}{}, stale: make(chan struct{}, 1),
		wanted: make(chan struct{}, 1), changed: make(chan struct{}, 1), opened: make(chan struct{}), tries: candidates,
	}
}

// exchange lets another model answer from now on.
func (s *Service) exchange(a *answering) { s.now.Store(a) }

// open loads the active model, once. One whose files are gone or damaged is told of and left out: everything else works all the same.
func (s *Service) open(ctx context.Context) {
	s.opening.Do(func() {
		defer close(s.opened)
		s.training.Lock()
		defer s.training.Unlock()
		if s.now.Load() != nil {
			return
		}
		r, found, err := s.records.Active(ctx, records.Recommend)
		if err == nil && found {
			err = s.take(ctx, &r)
		}
		if err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "the model of what customers buy next cannot be read; train it anew", "version", r.Version, "error", err.Error())
		}
	})
}

// answering is what answers now; who asks first waits until it is loaded.
func (s *Service) answering(ctx context.Context) (*answering, error) {
	if a := s.now.Load(); a != nil {
		return a, nil
	}
	signal(s.wanted)
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.opened:
	}
	if a := s.now.Load(); a != nil {
		return a, nil
	}
	return nil, errNoModel()
}

// Activate lets another version answer, from now on. One that cannot be read changes nothing.
func (s *Service) Activate(ctx context.Context, version int64) (*Card, error) {
	s.training.Lock()
	defer s.training.Unlock()
	r, err := s.records.Get(ctx, records.Recommend, version)
	if err != nil {
		return nil, err
	}
	if err := s.take(ctx, &r); err != nil {
		return nil, err
	}
	if _, err := s.records.Activate(ctx, records.Recommend, version); err != nil {
		return nil, err
	}
	return s.Card(ctx, version)
}

// take loads a version with its lists; lists that are not there, or may be old, are made in the background.
func (s *Service) take(ctx context.Context, r *records.Record) error {
	b, err := s.load(ctx, r)
	if err != nil {
		return err
	}
	l, err := s.loadLists(r.Version)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errDamaged) {
		return err
	}
	if l == nil {
		l = &lists{version: r.Version, at: r.AsOf}
	}
	bought, err := begin(ctx, s.warehouse, max(l.at, r.AsOf))
	if err != nil {
		return err
	}
	defer bought.reading.Close()
	current, err := s.current(ctx, b, bought)
	if err != nil {
		return err
	}
	rows, err := everybody(ctx, current, bought)
	if err != nil {
		return err
	}
	s.exchange(&answering{brain: current, lists: l, markets: bought.markets, everybody: rows})
	signal(s.stale)
	return nil
}

// Forget takes an erased person out of the lists, in memory and in every file, and says how many rows went.
func (s *Service) Forget(ctx context.Context, customers []uint32) (rows int64, err error) {
	s.training.Lock()
	defer s.training.Unlock()
	if a := s.now.Load(); a != nil {
		for _, c := range customers {
			a.lists.put(c, nil)
		}
	}
	list, err := s.records.List(ctx, records.Recommend)
	if err != nil {
		return 0, err
	}
	for _, r := range list {
		l, err := s.loadLists(r.Version)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errDamaged) {
			continue
		}
		if err != nil {
			return rows, err
		}
		n := l.remove(customers)
		if n == 0 {
			continue
		}
		if err := s.keepLists(l); err != nil {
			return rows, err
		}
		rows += n
	}
	return rows, nil
}

// remove takes rows out.
func (l *lists) remove(customers []uint32) (n int64) {
	for _, c := range customers {
		if at, ok := slices.BinarySearch(l.keys, c); ok {
			l.keys, l.marks = slices.Delete(l.keys, at, at+1), slices.Delete(l.marks, at, at+1)
			l.rows = slices.Delete(l.rows, at*rowBytes, (at+1)*rowBytes)
			n++
		}
	}
	return n
}

// Snapshot copies the models' files for a backup; none is written meanwhile.
func (s *Service) Snapshot(_ context.Context, to string) error {
	s.training.Lock()
	defer s.training.Unlock()
	if _, err := os.Stat(s.folder); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return os.CopyFS(to, os.DirFS(s.folder))
}
