package warehouse

import (
	"context"
	"database/sql"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"

	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/query/rule/render"
)

// seenEvery is how many events come before seen is made anew: so many are read beside it in some tens of milliseconds. A warehouse that has
// less has no need of it.
const seenEvery = 2_000_000

// seenKind is what counts as activity, as a number: where a version of the program counts something else, seen is made anew.
func seenKind() int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(render.Activity("s", nil)))
	for _, name := range rule.OwnEvents {
		_, _ = h.Write([]byte("\n" + name))
	}
	return int64(h.Sum64() >> 1)
}

// openSeen counts what seen does not tell, forgets it where it tells of something else, and makes it where that pays.
func (w *Warehouse) openSeen(ctx context.Context) error {
	err := w.transact(ctx, func(conn *sql.Conn) error {
		var other bool
		if err := conn.QueryRowContext(ctx, `SELECT count(*) > 0 FROM seen_until WHERE kind <> $1`, seenKind()).Scan(&other); err != nil {
			return fmt.Errorf("seen: %w", err)
		}
		if other {
			if err := forgetSeen(ctx, conn); err != nil {
				return err
			}
		}
		return w.countUnseen(ctx, conn)
	})
	if err != nil {
		return err
	}
	return w.refreshSeen(ctx)
}

func forgetSeen(ctx context.Context, conn *sql.Conn) error {
	return execAll(ctx, conn, "forget seen", `DELETE FROM seen`, `DELETE FROM seen_until`)
}

func (w *Warehouse) countUnseen(ctx context.Context, conn *sql.Conn) error {
	if err := conn.QueryRowContext(ctx, `SELECT count(*) FROM event WHERE place > coalesce((SELECT max(place) FROM seen_until), 0)`).Scan(&w.unseen); err != nil {
		return fmt.Errorf("seen: %w", err)
	}
	return nil
}

// refreshSeen makes seen anew where enough came since, of what it told and of what came. Its caller follows, or has just opened.
func (w *Warehouse) refreshSeen(ctx context.Context) error {
	if w.unseen < w.seenEvery {
		return nil
	}
	w.unseen = 0 // should it fail, it is tried again when as many came
	defer w.Work(ctx)()
	return w.on(ctx, func(conn *sql.Conn) error {
		var place uint64
		var at int64
		// What has happened by the last instant at which anything was received has happened by now, whatever clocks of clients say.
		err := conn.QueryRowContext(ctx, `SELECT coalesce(max(place), 0), greatest(coalesce(max(received_us), 0), (SELECT coalesce(max(at_us), 0) FROM seen_until))
			FROM event WHERE place > coalesce((SELECT max(place) FROM seen_until), 0)`).Scan(&place, &at)
		if err != nil {
			return fmt.Errorf("seen: %w", err)
		}
		// What a transaction has itself written is read by one core only: all is put together before.
		if err := execAll(ctx, conn, "seen", w.seenBetween(at)); err != nil {
			return err
		}
		return transact(ctx, conn, func(conn *sql.Conn) error {
			if err := forgetSeen(ctx, conn); err != nil {
				return err
			}
			return execAll(ctx, conn, "seen", `INSERT INTO seen SELECT * FROM seen_next ORDER BY customer_key`,
				fmt.Sprintf(`INSERT INTO seen_until VALUES (%d, %d, %d)`, place, at, seenKind()))
		})
	})
}

// seenBetween puts what seen tells together with what came since, and with what lay in the future then.
func (w *Warehouse) seenBetween(at int64) string {
	var own []uint32
	for _, name := range rule.OwnEvents {
		if key, known := w.names.find(name); known {
			own = append(own, key)
		}
	}
	slices.Sort(own)
	of := `SELECT s.origin_key, s.customer_key, s.at_us FROM event s WHERE ` + render.Activity("s", own) + ` AND s.at_us <= ` + strconv.FormatInt(at, 10)
	return `CREATE OR REPLACE TEMP TABLE seen_next AS SELECT origin_key, customer_key, max(at_us) AS at_us FROM (FROM seen
		UNION ALL ` + of + ` AND s.place > coalesce((SELECT max(place) FROM seen_until), 0)
		UNION ALL ` + of + ` AND s.place <= (SELECT max(place) FROM seen_until) AND s.at_us > (SELECT max(at_us) FROM seen_until)) GROUP BY ALL`
}
