package profile

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/dangol/dangol/internal/kit/clock"
	"github.com/dangol/dangol/internal/kit/id"
	"github.com/dangol/dangol/internal/profile/consent"
	"github.com/dangol/dangol/internal/profile/graph"
	"github.com/dangol/dangol/internal/profile/identity"
	"github.com/dangol/dangol/internal/store"
)

//go:embed queries.sql
var queries string

//go:embed migrations
var migrations embed.FS

// Schema is what the room keeps in the record store.
var Schema = store.Schema{Room: "profile", Queries: queries, Migrations: migrations}

// Nobody is the customer and the origin of a fact that is no one's: its person was erased, or it names none.
const Nobody = graph.Nobody

// Unheard stands for the customer of a fact that tells of a consent that cannot be kept: it would hold for nothing, and whoever
// sent it would believe that it holds.
const Unheard uint32 = Nobody - 1

// The areas of profile_block.
const (
	areaIdentities = 1
	areaPeople     = 2
)

// The names of profile_counter.
const (
	counterLog     = "log"     // sequence number of the log up to which facts are resolved
	counterJournal = "journal" // the last entry of the journal
	counterOrigin  = "origin"  // the next origin
	counterLink    = "link"    // the last link
	counterAct     = "act"     // the last act of consent
	counterOutbox  = "outbox"  // the last event to be told
	counterAudit   = "audit"   // the last line of the audit
	counterSeed    = "seed"    // of the hashes of identities
)

// Registry keeps who is who. It holds the graph in memory and writes down every change in one transaction of the store, together
// with the offset of the log. Where writing fails, memory is read anew.
type Registry struct {
	store    *store.Store
	clock    clock.Clock
	announce func(ctx context.Context, events [][]byte) error
	region   func(ctx context.Context) (string, error)
	changed  chan struct{}

	mu         sync.Mutex
	graph      *graph.Graph // nil until it is read
	generation int          // of the graph
	counters   map[string]int64
	written    map[string]int64 // the counters as they are in the records
	consenting *roaring.Bitmap  // origins with an act of consent
	asked      *consent.Asked   // what anybody gave consent to
	forgotten  forgotten
	importing  *People
	keepAtOnce int          // customers of an import in a transaction
	epoch      atomic.Int64 // raised whenever people go or move
	seenUS     int64        // when blocks that were only seen were last written
	locatedUS  int64        // when the workspace's country was last asked for
	outbox     bool         // something waits to be told
	telling    sync.Mutex

	suggesting sync.Mutex // one search for duplicates at a time
}

// NewRegistry returns the registry over st. It reads the records at its first use, or by Load.
func NewRegistry(st *store.Store, c clock.Clock) *Registry {
	return &Registry{store: st, clock: c, keepAtOnce: keepAtOnce, changed: make(chan struct{}, 1)}
}

// Announce gives the registry a way to tell events; they wait in the records until then.
func (r *Registry) Announce(tell func(ctx context.Context, events [][]byte) error) { r.announce = tell }

// Region gives the registry the country of phone numbers that name none, where the rules do not say it.
func (r *Registry) Region(of func(ctx context.Context) (string, error)) { r.region = of }

// Changed receives a value after something was changed that no batch brought: the journal has entries to be followed.
func (r *Registry) Changed() <-chan struct{} { return r.changed }

func (r *Registry) wake() {
	select {
	case r.changed <- struct{}{}:
	default: // one is waiting already
	}
}

// Load reads the graph into memory.
func (r *Registry) Load(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ready(ctx)
}

// ready reads the graph where it is not in memory; the caller holds the lock.
func (r *Registry) ready(ctx context.Context) error {
	if r.graph != nil {
		return nil
	}
	before := r.counters
	l := loading{counters: map[string]int64{}, consenting: roaring.New(), asked: consent.NewAsked()}
	if err := r.store.View(ctx, func(tx *store.Tx) error { return l.read(ctx, tx) }); err != nil {
		return fmt.Errorf("load customers: %w", err)
	}
	r.counters, r.consenting, r.asked, r.forgotten, r.outbox = l.counters, l.consenting, l.asked, l.forgotten, true
	r.written = maps.Clone(l.counters)
	if r.counters[counterSeed] == 0 {
		r.counters[counterSeed] = l.seed
	}
	// Numbers that a failed step gave away are not given again.
	r.counters[counterOrigin] = max(r.counters[counterOrigin], before[counterOrigin])
	l.graph.Loaded(uint32(r.counters[counterOrigin]))
	l.graph.Forgotten, l.graph.Value = r.forgotten.holds, r.provisionalValue
	l.graph.Reset()
	r.graph = l.graph
	r.generation++
	r.importing = nil
	if len(l.old) > 0 {
		return r.adoptOld(ctx, l.old)
	}
	return nil
}

// lost forgets what is in memory after a change that could not be written.
func (r *Registry) lost() { r.graph = nil }

// loading reads the records.
type loading struct {
	graph      *graph.Graph
	seed       int64
	counters   map[string]int64
	consenting *roaring.Bitmap
	asked      *consent.Asked
	forgotten  forgotten
	old        []oldCustomer
}

