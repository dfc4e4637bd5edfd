package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/store"
)

// Opener gives the address of an empty store.
type Opener func(t testing.TB) string

// Run checks that the store behind open keeps every promise of the package store.
func Run(t *testing.T, open Opener) {
	for name, test := range map[string]func(*testing.T, string){
		"values come back as they went in":    valuesRoundTrip,
		"arguments go by number":              argumentsByNumber,
		"overrides are used":                  overrides,
		"a failed transaction leaves nothing": failedLeavesNothing,
		"a panic leaves nothing":              panicLeavesNothing,
		"conflicts are told apart":            conflicts,
		"writers do not lose updates":         noLostUpdates,
		"a view sees one state":               viewSeesOneState,
		"a view cannot write":                 viewCannotWrite,
		"a batch takes many rows":             batchManyRows,
		"a batch updates on conflict":         batchUpsert,
		"a forgotten batch is an error":       batchForgotten,
		"wrong names and kinds are errors":    wrongNames,
		"opening again changes nothing":       reopen,
		"newer records are refused":           newerRefused,
		"a cancelled context ends the work":   cancelled,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

type thing struct {
	Key      int64
	Name     string
	Amount   int64
	OnSale   bool
	AtUS     int64
	Document *string
	Picture  []byte
}

func find(ctx context.Context, tx *store.Tx, key int64) (thing, bool, error) {
	var v thing
	found, err := tx.One(ctx, "sample.FindThing", store.Args{key}, &v.Key, &v.Name, &v.Amount, &v.OnSale, &v.AtUS, &v.Document, &v.Picture)
	return v, found, err
}

func add(ctx context.Context, tx *store.Tx, key int64, name string, amount int64) error {
	_, err := tx.Exec(ctx, "sample.AddThing", key, name, amount, key%2 == 1, int64(0), nil, nil)
	return err
}

func count(t *testing.T, s *store.Store) int {
	t.Helper()
	var n int
	err := s.View(t.Context(), func(tx *store.Tx) error {
		_, err := tx.One(t.Context(), "sample.Count", nil, &n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func valuesRoundTrip(t *testing.T, address string) {
	s := OpenAt(t, address, Sample)
	document := `{"a":1,"ㄱ":"ก"}`
	want := thing{Key: -1 << 62, Name: "단골 ลูกค้า 'quoted' $1", Amount: 1<<62 + 1, OnSale: true, AtUS: 1_700_000_000_123_456, Document: &document, Picture: []byte{0, 1, 255}}
	in(t, s, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.Exec(ctx, "sample.AddThing", want.Key, want.Name, want.Amount, want.OnSale, want.AtUS, want.Document, want.Picture)
		if n != 1 {
			t.Errorf("affected %d rows, want 1", n)
		}
		return err
	})
	in(t, s, func(ctx context.Context, tx *store.Tx) error {
		got, found, err := find(ctx, tx, want.Key)
		if diff := cmp.Diff(want, got); diff != "" || !found {
			t.Errorf("found=%v %s", found, diff)
		}
		if _, found, _ := find(ctx, tx, 404); found {
			t.Error("found what is not there")
		}
		return err
	})
}

func argumentsByNumber(t *testing.T, address string) {
	s := OpenAt(t, address, Sample)
	in(t, s, func(ctx context.Context, tx *store.Tx) error {
		for i := range int64(10) {
			if err := add(ctx, tx, i, fmt.Sprint("t", i), i*10); err != nil {
				return err
			}
		}
		got, err := store.Collect(ctx, tx, "sample.ThingsBetween", store.Args{20, 70, 4}, func(scan store.Scan) (int64, error) {
			var key int64
			var name string
			return key, scan(&key, &name)
		})
		_ = got
		keys := []int64{}
		err = errors.Join(err, tx.Each(ctx, "sample.ThingsBetween", store.Args{20, 70, 4}, func(scan store.Scan) error {
			var key int64
			var name string
			err := scan(&key, &name)
			keys = append(keys, key)
			return err
		}))
		if diff := cmp.Diff([]int64{4, 5, 6}, keys); diff != "" {
			t.Error(diff)
		}
		return err
	})
}

func overrides(t *testing.T, address string) {
	s := OpenAt(t, address, Sample)
	in(t, s, func(ctx context.Context, tx *store.Tx) error {
		if err := add(ctx, tx, 1, "one", 5); err != nil {
			return err
		}
		var larger int64
		if _, err := tx.One(ctx, "sample.Larger", store.Args{1, 9}, &larger); err != nil || larger != 9 {
			t.Errorf("larger is %d, %v", larger, err)
		}
		var engine string
		if _, err := tx.One(ctx, "sample.Engine", nil, &engine); err != nil || engine != string(s.Dialect()) {
			t.Errorf("the migration of %q ran on %q, %v", engine, s.Dialect(), err)
		}
		return nil
	})
}

var errOnPurpose = errors.New("on purpose")

func failedLeavesNothing(t *testing.T, address string) {
	s := OpenAt(t, address, Sample)
	err := s.In(t.Context(), func(tx *store.Tx) error {
		if err := add(t.Context(), tx, 1, "one", 1); err != nil {
			return err
		}
		return errOnPurpose
	})
	if !errors.Is(err, errOnPurpose) {
		t.Errorf("error is %v", err)
	}
	if n := count(t, s); n != 0 {
		t.Errorf("%d rows stayed", n)
	}
}

func panicLeavesNothing(t *testing.T, address string) {
	s := OpenAt(t, address, Sample)
	func() {
		defer func() { _ = recover() }()
		_ = s.In(t.Context(), func(tx *store.Tx) error {
			_ = add(t.Context(), tx, 1, "one", 1)
			panic("on purpose")
		})
	}()
	if n := count(t, s); n != 0 {
		t.Errorf("%d rows stayed", n)
	}
	in(t, s, func(ctx context.Context, tx *store.Tx) error { return add(ctx, tx, 1, "one", 1) })
}

func conflicts(t *testing.T, address string) {
	s := OpenAt(t, address, Sample)
	in(t, s, func(ctx context.Context, tx *store.Tx) error { return add(ctx, tx, 1, "one", 1) })
	err := s.In(t.Context(), func(tx *store.Tx) error { return add(t.Context(), tx, 1, "again", 1) })
	if !store.IsConflict(err) {
		t.Errorf("a taken key gave %v", err)
	}
	err = s.In(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), "sample.AddPart", 1, 404)
		return err
	})
	if !store.IsConflict(err) {
		t.Errorf("a missing thing gave %v", err)
	}
	if store.IsConflict(errOnPurpose) || store.IsConflict(nil) {
		t.Error("another error was taken for a conflict")
	}
}

// noLostUpdates reads, computes in Go and writes, in many transactions at once; the sum must come out.
func noLostUpdates(t *testing.T, address string) {
	s := OpenAt(t, address, Sample)
	in(t, s, func(ctx context.Context, tx *store.Tx) error { return add(ctx, tx, 1, "one", 0) })
	const workers, rounds = 4, 10
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for range rounds {
				err := fault.New(fault.Unavailable, "store.busy", "")
				for errors.Is(err, fault.New(fault.Unavailable, "store.busy", "")) {
					failed := s.In(t.Context(), func(tx *store.Tx) error {
						v, _, err := find(t.Context(), tx, 1)
						if err != nil {
							return err
						}
						_, err = tx.Exec(t.Context(), "sample.SetAmount", 1, v.Amount+1)
						return err
					})
					if failed == nil {
						break
					}
					if err = fault.From(failed); err.Reason != "store.busy" {
						t.Error(failed)
						return
					}
				}
			}
		})
	}
	group.Wait()
	in(t, s, func(ctx context.Context, tx *store.Tx) error {
		v, _, err := find(ctx, tx, 1)
		if v.Amount != workers*rounds {
			t.Errorf("amount is %d, want %d", v.Amount, workers*rounds)
		}
		return err
	})
}

