package profile

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/id"
	"github.com/dangol/dangol/internal/profile/graph"
	"github.com/dangol/dangol/internal/store"
)

// records is what receipts call the store of the room's own tables.
const records = "records"

// Erased says how much of a person one table of a store lost.
type Erased struct {
	Store string `json:"store" doc:"records, warehouse, recall, log …"`
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
}

// Receipt is the proof of an erasure. It names nobody: of her identities there are salted hashes, by which one who has an
// identity in hand can see that it was erased.
type Receipt struct {
	ID         string    `json:"id"`
	Customer   string    `json:"customer" doc:"the key that she had, such as key:7; no name of hers"`
	At         time.Time `json:"at"`
	Who        string    `json:"who"`
	Why        string    `json:"why"`
	State      string    `json:"state" enum:"running,done"`
	Stores     []Erased  `json:"stores"`
	LogTrimmed uint64    `json:"log_trimmed_to" doc:"up to this message the log holds nothing any more"`
	Backups    []string  `json:"backups" doc:"what backups made before hold, and what to do"`
	Salt       string    `json:"salt"`
	Identities []string  `json:"identities" doc:"SHA-256 of salt, a zero byte, kind, a zero byte, value, in hexadecimal"`
	// Shared are the places from which identities were shared, so that facts of other people are still told apart.
	Shared map[string]uint64 `json:"shared,omitempty" doc:"by hash: from which place of the log on others used the identity too"`
}

// Erasing is what the other rooms are asked to forget.
type Erasing struct {
	ID         string           `json:"-"`
	Keys       []uint32         `json:"keys"`       // every key she ever had
	Origins    []uint32         `json:"origins"`    // of her facts
	Identities []event.Identity `json:"identities"` // as they are written in raw events, normalised
	Before     time.Time        `json:"before"`     // what was received until then is hers
	Journal    uint64           `json:"-"`          // the entry that the warehouse must have followed
}

// Eraser forgets a person in one room, and says what it forgot. It may be called again for the same erasure.
type Eraser func(ctx context.Context, e Erasing) (Forgot, error)

// Forgot is what an eraser did.
type Forgot struct {
	Erased  []Erased
	Trimmed uint64   // the log holds nothing up to this message
	Notes   []string // what the operator must still know, e.g. of backups
}

// forget takes a person out of the room's own tables, and leaves a receipt with what the other rooms must still do.
func (r *Registry) forget(ctx context.Context, ref, who, why string) (*Receipt, *Erasing, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o, err := r.origin(ctx, ref)
	if err != nil {
		return nil, nil, err
	}
	r.graph.Adopt(o)
	key := r.graph.Person(o)
	members := r.graph.Members(key)
	now := r.clock().UTC()
	e := &Erasing{ID: id.New("erasure", now), Keys: members, Origins: members, Before: now}
	receipt := &Receipt{
		ID: e.ID, Customer: "key:" + keyText(key), At: now, Who: who, Why: why, State: "running", Stores: []Erased{}, Backups: []string{}, Salt: id.Secret(), Identities: []string{}, Shared: map[string]uint64{},
	}
	var known []graph.Known
	for _, o := range members {
		known = append(known, r.graph.Of(o)...)
	}
	err = r.store.View(ctx, func(tx *store.Tx) error {
		list, err := r.identities(ctx, tx, members)
		for _, i := range list {
			e.Identities = append(e.Identities, event.Identity{Kind: i.Kind, Value: i.Value})
			hash := hashIdentity(receipt.Salt, i.Kind, i.Value)
			receipt.Identities = append(receipt.Identities, hash)
			if from := r.graph.SharedFrom(i.number); from > 0 {
				receipt.Shared[hash] = from
			}
		}
		return err
	})
	if err != nil {
		return nil, nil, wrap("erase a customer", err)
	}
	// A fresh identity of hers that a batch brought is in no table yet; there is none, for the batch has committed.
	r.graph.Remove(key)
	s := step{who: who, audits: []audit{{who: who, what: "erased", subject: int64(key)}}}
	for _, o := range members {
		s.entries = append(s.entries, Entry{Kind: Erase, Origin: o})
	}
	s.also = func(ctx context.Context, tx *store.Tx) error {
		x := eraseRun{registry: r, tx: tx, counts: map[string]int64{}}
		if err := x.person(ctx, e, known); err != nil {
			return err
		}
		receipt.Stores = x.erased()
		return keepErasure(ctx, tx, receipt, e)
	}
	if err := r.commit(ctx, &s); err != nil {
		return nil, nil, wrap("erase a customer", err)
	}
	for _, o := range members {
		r.consenting.Remove(o)
	}
	r.forgotten.add(receipt)
	e.Journal = uint64(r.counters[counterJournal])
	r.wake()
	return receipt, e, nil
}

func keepErasure(ctx context.Context, tx *store.Tx, r *Receipt, e *Erasing) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	pending, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "profile.InsertErasure", r.ID, r.At.UnixMicro(), string(text), string(pending))
	return err
}

