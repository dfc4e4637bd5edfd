package suggest

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/store/storetest"
)

func TestQueries(t *testing.T) { storetest.Prepare(t, Schema) }

// TestFromOrdersToRecommendations walks the whole way: trained, kept, answered with reasons in three languages, read again after a start.
func TestFromOrdersToRecommendations(t *testing.T) {
	t.Parallel()
	x := newWorld(t)
	x.opening.Do(func() { close(x.opened) })
	if _, err := x.Recommend(t.Context(), Asking{Customer: "5", Count: 3}); fault.From(err).Reason != "predict.no_model" {
		t.Fatalf("%v", err)
	}
	done := x.train()
	if done.Version != 1 || done.Status != ready || done.Lists != customers {
		t.Fatalf("%+v", done)
	}
	r, err := x.Recommend(t.Context(), Asking{Customer: "user:5", Count: 4, Bought: "exclude"})
	if err != nil || len(r.Items) != 4 || r.Fallback || r.Version != 1 || r.Customer != "user:5" {
		t.Fatalf("%+v, %v", r, err)
	}
	had := bought(t, x, 5)
	for _, i := range r.Items {
		if had[i.Product] || i.Name == "" || len(i.Reason.Sentences) != 3 || i.Reason.Sentences["ko"] == "" || strings.Contains(i.Reason.Sentences["th"], "%!") {
			t.Errorf("%+v", i)
		}
		for _, b := range i.Reason.Because {
			if !had[b.Product] {
				t.Errorf("because of %s, which she never bought", b.Product)
			}
		}
	}
	again30 := slices.IndexFunc(r.Due, func(d Due) bool { return d.Product == "p12" })
	if again30 < 0 || r.Due[again30].Own != 6 || math.Abs(r.Due[again30].Interval-30) > 2 || !slices.IsSortedFunc(r.Due, func(a, b Due) int { return int(a.Day - b.Day) }) {
		t.Errorf("due %+v", r.Due)
	}
	in, err := x.Recommend(t.Context(), Asking{Customer: "5", Count: 5, Bought: "allow", Category: "cake"})
	if err != nil || len(in.Items) == 0 || in.Items[0].Category != "cake" {
		t.Errorf("%+v, %v", in, err)
	}
	if _, err := x.Recommend(t.Context(), Asking{Customer: "5", Count: 5, Category: "cars"}); fault.From(err).Reason != "suggest.unknown_category" {
		t.Errorf("%v", err)
	}
	nobody, err := x.Recommend(t.Context(), Asking{Customer: "401", Count: 3})
	if err != nil || !nobody.Fallback || len(nobody.Items) != 3 {
		t.Errorf("%+v, %v", nobody, err)
	}
	again := x.again()
	again.open(t.Context())
	same, err := again.Recommend(t.Context(), Asking{Customer: "user:5", Count: 4, Bought: "exclude"})
	if err != nil || !reflect.DeepEqual(same, r) {
		t.Errorf("after a start: %+v, not %+v, %v", same, r, err)
	}
	if a, b := x.now.Load().lists.row(5), again.now.Load().lists.row(5); string(a) != string(b) || a == nil {
		t.Error("another list after a start")
	}
}