type oldCustomer struct {
	key              uint32
	id, email, phone string
}

func (l *loading) read(ctx context.Context, tx *store.Tx) error {
	err := tx.Each(ctx, "profile.EachCounter", nil, func(scan store.Scan) error {
		var name string
		var value int64
		err := scan(&name, &value)
		l.counters[name] = value
		return err
	})
	if err != nil {
		return err
	}
	if l.seed = l.counters[counterSeed]; l.seed == 0 {
		sum := sha256.Sum256([]byte(id.Secret()))
		l.seed = int64(binary.LittleEndian.Uint64(sum[:])>>1 | 1)
	}
	l.graph = graph.New(uint64(l.seed))
	if err := l.rules(ctx, tx); err != nil {
		return err
	}
	blocks := 0
	for area, load := range map[int]func(uint32, []byte){areaIdentities: l.graph.LoadIdentities, areaPeople: l.graph.LoadPeople} {
		err := tx.Each(ctx, "profile.EachBlock", store.Args{area}, func(scan store.Scan) error {
			var block int64
			var data []byte
			err := scan(&block, &data)
			load(uint32(block), data)
			blocks++
			return err
		})
		if err != nil {
			return err
		}
	}
	if err := l.marks(ctx, tx); err != nil || blocks > 0 {
		return err
	}
	l.old, err = store.Collect(ctx, tx, "profile.EachCustomer", nil, func(scan store.Scan) (c oldCustomer, err error) {
		var key int64
		err = scan(&key, &c.id, &c.email, &c.phone)
		c.key = uint32(key)
		return c, err
	})
	return err
}

func (l *loading) marks(ctx context.Context, tx *store.Tx) error {
	err := tx.Each(ctx, "profile.EachShared", nil, func(scan store.Scan) error {
		var n, from int64
		err := scan(&n, &from)
		l.graph.LoadShared(uint32(n), uint64(from))
		return err
	})
	if err != nil {
		return err
	}
	err = tx.Each(ctx, "profile.EachConsenting", nil, func(scan store.Scan) error {
		var o int64
		err := scan(&o)
		l.consenting.Add(uint32(o))
		return err
	})
	if err != nil {
		return err
	}
	err = tx.Each(ctx, "profile.EachAsked", nil, func(scan store.Scan) error {
		var purpose, channel string
		err := scan(&purpose, &channel)
		l.asked.Gave(purpose, channel)
		return err
	})
	if err != nil {
		return err
	}
	l.forgotten, err = readForgotten(ctx, tx)
	return err
}

func (l *loading) rules(ctx context.Context, tx *store.Tx) error {
	any := false
	var numbers map[string]identity.Kind
	err := tx.Each(ctx, "profile.EachRules", nil, func(scan store.Scan) error {
		var from int64
		var text, kept, region string
		if err := scan(&from, &text, &kept, &region); err != nil {
			return err
		}
		var rules identity.Rules
		if err := json.Unmarshal([]byte(text), &rules); err != nil {
			return err
		}
		numbers = map[string]identity.Kind{}
		if err := json.Unmarshal([]byte(kept), &numbers); err != nil {
			return err
		}
		b, err := identity.NewBook(rules, numbers, region)
		if err != nil {
			return err
		}
		l.graph.Rule(uint64(from), b)
		any = true
		return nil
	})
	if err != nil || any {
		return err
	}
	b, err := identity.NewBook(identity.Default(), nil, "")
	if err == nil {
		l.graph.Rule(0, b)
	}
	return err
}

// adoptOld makes the graph of customers that were kept before there was one.
func (r *Registry) adoptOld(ctx context.Context, old []oldCustomer) error {
	var im graph.Importing
	for i := range old {
		c := &old[i]
		r.graph.OldCustomer(c.key, graph.Met{User: c.id, Email: c.email, Phone: c.phone}, &im)
	}
	for _, o := range im.Fresh {
		r.graph.Written(o)
		r.graph.Committed(o)
	}
	for _, c := range im.Common {
		r.graph.Dispute(c, 0)
	}
	return r.commit(ctx, &step{})
}

// Offset is the sequence number of the log up to which facts are resolved.
func (r *Registry) Offset(ctx context.Context) (uint64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return 0, err
	}
	return uint64(r.counters[counterLog]), nil
}

// now is a place after all facts that are resolved, and before all others.
func (r *Registry) place() uint64 { return uint64(r.counters[counterLog]+1)<<12 - 1 }

// Person is whom an origin belongs to today; false where it is gone.
func (r *Registry) Person(ctx context.Context, origin uint32) (uint32, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return Nobody, false, err
	}
	p := r.graph.Person(origin)
	return p, p != Nobody, nil
}

// Stats counts what is known.
type Stats struct{ Identities, People, Merges, Shared int64 }

// Stats counts what is known.
func (r *Registry) Stats(ctx context.Context) (Stats, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return Stats{}, err
	}
	s := r.graph.Sizes()
	return Stats{s.Identities, s.People, r.counters[counterLink], s.Shared}, nil
}
