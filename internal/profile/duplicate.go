package profile

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/profile/identity"
	"github.com/dangol/dangol/internal/profile/likeness"
	"github.com/dangol/dangol/internal/store"
)

// Duplicate is two people who may be one. Nobody but a person merges them.
type Duplicate struct {
	ID      string   `json:"id"`
	A       string   `json:"a" doc:"the customer who would be left"`
	B       string   `json:"b"`
	AName   string   `json:"a_name"`
	BName   string   `json:"b_name"`
	Reasons []string `json:"reasons" doc:"in sentences"`
	Score   float64  `json:"score" doc:"from 0 to 1"`
}

const (
	maxDuplicates = 5000
	tellEvery     = 4096 // rows after which a search says how far it is
)

// suggesting reads the records twice for people who may be one.
type suggesting struct {
	registry *Registry
	progress *job.Progress
	read     int64 // rows, in this reading
	phones   *identity.Phones
	pairs    *likeness.Pairs
}

// Suggest looks for people who may be one, and keeps the answer. It takes some seconds for a million customers, and holds
// nobody up meanwhile.
func (r *Registry) Suggest(ctx context.Context, p *job.Progress) (found int, err error) {
	r.suggesting.Lock()
	defer r.suggesting.Unlock()
	at, err := r.changes(ctx)
	if err != nil {
		return 0, err
	}
	s := &suggesting{registry: r, progress: p, phones: identity.NewPhones(), pairs: likeness.NewPairs()}
	err = r.store.View(ctx, func(tx *store.Tx) error {
		p.Stage("reading who has what", "rows", 0)
		if err := s.gather(ctx, tx); err != nil {
			return err
		}
		s.pairs.Sift()
		p.Stage("reading what several have", "rows", s.read)
		s.read = 0
		return s.gather(ctx, tx)
	})
	if err != nil {
		return 0, wrap("look for duplicates", err)
	}
	p.Stage("comparing", "pairs", 0)
	s.pairs.Compare()
	return min(s.pairs.Len(), maxDuplicates), wrap("look for duplicates", r.keepFound(ctx, s, at))
}

// keepFound keeps what a search found. Nobody is erased meanwhile.
func (r *Registry) keepFound(ctx context.Context, s *suggesting, at [2]int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return err
	}
	return r.store.In(ctx, func(tx *store.Tx) error {
		if err := s.keep(ctx, tx); err != nil {
			return err
		}
		return keepSearch(ctx, tx, r.clock(), at)
	})
}

// The names of profile_counter that say of which state of the records the suggestions are.
const (
	searchedUS      = "searched_us"
	searchedJournal = "searched_journal"
	searchedOrigin  = "searched_origin"
)

func keepSearch(ctx context.Context, tx *store.Tx, now time.Time, at [2]int64) error {
	for name, value := range map[string]int64{searchedUS: now.UnixMicro(), searchedJournal: at[0], searchedOrigin: at[1]} {
		if _, err := tx.Exec(ctx, "profile.PutCounter", name, value); err != nil {
			return err
		}
	}
	return nil
}

// changes counts what happened to customers.
func (r *Registry) changes(ctx context.Context) ([2]int64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return [2]int64{}, err
	}
	return [2]int64{r.counters[counterJournal], r.counters[counterOrigin]}, nil
}

// Searched says when the suggestions were found, nil for never, and whether customers have changed since.
func (r *Registry) Searched(ctx context.Context) (made *time.Time, stale bool, err error) {
	at, err := r.changes(ctx)
	if err != nil {
		return nil, false, err
	}
	kept := map[string]int64{}
	err = r.store.View(ctx, func(tx *store.Tx) error {
		return tx.Each(ctx, "profile.EachCounter", nil, func(scan store.Scan) error {
			var name string
			var value int64
			err := scan(&name, &value)
			kept[name] = value
			return err
		})
	})
	if err != nil || kept[searchedUS] == 0 {
		return nil, true, wrap("duplicates", err)
	}
	t := time.UnixMicro(kept[searchedUS]).UTC()
	return &t, at != [2]int64{kept[searchedJournal], kept[searchedOrigin]}, nil
}

// row counts what was read, says how far the search is, and ends it when nobody wants it any more.
func (s *suggesting) row(ctx context.Context) error {
	if s.read++; s.read%tellEvery != 0 {
		return nil
	}
	s.progress.Set(s.read, s.read)
	return ctx.Err()
}

