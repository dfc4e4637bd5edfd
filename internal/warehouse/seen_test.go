package warehouse

import (
	"math/rand/v2"
	"testing"

	"github.com/dangol/dangol/internal/event"
)

// unlike counts the origins of whom seen, with what it does not know, tells another last instant than the events do.
const unlike = `WITH activity AS (SELECT e.* FROM event e JOIN event_name n ON n.key = e.name_key WHERE e.type IN (1, 2, 3) AND n.key >= 16 AND n.name <> 'Consent Changed' AND e.at_us <= $1),
	told AS (SELECT origin_key, customer_key, max(at_us) AS at_us FROM (FROM seen UNION ALL SELECT a.origin_key, a.customer_key, a.at_us FROM activity a, seen_until u WHERE a.place > u.place OR a.at_us > u.at_us) GROUP BY ALL),
	want AS (SELECT origin_key, customer_key, max(at_us) AS at_us FROM activity GROUP BY ALL)
	SELECT (SELECT count(*) FROM (FROM told EXCEPT FROM want)) + (SELECT count(*) FROM (FROM want EXCEPT FROM told)) FROM seen_until WHERE at_us <= $1`

func seenIs(t *testing.T, w *Warehouse, asOf int64) {
	t.Helper()
	var n int
	if err := w.db.QueryRowContext(t.Context(), unlike, asOf).Scan(&n); err != nil || n != 0 {
		t.Errorf("of %d origins seen tells something else, %v", n, err)
	}
}

// TestSeenTellsWhatTheEventsTell follows events that come late and from the future, merges, partings, erasures and retention.
func TestSeenTellsWhatTheEventsTell(t *testing.T) {
	t.Parallel()
	w := open(t, "")
	w.seenEvery = 40
	r := rand.New(rand.NewPCG(20261122, 7))
	now, log, rev := int64(1_000_000), uint64(0), uint64(0)
	owner := map[uint32]uint32{}
	of := func(origin uint32) uint32 {
		if to, moved := owner[origin]; moved {
			return to
		}
		return origin
	}
	names := []string{"Page Viewed", "Product Viewed", "Consent Changed", "Identified"}
	for round := range 120 {
		f := Following{}
		for range r.IntN(8) {
			log++
			now += r.Int64N(1000)
			origin := 1 + r.Uint32N(30)
			c := fact(log, 0, of(origin), names[r.IntN(len(names))])
			c.Origin, c.ReceivedUS, c.AtUS = origin, now, now-r.Int64N(500_000)*r.Int64N(2)+r.Int64N(2)*r.Int64N(3000)
			if c.Name == "Identified" {
				c.Type = event.Identify
			}
			f.Facts = append(f.Facts, c)
		}
		if rev++; r.IntN(5) == 0 {
			s := Step{Rev: rev, Kind: Move, Origin: 1 + r.Uint32N(30), To: 1 + r.Uint32N(30)}
			owner[s.Origin] = s.To
			if r.IntN(6) == 0 {
				s.Kind = Erase
			}
			f.Steps = append(f.Steps, s)
		}
		f.Log, f.Journal = log, rev
		follow(t, w, f)
		if round%25 == 24 {
			if _, err := w.Retain(t.Context(), "Page Viewed", now-200_000); err != nil {
				t.Fatal(err)
			}
		}
		if one[int](t, w, `SELECT count(*) FROM seen_until`) == 1 {
			seenIs(t, w, now)
			seenIs(t, w, now+1500)
			seenIs(t, w, 1<<60)
		}
	}
	if n := one[int](t, w, `SELECT count(*) FROM seen`); n < 20 {
		t.Errorf("%d are seen", n)
	}
}

// TestSeenOfAnotherKind forgets what counted something else as activity.
func TestSeenOfAnotherKind(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/w.duckdb"
	w := open(t, path)
	w.seenEvery = 1
	follow(t, w, Following{Log: 1, Facts: []Fact{fact(1, 0, 1, "Page Viewed")}})
	if n := one[int](t, w, `SELECT count(*) FROM seen`); n != 1 {
		t.Fatalf("%d are seen", n)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if w = open(t, path); one[int](t, w, `SELECT count(*) FROM seen`) != 1 {
		t.Error("opened again, nobody is seen")
	}
	if _, err := w.db.ExecContext(t.Context(), `UPDATE seen_until SET kind = 1`); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if w = open(t, path); one[int](t, w, `SELECT count(*) FROM seen`) != 0 {
		t.Error("what is of another kind is still told")
	}
}