// eraseRun deletes a person's rows in one transaction.
type eraseRun struct {
	registry *Registry
	tx       *store.Tx
	counts   map[string]int64
}

func (x *eraseRun) exec(ctx context.Context, table, query string, args ...any) error {
	n, err := x.tx.Exec(ctx, query, args...)
	x.counts[table] += n
	return err
}

func (x *eraseRun) erased() []Erased {
	list := []Erased{}
	for table, rows := range x.counts {
		list = append(list, Erased{Store: records, Table: table, Rows: rows})
	}
	slices.SortFunc(list, func(a, b Erased) int {
		if a.Table < b.Table {
			return -1
		}
		return 1
	})
	return list
}

func (x *eraseRun) person(ctx context.Context, e *Erasing, known []graph.Known) error {
	for _, k := range known {
		if err := x.exec(ctx, "profile_identity", "profile.DeleteIdentity", int64(k.Number)); err != nil {
			return err
		}
		if err := x.exec(ctx, "profile_shared", "profile.DeleteShared", int64(k.Number)); err != nil {
			return err
		}
	}
	for _, o := range e.Origins {
		for _, q := range [][2]string{
			{"profile_customer", "profile.DeleteCustomer"},
			{"profile_contact", "profile.DeleteContact"},
			{"profile_consent", "profile.DeleteConsents"},
			{"profile_link", "profile.DeleteLinks"},
			{"profile_duplicate", "profile.DeleteDuplicates"},
			{"profile_audit", "profile.BlankAudit"},
		} {
			if err := x.exec(ctx, q[0], q[1], int64(o)); err != nil {
				return err
			}
		}
	}
	if err := x.suppressions(ctx, e); err != nil {
		return err
	}
	return x.journal(ctx, e)
}

// suppressions keeps that an address is not written to, but not the address.
func (x *eraseRun) suppressions(ctx context.Context, e *Erasing) error {
	for _, i := range e.Identities {
		for _, channel := range channelsOf(i.Kind) {
			var s Suppression
			var at int64
			found, err := x.tx.One(ctx, "profile.FindSuppression", store.Args{channel, i.Value}, &s.Reason, &at, &s.Who)
			if err != nil || !found {
				if err != nil {
					return err
				}
				continue
			}
			if err := x.exec(ctx, "profile_suppression", "profile.DeleteSuppression", channel, i.Value); err != nil {
				return err
			}
			if _, err := x.tx.Exec(ctx, "profile.PutSuppression", channel, x.registry.hashAddress(channel, i.Value), s.Reason, at, s.Who); err != nil {
				return err
			}
		}
	}
	return nil
}

// journal blanks rows of hers that the warehouse has yet to follow.
func (x *eraseRun) journal(ctx context.Context, e *Erasing) error {
	changed := map[int64][]byte{}
	err := x.tx.Each(ctx, "profile.EachJournal", store.Args{int64(0), 1 << 30}, func(scan store.Scan) error {
		var rev int64
		var b, blank []byte
		if err := scan(&rev, &b); err != nil {
			return err
		}
		read, named := entryReader{b: b}, false
		for len(read.b) > 0 && read.err == nil {
			entry := read.entry()
			if entry.Kind == Upsert && slices.Contains(e.Keys, entry.Key) {
				entry, named = Entry{Kind: Gone, Key: entry.Key}, true
			}
			blank = appendEntry(blank, &entry)
		}
		if named {
			changed[rev] = blank
		}
		return read.err
	})
	if err != nil {
		return err
	}
	for rev, b := range changed {
		if err := x.exec(ctx, "profile_journal", "profile.UpdateJournal", rev, b); err != nil {
			return err
		}
	}
	return nil
}

// endErasure keeps the whole receipt, and forgets what the other rooms needed.
func (r *Registry) endErasure(ctx context.Context, receipt *Receipt) error {
	receipt.State = "done"
	text, err := json.Marshal(receipt)
	if err != nil {
		return wrap("end an erasure", err)
	}
	return wrap("end an erasure", r.store.In(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "profile.EndErasure", receipt.ID, string(text))
		return err
	}))
}

type keptErasure struct {
	receipt Receipt
	pending *Erasing
}

func (r *Registry) erasures(ctx context.Context, query string) ([]keptErasure, error) {
	var list []keptErasure
	err := r.store.View(ctx, func(tx *store.Tx) error {
		var err error
		list, err = store.Collect(ctx, tx, query, nil, func(scan store.Scan) (k keptErasure, err error) {
			var id, state, text, pending string
			if err := scan(&id, &state, &text, &pending); err != nil {
				return k, err
			}
			if err := json.Unmarshal([]byte(text), &k.receipt); err != nil {
				return k, err
			}
			k.receipt.State = state
			if pending != "" {
				k.pending = &Erasing{}
				err = json.Unmarshal([]byte(pending), k.pending)
				k.pending.ID = id
			}
			return k, err
		})
		return err
	})
	return list, wrap("erasures", err)
}
