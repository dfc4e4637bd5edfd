package profile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/profile/identity"
	"github.com/dangol/dangol/internal/store"
	"github.com/dangol/dangol/internal/store/pgtest"
	"github.com/dangol/dangol/internal/store/storetest"
)

// firstOnly shows the migrations of the first release alone.
type firstOnly struct{ fs.FS }

func (f firstOnly) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(f.FS, name)
	return entries[:min(1, len(entries))], err
}

const oldQueries = `
-- name: Insert :exec
-- As the first release kept a customer.
INSERT INTO profile_customer (key, id, name, email, phone, import_id, created_us) VALUES ($1, $2, $3, $4, $5, 1, 1700000000000000);
`

// A data folder of the first release knew customers and no identities.
func TestRecordsOfTheFirstRelease(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "records.db")
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	old, err := store.Open(t.Context(), path, store.Schema{Room: "profile", Queries: oldQueries, Migrations: firstOnly{sub}})
	if err != nil {
		t.Fatal(err)
	}
	err = old.In(t.Context(), func(tx *store.Tx) error {
		b, err := tx.Batch(t.Context(), "profile.Insert")
		if err != nil {
			return err
		}
		for i := range int64(1000) {
			if err := b.Add(i+i/500, fmt.Sprint("c", i), "Kim", fmt.Sprintf("c%d@x.kr", i%999), ""); err != nil {
				return err
			}
		}
		return b.Close()
	})
	if err := errors.Join(err, old.Close()); err != nil {
		t.Fatal(err)
	}
	for range 2 { // it is done once
		r := NewRegistry(storetest.OpenAt(t, path, Schema), time.Now)
		for ref, want := range map[string]uint32{"c0": 0, "c499": 499, "c500": 501, "c999": 1000, "email:c998@x.kr": 999, "email:c0@x.kr": 0} {
			if key, _, err := r.Find(t.Context(), ref); err != nil || key != want {
				t.Errorf("%s is %d (%v), want %d", ref, key, err, want)
			}
		}
		s, err := r.Stats(t.Context())
		if err != nil || s != (Stats{Identities: 1999, People: 1000, Shared: 1}) {
			t.Errorf("%+v %v", s, err)
		}
	}
}

func viewed(seq uint64, index int, identities ...event.Identity) event.Fact {
	now := time.Now().UnixMicro()
	return event.Fact{Place: event.PlaceOf(seq, index), Type: event.Track, Name: "Product Viewed", AtUS: now, ReceivedUS: now, Source: "web", Identities: identities, Props: []byte("{}"), Context: []byte("{}")}
}

func known(kind, value string) event.Identity { return event.Identity{Kind: kind, Value: value} }