func (s *suggesting) gather(ctx context.Context, tx *store.Tx) error {
	err := tx.Each(ctx, "profile.EachFiledContact", nil, func(scan store.Scan) error {
		var key int64
		var id, email, phone string
		err := scan(&key, &id, &email, &phone)
		s.email(uint32(key), email)
		s.phone(uint32(key), phone)
		s.other(uint32(key), id)
		return cmp.Or(err, s.row(ctx))
	})
	if err != nil {
		return err
	}
	err = tx.Each(ctx, "profile.EachContact", nil, func(scan store.Scan) error {
		var o int64
		var name, email, phone, birthday string
		err := scan(&o, &name, &email, &phone, &birthday)
		s.email(uint32(o), email)
		s.phone(uint32(o), phone)
		if p := s.person(uint32(o)); p != Nobody && birthday != "" && name != "" {
			s.pairs.Born(p, birthday, name)
		}
		return cmp.Or(err, s.row(ctx))
	})
	if err != nil {
		return err
	}
	for _, query := range []string{"profile.EachReach", "profile.EachAddressLike"} {
		err := tx.Each(ctx, query, nil, func(scan store.Scan) error {
			var n int64
			var kind, value string
			err := scan(&n, &kind, &value)
			switch o := s.originOf(uint32(n)); kind {
			case event.KindEmail:
				s.email(o, value)
			case event.KindPhone:
				s.phone(o, value)
			default:
				s.other(o, value)
			}
			return cmp.Or(err, s.row(ctx))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *suggesting) person(o uint32) uint32 {
	r := s.registry
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.graph == nil {
		return Nobody
	}
	return r.graph.Person(o)
}

func (s *suggesting) originOf(n uint32) uint32 {
	r := s.registry
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.graph == nil || n >= r.graph.Identities() {
		return Nobody
	}
	return r.graph.Known(n).Origin
}

func (s *suggesting) add(what likeness.What, value string, o uint32) {
	if p := s.person(o); p != Nobody && value != "" {
		s.pairs.Has(p, what, value)
	}
}

func (s *suggesting) book() *identity.Book {
	r := s.registry
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.graph == nil {
		b, _ := identity.NewBook(identity.Default(), nil, "") // which hold
		return b
	}
	return r.graph.Book()
}

func (s *suggesting) email(o uint32, text string) {
	if text == "" {
		return
	}
	if value, ok := s.book().Normalise(identity.Email, text, s.phones, ""); ok {
		s.add(likeness.Email, value, o)
		s.add(likeness.Mailbox, likeness.MailboxOf(value), o)
	}
}

func (s *suggesting) phone(o uint32, text string) {
	if text == "" {
		return
	}
	if value, ok := s.book().Normalise(identity.Phone, text, s.phones, ""); ok {
		s.add(likeness.Phone, value, o)
	}
}

// other takes ids that are written like an address or a number.
func (s *suggesting) other(o uint32, id string) {
	switch {
	case strings.Contains(id, "@"):
		s.email(o, id)
	case strings.HasPrefix(id, "+") || strings.HasPrefix(id, "0") && strings.Contains(id, "-"):
		s.phone(o, id)
	}
}

// keep writes the surest, but for those that were dismissed. The reasons name addresses.
func (s *suggesting) keep(ctx context.Context, tx *store.Tx) error {
	if _, err := tx.Exec(ctx, "profile.ClearDuplicates"); err != nil {
		return err
	}
	b, err := tx.Batch(ctx, "profile.InsertDuplicate")
	if err != nil {
		return err
	}
	now := s.registry.clock().UnixMicro()
	for _, p := range s.pairs.Surest(maxDuplicates) {
		if g := s.registry.graph; g.Person(p.A) == Nobody || g.Person(p.B) == Nobody {
			continue // erased during the search
		}
		reasons, err := json.Marshal(p.Reasons)
		if err != nil {
			return err
		}
		if err := b.Add(fmt.Sprintf("%d-%d", p.A, p.B), int64(p.A), int64(p.B), string(reasons), p.Sure, now); err != nil {
			return err
		}
	}
	return b.Close()
}

// Duplicates lists who may be one by the last search, the surest first, without those that were settled since.
func (r *Registry) Duplicates(ctx context.Context, limit int) ([]Duplicate, error) {
	list := []Duplicate{}
	err := r.with(ctx, func(tx *store.Tx) error {
		type pair struct {
			Duplicate
			a, b int64
		}
		pairs, err := store.Collect(ctx, tx, "profile.EachDuplicate", store.Args{limit}, func(scan store.Scan) (p pair, err error) {
			var reasons string
			if err = scan(&p.ID, &p.a, &p.b, &reasons, &p.Score); err != nil {
				return p, err
			}
			return p, json.Unmarshal([]byte(reasons), &p.Reasons)
		})
		if err != nil {
			return err
		}
		for _, p := range pairs {
			into, from := r.graph.Person(uint32(p.a)), r.graph.Person(uint32(p.b))
			if into == from || into == Nobody || from == Nobody {
				continue // settled since
			}
			into, from = r.graph.Elder(into, from)
			if p.A, p.AName, err = r.named(ctx, tx, into); err != nil {
				return err
			}
			if p.B, p.BName, err = r.named(ctx, tx, from); err != nil {
				return err
			}
			list = append(list, p.Duplicate)
		}
		return nil
	})
	return list, wrap("duplicates", err)
}

func (r *Registry) named(ctx context.Context, tx *store.Tx, key uint32) (id, name string, err error) {
	if id, err = r.shown(ctx, tx, key); err != nil {
		return "", "", err
	}
	c, err := r.person(ctx, tx, r.graph.Members(key))
	return id, c.name.text, err
}

// Dismiss says that two are not one; they are not suggested again.
func (r *Registry) Dismiss(ctx context.Context, id, who string) error {
	var n int64
	err := r.store.In(ctx, func(tx *store.Tx) (err error) {
		n, err = tx.Exec(ctx, "profile.DismissDuplicate", id, who)
		return err
	})
	if err == nil && n == 0 {
		return fault.Newf(fault.NotFound, "profile.unknown_duplicate", "there is no open suggestion %q", id).At(fault.Place{Field: "id", Value: id}).
			Then("See GET /v1/duplicates for those there are.")
	}
	return wrap("dismiss a suggestion", err)
}
