package live

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/recall"
	"github.com/dangol/dangol/internal/warehouse"
)

// Names under which recall keeps how far things are.
const (
	madeName     = "made" // there once everything was read from the warehouse
	sweptName    = "swept"
	dayName      = "day"      // the last local midnight that was looked at
	analysisName = "analysis" // the analysis that memberships stand on
	importsName  = "imports"  // and the imports
	topName      = "analysed" // the highest key that it has seen
)

// Open makes the engine ready: where recall is new, or the warehouse was put back to an earlier state, everything is read anew.
// No batch is followed before it returns.
func (e *Engine) Open(ctx context.Context) error {
	e.Recall.Retain(e.stays)
	made, err := e.Recall.Kept(madeName)
	if err != nil {
		return err
	}
	kept, err := e.Warehouse.Followed(ctx)
	if err != nil {
		return err
	}
	if o := e.Recall.Offsets(); made == nil || o.Log > kept.Log || o.Journal > kept.Journal {
		if err := e.rebuild(ctx); err != nil {
			return fmt.Errorf("read what happened anew: %w", err)
		}
	}
	if err := e.loadStrands(); err != nil {
		return err
	}
	if err := e.Recall.EachKept(bookPrefix, func(name string, text []byte) error { return e.book.Load(strings.TrimPrefix(name, bookPrefix), text) }); err != nil {
		return err
	}
	swept, err := e.Recall.Kept(sweptName)
	if err != nil {
		return err
	}
	if e.sweptBefore, err = strconv.ParseInt(string(swept), 10, 64); err != nil {
		e.sweptBefore = 0
	}
	if now := e.Clock().UnixMicro(); e.sweptBefore > now+smallStep.Microseconds() {
		e.Log.WarnContext(ctx, "the clock was set back since the last stop; memberships are compared anew", "seconds", (e.sweptBefore-now)/1e6)
		e.sweptBefore = now
		signal(e.compare)
	}
	return e.resume(ctx)
}

// resume lets what had members before the start follow at once, and asks for the rest.
func (e *Engine) resume(ctx context.Context) error {
	known, next, err := e.drawUp(ctx)
	if err != nil {
		return err
	}
	if _, err := e.slotsFor(next.needs); err == nil {
		waiting, err := e.install(ctx, known, next)
		if err != nil {
			return err
		}
		if len(waiting) > 0 {
			signal(e.changed)
		}
	} else {
		e.mu.Lock()
		e.adopt(known)
		e.mu.Unlock()
		signal(e.changed)
	}
	return e.catchUp(ctx)
}

// catchUp asks for what a stop has cut off: an analysis or an import that memberships do not know of.
func (e *Engine) catchUp(ctx context.Context) error {
	analysis, err := e.Recall.Kept(analysisName)
	if err != nil {
		return err
	}
	if string(analysis) != strconv.FormatInt(e.Warehouse.StateVersion(), 10) {
		signal(e.analysed)
	}
	now, err := e.imports(ctx)
	if err != nil {
		return err
	}
	before, err := e.Recall.Kept(importsName)
	if err != nil {
		return err
	}
	if string(before) != now {
		signal(e.imported)
	}
	return nil
}

// imports names the imports that the warehouse holds.
func (e *Engine) imports(ctx context.Context) (string, error) {
	ids, err := e.Warehouse.Imports(ctx)
	if err != nil {
		return "", err
	}
	return fmt.Sprint(ids), nil
}

func (e *Engine) note(name, text string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.Recall.Begin(e.instant())
	defer c.Discard()
	if err := c.Keep(name, []byte(text)); err != nil {
		return err
	}
	return c.End()
}

// rebuild makes recall anew from the warehouse: message ids, names, people, and who has whose facts. Strands and members follow
// when the rules are bound.
func (e *Engine) rebuild(ctx context.Context) error {
	rd, err := e.Warehouse.Read(ctx)
	if err != nil {
		return err
	}
	defer rd.Close()
	e.Log.InfoContext(ctx, "what is remembered of the log is made anew from the warehouse")
	if err := e.forgetAll(); err != nil {
		return err
	}
	if err := e.claimAll(ctx, rd); err != nil {
		return err
	}
	people, err := e.customers(ctx, rd.Ask)
	if err != nil {
		return err
	}
	c := e.Recall.Begin(e.instant())
	defer c.Discard()
	if err := ownAll(ctx, rd, c); err != nil {
		return err
	}
	c.Start(recall.Population, people)
	if err := e.keepBook(c); err != nil {
		return err
	}
	o, err := offsetsOf(ctx, rd)
	if err != nil {
		return err
	}
	imports, err := e.imports(ctx)
	if err != nil {
		return err
	}
	top, err := e.top(ctx)
	if err != nil {
		return err
	}
	for name, text := range map[string]string{topName: strconv.FormatUint(uint64(top), 10), madeName: "1", importsName: imports, analysisName: strconv.FormatInt(e.Warehouse.StateVersion(), 10)} {
		if err := c.Keep(name, []byte(text)); err != nil {
			return err
		}
	}
	c.Follow(o)
	return c.End()
}