func viewSeesOneState(t *testing.T, address string) {
	s := OpenAt(t, address, Sample)
	in(t, s, func(ctx context.Context, tx *store.Tx) error { return add(ctx, tx, 1, "one", 1) })
	err := s.View(t.Context(), func(tx *store.Tx) error {
		var before, after int
		if _, err := tx.One(t.Context(), "sample.Count", nil, &before); err != nil {
			return err
		}
		// A writer commits while the view is open; the view must not wait for it, nor see it.
		in(t, s, func(ctx context.Context, tx *store.Tx) error { return add(ctx, tx, 2, "two", 2) })
		if _, err := tx.One(t.Context(), "sample.Count", nil, &after); err != nil {
			return err
		}
		if before != 1 || after != 1 {
			t.Errorf("the view saw %d, then %d rows", before, after)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := count(t, s); n != 2 {
		t.Errorf("a later view sees %d rows", n)
	}
}

func viewCannotWrite(t *testing.T, address string) {
	s := OpenAt(t, address, Sample)
	err := s.View(t.Context(), func(tx *store.Tx) error { return add(t.Context(), tx, 1, "one", 1) })
	if err == nil || count(t, s) != 0 {
		t.Errorf("a view wrote; error %v", err)
	}
}

func batchManyRows(t *testing.T, address string) {
	s := OpenAt(t, address, Sample)
	for _, rows := range []int64{0, 1, 1000, 777} {
		start := int64(count(t, s))
		in(t, s, func(ctx context.Context, tx *store.Tx) error {
			b, err := tx.Batch(ctx, "sample.AddThing")
			if err != nil {
				return err
			}
			for i := range rows {
				if err := b.Add(start+i, "name", i, true, i, nil, []byte("x")); err != nil {
					return err
				}
			}
			if err := b.Close(); err != nil {
				return err
			}
			if b.Rows() != rows {
				t.Errorf("%d rows sent, want %d", b.Rows(), rows)
			}
			return b.Close() // twice is harmless
		})
		if n := count(t, s); int64(n) != start+rows {
			t.Errorf("%d rows, want %d", n, start+rows)
		}
	}
}

func batchUpsert(t *testing.T, address string) {
	s := OpenAt(t, address, Sample)
	for round := range int64(2) {
		in(t, s, func(ctx context.Context, tx *store.Tx) error {
			b, err := tx.Batch(ctx, "sample.PutThing")
			if err != nil {
				return err
			}
			for i := range int64(600) {
				if err := b.Add(i, "name", i+round, int64(0)); err != nil {
					return err
				}
			}
			return b.Close()
		})
	}
	if n := count(t, s); n != 600 {
		t.Errorf("%d rows", n)
	}
	in(t, s, func(ctx context.Context, tx *store.Tx) error {
		v, _, err := find(ctx, tx, 599)
		if v.Amount != 600 {
			t.Errorf("amount is %d", v.Amount)
		}
		return err
	})
}

func batchForgotten(t *testing.T, address string) {
	s := OpenAt(t, address, Sample)
	err := s.In(t.Context(), func(tx *store.Tx) error {
		b, err := tx.Batch(t.Context(), "sample.PutThing")
		if err != nil {
			return err
		}
		return b.Add(int64(1), "name", int64(1), int64(0))
	})
	if err == nil {
		t.Error("rows were lost without a word")
	}
	err = s.In(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Batch(t.Context(), "sample.RaiseAmount")
		return err
	})
	if err == nil {
		t.Error("a batch of an UPDATE was accepted")
	}
}

func wrongNames(t *testing.T, address string) {
	s := OpenAt(t, address, Sample)
	_ = s.In(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec(t.Context(), "sample.Nothing"); err == nil {
			t.Error("an unknown name was accepted")
		}
		if _, err := tx.Exec(t.Context(), "sample.FindThing", 1); err == nil {
			t.Error("a :one query was executed")
		}
		return nil
	})
}

func reopen(t *testing.T, address string) {
	first, err := store.Open(t.Context(), address, Sample)
	if err != nil {
		t.Fatal(err)
	}
	in(t, first, func(ctx context.Context, tx *store.Tx) error { return add(ctx, tx, 1, "one", 1) })
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if n := count(t, OpenAt(t, address, Sample)); n != 1 {
		t.Errorf("%d rows after opening again", n)
	}
}

func newerRefused(t *testing.T, address string) {
	OpenAt(t, address, Sample)
	older := store.Schema{Room: "sample", Migrations: onlyFirst{Sample.Migrations}}
	_, err := store.Open(t.Context(), address, older)
	if f := fault.From(err); f.Reason != "store.newer_records" || f.Next == "" {
		t.Errorf("an older program got %v", err)
	}
}

func cancelled(t *testing.T, address string) {
	s := OpenAt(t, address, Sample)
	ctx, cancel := context.WithCancel(t.Context())
	err := s.In(ctx, func(tx *store.Tx) error {
		if err := add(ctx, tx, 1, "one", 1); err != nil {
			return err
		}
		cancel()
		return add(ctx, tx, 2, "two", 2)
	})
	if err == nil || count(t, s) != 0 {
		t.Errorf("a cancelled transaction committed; error %v", err)
	}
}
