package recall

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/zeebo/xxh3"

	"github.com/dangol/dangol/internal/kit/fault"
)

// someClaims are claims whose hashes are one of few above, so that many are alike there.
func someClaims(random *rand.Rand, n int, few uint64) []claim {
	c := make([]claim, n)
	for i := range c {
		c[i] = claim{xxh3.Uint128{Hi: random.Uint64N(few) * (1<<64 - 1) / max(few-1, 1), Lo: random.Uint64()}, uint64(i)}
	}
	return c
}

func never() error { return nil }

// runOf writes claims as a run.
func runOf(t *testing.T, folder string, number uint64, claims []claim) *run {
	t.Helper()
	rest := claims
	made, err := writeRun(folder, run{number: number, claims: int64(len(claims)), upTo: number}, func(block []claim) error {
		rest = rest[copy(block, rest):]
		return nil
	}, never)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = made.file.Close() })
	return made
}

func TestClaimsAreSorted(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, shortBucket, shortBucket + 1, 3000, 70_000} {
		for _, few := range []uint64{1, 2, 300, 1 << 63} {
			got := someClaims(random, n, few)
			want := slices.SortedFunc(slices.Values(got), func(a, b claim) int { return compareHashes(a.hash, b.hash) })
			if sortClaims(got, 56); !slices.Equal(got, want) {
				t.Errorf("%d claims with %d different halves are not sorted", n, few)
			}
		}
	}
}