// What could not be written did not happen.
func TestAFailedBatchLeavesNothing(t *testing.T) {
	t.Parallel()
	r := NewRegistry(storetest.Open(t, Schema), time.Now)
	if _, err := r.Apply(t.Context(), 1, []event.Fact{viewed(1, 0, known("user", "a"))}); err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	p, err := r.People(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_ = p.Key(&event.OrderLine{Customer: "of a file"})
	cancel()
	batch := []event.Fact{viewed(2, 0, known("user", "b"), known("email", "b@x.kr")), viewed(2, 1, known("user", "a"), known("anonymous", "z"))}
	if _, err := r.Apply(gone, 2, batch); err == nil {
		t.Fatal("a cancelled batch was kept")
	}
	for _, ref := range []string{"b", "email:b@x.kr", "anon:z", "of a file"} {
		if _, _, err := r.Find(t.Context(), ref); fault.From(err).Reason != "profile.unknown_customer" {
			t.Errorf("%s is known: %v", ref, err)
		}
	}
	if n, err := r.Offset(t.Context()); n != 1 || err != nil {
		t.Errorf("offset %d, %v", n, err)
	}
	// The import had seen people that memory does not hold any more.
	if err := r.Keep(t.Context(), 1, p.Fresh()); fault.From(err).Reason != "profile.lost_import" {
		t.Errorf("%v", err)
	}
	got, err := r.Apply(t.Context(), 2, batch)
	if err != nil || got[0].Customer == Nobody || got[0] == got[1] {
		t.Errorf("%v %v", got, err)
	}
	if key, _, err := r.Find(t.Context(), "email:b@x.kr"); err != nil || key != got[0].Customer {
		t.Errorf("%d %v", key, err)
	}
}

// Nothing that a stranger sends may stop the pipeline: what no engine takes is left out or mended.
func TestStrangeValues(t *testing.T) {
	t.Parallel()
	for engine, st := range map[string]*store.Store{"sqlite": storetest.Open(t, Schema), "postgres": storetest.OpenAt(t, pgtest.Start(t).Database(t), Schema)} {
		r := NewRegistry(st, time.Now)
		odd := []string{"\x00", "a\x00b", "\xff\xfe", strings.Repeat("x", 5000), "'; DROP TABLE profile_identity; --", "\u202e", "💥", " ", "{}"}
		var facts []event.Fact
		for i, v := range odd {
			f := viewed(1, i, known("user", v), known("email", v+"@x.kr"), known(v, v), known("phone", v))
			f.Type, f.Name, f.MessageID, f.Previous = event.Identify, "Identified", v, known(v, v)
			text, err := json.Marshal(map[string]any{"name": v, "email": v, "phone": 1e300, "birthday": v, "firstName": []string{v}})
			if err != nil {
				t.Fatal(err)
			}
			f.Props = text
			consent := viewed(1, 100+i, known("anonymous", "shared one"), known("user", v))
			consent.Name, consent.MessageID = "Consent Withdrawn", v
			consent.Props, _ = json.Marshal(map[string]any{"purpose": v, "channel": v, "proof": v, "source": v})
			alias := viewed(1, 200+i, known("user", "u"+v))
			alias.Type, alias.Name, alias.Previous = event.Alias, "Aliased\x00", known("", v)
			facts = append(facts, f, consent, alias, viewed(1, 300+i, known("key", v)))
		}
		if _, err := r.Apply(t.Context(), 1, facts); err != nil {
			t.Errorf("%s: %v", engine, err)
		}
		for _, v := range odd {
			if _, _, err := r.Find(t.Context(), v); err != nil && fault.CodeOf(err) == fault.Internal {
				t.Errorf("%s: %q: %v", engine, v, err)
			}
		}
	}
}

// A fact is looked up by the rules that held when it came.
func TestRulesHoldFromTheirPlaceOn(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, Schema)
	r := NewRegistry(st, time.Now)
	apply := func(seq uint64, facts ...event.Fact) []Resolved {
		t.Helper()
		got, err := r.Apply(t.Context(), seq, facts)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	first := []event.Fact{viewed(1, 0, known("user", "kiosk"), known("anonymous", "a")), viewed(1, 1, known("anonymous", "b")), viewed(1, 2, known("crm", "7"))}
	before := apply(1, first...)
	if before[2].Origin != Nobody {
		t.Errorf("a kind of which no rule speaks has the origin %d", before[2].Origin)
	}
	rules := identity.Default()
	rules.Blocked = append(rules.Blocked, "kiosk")
	rules.Kinds = append(rules.Kinds, identity.Rule{Kind: "crm", Priority: 2, Limit: 1})
	if err := r.PutRules(t.Context(), rules, "minji"); err != nil {
		t.Fatal(err)
	}
	after := apply(2, viewed(2, 0, known("user", "kiosk"), known("anonymous", "b")), viewed(2, 1, known("crm", "7")))
	if after[0].Origin != before[1].Origin || after[1].Origin == Nobody {
		t.Errorf("%v after %v", after, before)
	}
	for range 2 {
		if again := apply(1, first...); again[0].Origin != before[0].Origin || again[1].Origin != before[1].Origin || again[2].Origin != Nobody {
			t.Errorf("%v, was %v", again, before)
		}
		r = NewRegistry(st, time.Now)
	}
	if _, id, err := r.Find(t.Context(), "crm:7"); err != nil || id != "crm:7" {
		t.Errorf("%q %v", id, err)
	}
}

// The example of the issue: one device, two people who log in.
func TestASharedDeviceJoinsNobody(t *testing.T) {
	t.Parallel()
	r := NewRegistry(storetest.Open(t, Schema), time.Now)
	got, err := r.Apply(t.Context(), 1, []event.Fact{
		viewed(1, 0, known("anonymous", "kiosk")),
		viewed(1, 1, known("user", "ann"), known("anonymous", "kiosk")),
		viewed(1, 2, known("user", "bob"), known("anonymous", "kiosk")),
		viewed(1, 3, known("user", "ann"), known("anonymous", "kiosk"), known("email", "ann@x.kr")),
		viewed(1, 4, known("user", "bob"), known("email", "ann@x.kr")),
		viewed(1, 5, known("anonymous", "kiosk")),
		viewed(1, 6, known("email", "ann@x.kr"), known("anonymous", "phone of carol")),
	})
	if err != nil {
		t.Fatal(err)
	}
	ann, bob := got[1].Customer, got[2].Customer
	for i, want := range []uint32{ann, ann, bob, ann, bob, ann} {
		if got[i].Customer != want {
			t.Errorf("fact %d is of %d, want %d", i, got[i].Customer, want)
		}
	}
	if got[6].Customer == ann || got[6].Customer == bob {
		t.Error("an address that two people use made a third one of them")
	}
}

// Everyone at once: events, an import, a hand and readers.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	r := NewRegistry(storetest.Open(t, Schema), time.Now)
	ctx := t.Context()
	var all sync.WaitGroup
	check := func(err error) {
		if err != nil && fault.CodeOf(err) == fault.Internal {
			t.Error(err)
		}
	}
	all.Go(func() {
		for seq := range uint64(60) {
			facts := make([]event.Fact, 40)
			for i := range facts {
				facts[i] = viewed(seq+1, i, known("user", fmt.Sprint("c", (int(seq)*7+i*3)%150)), known("anonymous", fmt.Sprint("a", i)))
			}
			_, err := r.Apply(ctx, seq+1, facts)
			check(err)
			check(r.Tell(ctx))
		}
	})
	all.Go(func() {
		for n := range int64(4) {
			p, err := r.People(ctx)
			check(err)
			for i := range 100 {
				p.Whose(&event.OrderLine{Customer: fmt.Sprint("c", int(n)*40+i), Email: fmt.Sprintf("c%d@x.kr", i)})
			}
			check(r.Keep(ctx, n+1, p.Fresh()))
			if n%2 == 0 {
				check(r.Done(ctx, n+1))
			} else {
				check(r.Forget(ctx, n+1))
			}
		}
	})
	all.Go(func() {
		for i := range 30 {
			_, err := r.Merge(ctx, fmt.Sprint("c", i), fmt.Sprint("c", i+50), "minji", "")
			check(err)
			check(r.Undo(ctx, fmt.Sprint(i+1), "minji", ""))
		}
	})
	all.Go(func() {
		for i := range 60 {
			_, _, err := r.Find(ctx, fmt.Sprint("c", i))
			check(err)
			_, err = r.Journal(ctx, 0, 10)
			check(err)
			_, err = r.Duplicates(ctx, 10)
			check(err)
		}
	})
	all.Wait()
	before, err := r.Stats(ctx)
	check(err)
	again := NewRegistry(r.store, time.Now)
	after, err := again.Stats(ctx)
	if err != nil || before != after {
		t.Errorf("memory has %+v, the records %+v (%v)", before, after, err)
	}
}