func bought(t *testing.T, x *world, customer uint32) map[string]bool {
	t.Helper()
	rows, err := x.warehouse.Ask(t.Context(), `SELECT p.id FROM line l JOIN product p ON p.key = l.product_key WHERE customer_key = $1`, customer)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	had := map[string]bool{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		had[id] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return had
}

func TestTheCardSaysHowItWasChosen(t *testing.T) {
	t.Parallel()
	x := newWorld(t)
	x.train()
	c, err := x.Card(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	chosen, beaten := 0, 0.0
	for _, k := range c.Trials {
		if k.Chosen {
			chosen++
		}
		if k.Name == "popularity" {
			beaten = k.NDCG
		}
	}
	if c.Quality == nil || chosen != 1 || c.Quality.NDCG.Value <= beaten || c.Quality.People < leastJudged || len(c.Tried) < 5 || c.Data.Customers != customers || len(c.Sentences) != 3 {
		t.Errorf("%+v", c)
	}
	first := x.now.Load()
	x.train()
	second := x.now.Load()
	a, b := modelBytes(t, x, 1), modelBytes(t, x, 2)
	if string(a) != string(b) || first.brain.version+1 != second.brain.version {
		t.Error("the same orders and seed gave another model")
	}
	if c, err := x.Activate(t.Context(), 1); err != nil || !c.Active || len(c.Versions) != 2 || x.now.Load().brain.version != 1 {
		t.Errorf("rolled back to %d, %v", x.now.Load().brain.version, err)
	}
}

func modelBytes(t *testing.T, x *world, version int64) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(x.data, Folder, modelName(version)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTooFewToChoose(t *testing.T) {
	t.Parallel()
	x := newWorld(t)
	x.run(`DELETE FROM line WHERE customer_key >= 30`, derive)
	done := x.train()
	if done.Status != tooFew {
		t.Fatalf("%+v", done)
	}
	r, err := x.Recommend(t.Context(), Asking{Customer: "3", Count: 3})
	if err != nil || len(r.Items) != 3 || r.Items[0].Reason.Code != "popular" {
		t.Errorf("%+v, %v", r, err)
	}
	x.run(`DELETE FROM line`, derive)
	if _, err := x.Train(t.Context(), lastDay, 1, new(job.Progress)); fault.From(err).Reason != "suggest.no_purchases" {
		t.Errorf("%v", err)
	}
}

func TestTogether(t *testing.T) {
	t.Parallel()
	x := newWorld(t)
	x.train()
	got, err := x.Together(t.Context(), "p0", 5)
	if err != nil || len(got.Items) != 5 || got.Items[0].Category != "tea" || got.Items[0].Low <= 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := x.Together(t.Context(), "p999", 5); fault.From(err).Reason != "suggest.unknown_product" {
		t.Errorf("%v", err)
	}
}

// A damaged file is told of; everything else goes on without it.
func TestDamagedFiles(t *testing.T) {
	t.Parallel()
	x := newWorld(t)
	x.train()
	path := filepath.Join(x.data, Folder, listsName(1))
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, damaged := range [][]byte{nil, text[:20], text[:len(text)-1], append([]byte("x"), text[1:]...), append(text[:60:60], make([]byte, len(text)-60)...)} {
		if _, err := readLists(damaged); err == nil {
			t.Error("a damaged file of lists was read")
		}
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		s := x.again()
		s.open(t.Context())
		if s.now.Load() == nil || len(s.now.Load().lists.keys) != 0 {
			t.Error("no answers without lists")
		}
		if err := s.Refresh(t.Context(), new(job.Progress)); err != nil || len(s.now.Load().lists.keys) != customers {
			t.Errorf("lists are not made anew: %v", err)
		}
	}
	if err := os.WriteFile(filepath.Join(x.data, Folder, modelName(1)), []byte("DANGOLRC"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := x.again()
	s.open(t.Context())
	if _, err := s.Recommend(t.Context(), Asking{Customer: "5", Count: 3}); fault.From(err).Reason != "predict.no_model" {
		t.Errorf("%v", err)
	}
}

func FuzzReadLists(f *testing.F) {
	l := &lists{version: 3, at: 9, keys: []uint32{4, 9}, marks: []uint64{1, 2}, rows: make([]byte, 2*rowBytes)}
	var b strings.Builder
	if err := l.writeTo(&b); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(b.String()))
	f.Add([]byte(listsMagic))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := readLists(text)
		if err != nil {
			return
		}
		if len(got.rows) != len(got.keys)*rowBytes {
			t.Errorf("%d bytes of rows for %d customers", len(got.rows), len(got.keys))
		}
	})
}