// forgetAll drops what is derived. Records that no strand names any more go as they are written.
func (e *Engine) forgetAll() error {
	if err := e.Recall.DropClaims(); err != nil {
		return err
	}
	c := e.Recall.Begin(e.instant())
	defer c.Discard()
	for _, prefix := range []string{printPrefix, strandPrefix, bookPrefix, madeName} {
		if err := e.Recall.EachKept(prefix, func(name string, _ []byte) error { return c.Keep(name, nil) }); err != nil {
			return err
		}
	}
	c.DisownAll()
	c.Start(recall.Heavy, roaring.New())
	return c.End()
}

// claimPiece is how many message ids are claimed at once, readPiece about how many rows are asked for at once: an answer lies
// whole in memory.
const (
	claimPiece = 20_000
	readPiece  = 500_000
)

// claimAll claims the message ids that the warehouse holds, and learns the names.
func (e *Engine) claimAll(ctx context.Context, rd *warehouse.Reading) error {
	var first, last, count sql.Null[uint64]
	if err := one(ctx, rd.Ask, `SELECT min(place), max(place), count(*) FROM event`, &first, &last, &count); err != nil || count.V == 0 {
		return err
	}
	step := (last.V-first.V)/(count.V/readPiece+1) + 1
	for from := first.V; from <= last.V; from += step {
		if err := e.claimRange(ctx, rd, from, from+step); err != nil {
			return err
		}
	}
	return nil
}

// one reads an answer of one row.
func one(ctx context.Context, ask asking, text string, dest ...any) error {
	rows, err := ask(ctx, text)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return fmt.Errorf("warehouse: %w", err)
		}
	}
	return rows.Err()
}

// claimRange claims the ids of from <= place < to.
func (e *Engine) claimRange(ctx context.Context, rd *warehouse.Reading, from, to uint64) error {
	rows, err := rd.Ask(ctx, fmt.Sprintf(`SELECT place, message_id, name_key, type, received_us, props FROM event WHERE place >= %d AND place < %d ORDER BY place`, from, to))
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	ids, places := make([]string, 0, claimPiece), make([]uint64, 0, claimPiece)
	claim := func() error {
		_, err := e.Recall.Claim(ids, places, make([]bool, len(ids)))
		ids, places = ids[:0], places[:0]
		return err
	}
	for rows.Next() {
		var f event.Fact
		var name uint32
		var props sql.RawBytes
		if err := rows.Scan(&f.Place, &f.MessageID, &name, &f.Type, &f.ReceivedUS, &props); err != nil {
			return fmt.Errorf("message ids: %w", err)
		}
		f.Name, f.Props = e.Warehouse.Name(name), props
		e.book.Learn(&f)
		if ids, places = append(ids, f.MessageID), append(places, f.Place); len(ids) == claimPiece {
			if err := claim(); err != nil {
				return err
			}
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("message ids: %w", err)
	}
	return claim()
}

// ownAll notes whose facts moved.
func ownAll(ctx context.Context, rd *warehouse.Reading, c *recall.Commit) error {
	rows, err := rd.Ask(ctx, `SELECT DISTINCT origin_key, customer_key FROM event WHERE origin_key <> customer_key
		UNION SELECT DISTINCT origin_key, customer_key FROM line WHERE origin_key <> customer_key`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var origin, customer uint32
		if err := rows.Scan(&origin, &customer); err != nil {
			return fmt.Errorf("merged people: %w", err)
		}
		c.Own(origin, customer)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("merged people: %w", err)
	}
	return nil
}

// customers are the keys of all.
func (e *Engine) customers(ctx context.Context, ask asking) (*roaring.Bitmap, error) {
	return keysOf(ctx, ask, `SELECT DISTINCT key FROM customer`)
}

// keysOf reads the keys of customers that a question gives.
func keysOf(ctx context.Context, ask asking, text string) (*roaring.Bitmap, error) {
	rows, err := ask(ctx, text)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var keys []uint32
	for rows.Next() {
		var key uint32
		if err := rows.Scan(&key); err != nil {
			return nil, fmt.Errorf("customers: %w", err)
		}
		keys = append(keys, key)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("customers: %w", err)
	}
	b := roaring.New()
	b.AddMany(keys)
	b.RunOptimize()
	return b, nil
}

// asking is a way to ask the warehouse: as it is now, or a reading.
type asking func(ctx context.Context, text string, args ...any) (*sql.Rows, error)

func offsetsOf(ctx context.Context, rd *warehouse.Reading) (recall.Offsets, error) {
	o := recall.Offsets{Log: rd.Offset()}
	err := one(ctx, rd.Ask, `SELECT max(value) FILTER (name = 'journal') FROM followed`, &o.Journal)
	return o, err
}