func TestRunsAreFoundInAndMerged(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for _, few := range []uint64{1, 3, 500, 1 << 63} {
		folder := t.TempDir()
		var all []claim
		var parts []*run
		for i := range fanIn {
			some := someClaims(random, []int{1, pageClaims, pageClaims + 1, 5000, 70 * pageClaims, 64 * pageClaims, 300, 12_345}[i], few)
			sortClaims(some, 56)
			parts, all = append(parts, runOf(t, folder, uint64(i+1), some)), append(all, some...)
		}
		sortClaims(all, 56)
		tour, err := newTournament(parts)
		if err != nil {
			t.Fatal(err)
		}
		merged, err := writeRun(folder, run{number: 20, claims: int64(len(all)), upTo: 8}, tour.fill, never)
		if err != nil {
			t.Fatal(err)
		}
		again := &run{number: 20, claims: int64(len(all)), upTo: 8}
		if err := errors.Join(merged.file.Close(), again.open(folder)); err != nil {
			t.Fatal(err)
		}
		var got []claim
		if err := again.each(func(c *claim) error { got = append(got, *c); return nil }); err != nil || !slices.Equal(got, all) {
			t.Fatalf("%d claims are not what was merged: %v", len(got), err)
		}
		page := make([]uint64, pageWords)
		for i := 0; i < len(all); i += max(1, len(all)/400) {
			if place, known, err := again.find(all[i].hash, page); !known || place != all[i].place || err != nil {
				t.Fatalf("%v is at %d (%v): %v", all[i], place, known, err)
			}
			other := all[i].hash
			other.Lo++
			if _, known, err := again.find(other, page); known || err != nil {
				t.Fatalf("%v is there: %v", other, err)
			}
		}
		for _, h := range []xxh3.Uint128{{}, {Hi: 1<<64 - 1, Lo: 1<<64 - 1}, {Hi: 1 << 63}} {
			if _, known, err := again.find(h, page); known || err != nil {
				t.Errorf("%v is there: %v", h, err)
			}
		}
		if err := again.file.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAPageThatChangedIsDamaged, wherever it did, and so is one that is another's.
func TestAPageThatChangedIsDamaged(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	claims := someClaims(rand.New(rand.NewPCG(5, 6)), 1000, 1<<63)
	sortClaims(claims, 56)
	made := runOf(t, folder, 1, claims)
	whole, err := os.ReadFile(made.name(folder))
	if err != nil {
		t.Fatal(err)
	}
	read := func(change func(b []byte) []byte) error {
		if err := os.WriteFile(made.name(folder), change(slices.Clone(whole)), 0o600); err != nil {
			t.Fatal(err)
		}
		one := &run{number: 1, claims: 1000, upTo: 1}
		err := one.open(folder)
		if err == nil {
			err = one.each(func(*claim) error { return nil })
		}
		if one.file != nil {
			_ = one.file.Close()
		}
		return err
	}
	if err := read(func(b []byte) []byte { return b }); err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(whole); at += 37 {
		if at >= 32 && at < pageBytes {
			continue // nothing is there
		}
		if err := read(func(b []byte) []byte { b[at] ^= 4; return b }); !errors.Is(err, errDamaged) {
			t.Errorf("byte %d of %d changed: %v", at, len(whole), err)
		}
	}
	for name, change := range map[string]func(b []byte) []byte{
		"short": func(b []byte) []byte { return b[:len(b)-1] },
		"empty": func([]byte) []byte { return nil },
		"swapped": func(b []byte) []byte {
			return slices.Concat(b[:pageBytes], b[2*pageBytes:3*pageBytes], b[pageBytes:2*pageBytes], b[3*pageBytes:])
		},
	} {
		if err := read(change); !errors.Is(err, errDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTiersAreMergedFromTheShortest(t *testing.T) {
	t.Parallel()
	var r runs
	for i := range 7 {
		r.list = append(r.list, &run{number: uint64(i), claims: 8000})
	}
	for i := range 9 {
		r.list = append(r.list, &run{number: uint64(10 + i), claims: 1000 + int64(i)})
	}
	due := r.due(1000)
	if len(due) != fanIn || due[0].number != 10 || due[7].number != 17 {
		t.Fatalf("%v", due)
	}
	r.list = r.with(&run{number: 30, claims: 8028}, due...)
	if due = r.due(1000); len(due) != fanIn || slices.ContainsFunc(due, func(one *run) bool { return one.claims < 8000 }) {
		t.Fatalf("%v", due)
	}
	r.list = r.with(&run{number: 31, claims: 64_028}, due...)
	if due = r.due(1000); due != nil || len(r.list) != 2 {
		t.Fatalf("%v", due)
	}
}

// claimAnew claims ids from..to, which must be new.
func claimAnew(t *testing.T, r *Recall, from, to int) {
	t.Helper()
	ids, places := idsOf(from, to)
	if n, err := r.Claim(ids, places, make([]bool, len(ids))); err != nil || n != 0 {
		t.Fatalf("ids %d to %d: %d are known: %v", from, to, n, err)
	}
}

func idsOf(from, to int) (ids []string, places []uint64) {
	for i := from; i < to; i++ {
		ids, places = append(ids, "id"+strconv.Itoa(i)), append(places, uint64(i))
	}
	return ids, places
}

// checkKnown sees that each of the ids before to is known, and where it stood first.
func checkKnown(t *testing.T, r *Recall, to int) {
	t.Helper()
	ids, places := idsOf(0, to)
	if n, err := r.Claim(ids, places, make([]bool, to)); err != nil || n != 0 {
		t.Fatalf("%d of %d stand elsewhere: %v", n, to, err)
	}
	for i := range places {
		places[i] += 1 << 40
	}
	if n, err := r.Claim(ids, places, make([]bool, to)); err != nil || n != to {
		t.Fatalf("%d of %d are known: %v", n, to, err)
	}
}

func reopen(t *testing.T, folder string, runs int) *Recall {
	t.Helper()
	r, err := Open(context.Background(), folder, Options{CacheMB: 16}.WithRuns(runs))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestClaimsStayThroughEachStage: recent, in a run, merged, the filter saved or not or gone, and after each of them a start.
func TestClaimsStayThroughEachStage(t *testing.T) {
	t.Parallel()
	folder, at := t.TempDir(), 0
	r := reopen(t, folder, 100)
	for _, more := range []int{60, 60, 500, 350, 90, 2000, 10} {
		claimAnew(t, r, at, at+more)
		at += more
		checkKnown(t, r, at)
		for _, without := range []string{"", "ids-0000"} {
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			if without != "" {
				if err := os.Remove(filepath.Join(folder, without)); err != nil {
					t.Fatal(err)
				}
			}
			r = reopen(t, folder, 100)
			checkKnown(t, r, at)
		}
	}
	for range 200 {
		claimAnew(t, r, at, at+50)
		at += 50
	}
	checkKnown(t, r, at)
	if n := r.Runs(); n > 3*fanIn {
		t.Errorf("%d runs", n)
	}
	files, err := filepath.Glob(filepath.Join(folder, "claims", "*"))
	if err != nil || len(files) != len(r.runs.list) {
		t.Errorf("%d files of %d runs: %v", len(files), len(r.runs.list), err)
	}
	if err := r.DropClaims(); err != nil {
		t.Fatal(err)
	}
	claimAnew(t, r, 0, 3000)
	checkKnown(t, r, 3000)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	r = reopen(t, folder, 100)
	checkKnown(t, r, 3000)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestFilesAndTheTableOfRunsAgree: a file that nothing names goes, and one that is named and gone is damage.
func TestFilesAndTheTableOfRunsAgree(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	r := reopen(t, folder, 100)
	claimAnew(t, r, 0, 150)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	stray := filepath.Join(folder, "claims", "run-000000000077")
	if err := os.WriteFile(stray, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	r = reopen(t, folder, 100)
	checkKnown(t, r, 150)
	if _, err := os.Stat(stray); !errors.Is(err, os.ErrNotExist) {
		t.Error("a file that nothing names is still there")
	}
	named := r.runs.list[0].name(r.runs.folder)
	if err := errors.Join(r.Close(), os.Remove(named)); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), folder, Options{})
	if f := fault.From(err); f.Reason != "recall.corrupt" {
		t.Errorf("opened without a run: %v", err)
	}
}

// TestADamagedRunIsSaid by the claim that meets it, and at the next start.
func TestADamagedRunIsSaid(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	r := reopen(t, folder, 100)
	claimAnew(t, r, 0, 500)
	f, err := os.OpenFile(r.runs.list[0].name(r.runs.folder), os.O_RDWR, 0)
	if err == nil {
		_, err = f.WriteAt([]byte("?"), pageBytes+100)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	ids, places := idsOf(0, 500)
	if _, err := r.Claim(ids, places, make([]bool, 500)); fault.From(err).Reason != "recall.corrupt" {
		t.Errorf("claimed from a damaged run: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), folder, Options{}); fault.From(err).Reason != "recall.corrupt" {
		t.Errorf("opened: %v", err)
	}
}

func TestAnotherFormatIsNoDamage(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	r := reopen(t, folder, 100)
	if err := errors.Join(r.db.Set(keptKey(formatKept), []byte{format - 1}, pebble.Sync), r.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), folder, Options{}); fault.From(err).Reason != "recall.format" {
		t.Errorf("opened: %v", err)
	}
	if err := Discard(folder); err != nil {
		t.Fatal(err)
	}
	r = reopen(t, folder, 100)
	claimAnew(t, r, 0, 500)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestAMergeSyncsWhatEarlierCommitsWrote: it makes the engine's tables durable, which name the ends of records.
func TestAMergeSyncsWhatEarlierCommitsWrote(t *testing.T) {
	t.Parallel()
	r := reopen(t, t.TempDir(), 10)
	c := r.Begin(1)
	c.Add(1, &Fact{Strand: 1, AtUS: 1, Place: 1, Origin: 1})
	if err := c.EndSoon(); err != nil {
		t.Fatal(err)
	}
	for i := range fanIn {
		claimAnew(t, r, 10*i, 10*i+10)
	}
	if n := r.Runs(); n != 1 || len(r.people.unsynced.files) != 0 {
		t.Errorf("%d runs; %d segments are not synced after a merge", n, len(r.people.unsynced.files))
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestMergingGoesOnBesideClaims with many at once, halted by a start at any instant.
func TestMergingGoesOnBesideClaims(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	random := rand.New(rand.NewPCG(8, 9))
	first := map[int]uint64{}
	place := uint64(0)
	for range 6 {
		r := reopen(t, folder, 64)
		for range 150 {
			n := 1 + random.IntN(120)
			ids, places, duplicate, want := make([]string, n), make([]uint64, n), make([]bool, n), make([]bool, n)
			for i := range ids {
				place++
				id := random.IntN(60_000)
				if _, known := first[id]; !known {
					first[id] = place
				}
				ids[i], places[i], want[i] = strconv.Itoa(id), place, first[id] != place
			}
			if _, err := r.Claim(ids, places, duplicate); err != nil || !slices.Equal(duplicate, want) {
				t.Fatalf("%v, want %v: %v", duplicate, want, err)
			}
		}
		if random.IntN(2) == 0 {
			r.Runs()
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	r := reopen(t, folder, 64)
	if sorted := slices.IsSortedFunc(r.runs.list, func(a, b *run) int { return cmp.Compare(a.upTo, b.upTo) }); !sorted {
		t.Error("the runs are not in the order of their ages")
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}
