package records

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/store"
	"github.com/dangol/dangol/internal/store/pgtest"
	"github.com/dangol/dangol/internal/store/storetest"
)

func TestQueries(t *testing.T) { storetest.Prepare(t, Schema) }

func sample(kind string, active bool) Record {
	return Record{
		Kind: kind, TrainedAt: time.UnixMicro(1_700_000_000_123_456).UTC(), AsOf: 20_000, Seed: 7, Active: active,
		Summary: json.RawMessage(`{"a":1}`), Card: json.RawMessage(`{"b":"ㄱ ก"}`), Body: []byte{0, 1, 255},
	}
}

// TestBothEngines holds the promises of the package's comment on SQLite and on PostgreSQL.
func TestBothEngines(t *testing.T) {
	t.Parallel()
	for engine, st := range map[string]*store.Store{"sqlite": storetest.Open(t, Schema), "postgres": storetest.OpenAt(t, pgtest.Start(t).Database(t), Schema)} {
		t.Run(engine, func(t *testing.T) { promises(t, New(st)) })
	}
}

func promises(t *testing.T, r *Records) {
	ctx := t.Context()
	if _, found, err := r.Active(ctx, Churn); found || err != nil {
		t.Fatal(found, err)
	}
	for want := range int64(3) {
		if v, _, err := r.Save(ctx, sample(Churn, want != 2)); v != want+1 || err != nil {
			t.Fatal(v, err)
		}
	}
	if v, _, err := r.Save(ctx, sample(Recommend, true)); v != 1 || err != nil {
		t.Fatal(v, err)
	}
	active, found, err := r.Active(ctx, Churn)
	want := sample(Churn, true)
	if !found || err != nil || active.Version != 2 || !active.TrainedAt.Equal(want.TrainedAt) || active.AsOf != want.AsOf || active.Seed != 7 ||
		string(active.Card) != string(want.Card) || string(active.Summary) != string(want.Summary) || !slices.Equal(active.Body, want.Body) {
		t.Fatalf("%+v %v", active, err)
	}
	if m, err := r.Activate(ctx, Churn, 1); err != nil || m.Version != 1 || !m.Active {
		t.Fatalf("%+v %v", m, err)
	}
	var f *fault.Fault
	if _, err := r.Activate(ctx, Churn, 9); !errors.As(err, &f) || f.Code != fault.NotFound {
		t.Fatal(err)
	}
	if err := r.Amend(ctx, Churn, 1, json.RawMessage(`{"a":2}`), nil); err != nil {
		t.Fatal(err)
	}
	if err := r.Amend(ctx, Churn, 9, nil, nil); !errors.As(err, &f) {
		t.Fatal(err)
	}
	list, err := r.List(ctx, Churn)
	if err != nil || len(list) != 3 || list[0].Version != 3 || list[1].Active || !list[2].Active || string(list[2].Summary) != `{"a":2}` || list[2].Body != nil {
		t.Fatalf("%+v %v", list, err)
	}
	if all, err := r.List(ctx, ""); err != nil || len(all) != 4 {
		t.Fatal(len(all), err)
	}
}

func TestOldVersionsAreForgottenAndTheActiveOneIsNot(t *testing.T) {
	t.Parallel()
	r := New(storetest.Open(t, Schema))
	gone := []int64{}
	for range Keep + 4 {
		m := sample(Churn, false)
		v, forgotten, err := r.Save(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		if v == 2 {
			if _, err := r.Activate(t.Context(), Churn, 2); err != nil {
				t.Fatal(err)
			}
		}
		gone = append(gone, forgotten...)
	}
	if !slices.Equal(gone, []int64{1, 3, 4}) {
		t.Errorf("forgotten %v", gone)
	}
	if _, err := r.Get(t.Context(), Churn, 2); err != nil {
		t.Error(err)
	}
	if _, err := r.Get(t.Context(), Churn, 1); fault.CodeOf(err) != fault.NotFound {
		t.Error(err)
	}
}
