package flow

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/store"
)

// Events lists what is kept, newest first: accepted events, and those set aside unless the filter says otherwise. key chooses
// one person's; negative is everybody's.
func (f *Flow) Events(ctx context.Context, q Filter, key int64) ([]Event, error) {
	var list []Event
	if q.Fate == "" || q.Fate == Accepted {
		accepted, err := f.accepted(ctx, q, key)
		if err != nil {
			return nil, err
		}
		list = accepted
	}
	if (q.Fate == "" || q.Fate == SetAside) && key < 0 {
		asides, _, err := f.Quarantine(ctx, q)
		if err != nil {
			return nil, err
		}
		for i := range asides {
			list = append(list, asides[i].event())
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return placeOf(list[i]) > placeOf(list[j]) })
	return list[:min(len(list), q.Limit)], nil
}

func placeOf(e Event) uint64 {
	p, err := strconv.ParseUint(e.Place, 10, 64)
	if err != nil {
		return 0
	}
	return p
}

func (q *Quarantined) event() Event {
	return Event{
		Place: q.Place, Type: q.Type, Name: q.Name, At: q.ReceivedAt, ReceivedAt: q.ReceivedAt, Source: q.Source, Fate: SetAside,
		Reason: q.Reason, Sentence: q.Sentence, Next: q.Next, Identities: brought([]byte(q.Raw)), Properties: object([]byte(q.Raw)), Context: json.RawMessage("{}"),
	}
}

func (f *Flow) accepted(ctx context.Context, q Filter, key int64) ([]Event, error) {
	where, args := []string{"TRUE"}, []any{}
	add := func(text string, value any) {
		args = append(args, value)
		where = append(where, fmt.Sprintf(text, len(args)))
	}
	if q.Before > 0 && q.Before < 1<<62 {
		add("place < $%d::UBIGINT", q.Before)
	}
	if key >= 0 {
		add("customer_key = $%d::UINTEGER", key)
	}
	if q.Name != "" {
		name, known := f.Warehouse.NameKey(q.Name)
		if !known {
			return nil, nil
		}
		add("name_key = $%d::UINTEGER", name)
	}
	if q.Source != "" {
		source, known := f.Warehouse.SourceKey(q.Source)
		if !known {
			return nil, nil
		}
		add("source_key = $%d::UINTEGER", source)
	}
	// The page is cut before its people are looked for: a join before that reads all people.
	rows, err := f.Warehouse.Ask(ctx, `SELECT e.place, e.at_us, e.received_us, e.name_key, e.type, e.source_key, e.message_id, e.props, e.context, coalesce(c.id, ''), coalesce(e.identities, '')
		FROM (FROM event WHERE `+strings.Join(where, " AND ")+` ORDER BY place DESC LIMIT `+strconv.Itoa(q.Limit)+`) e LEFT JOIN customer c ON c.key = e.customer_key ORDER BY e.place DESC`, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var list []Event
	for rows.Next() {
		e, err := f.scan(rows)
		if err != nil {
			return nil, fmt.Errorf("events: %w", err)
		}
		list = append(list, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("events: %w", err)
	}
	return list, nil
}

func (f *Flow) scan(rows *sql.Rows) (e Event, err error) {
	var place uint64
	var at, received int64
	var name, source uint32
	var kind event.Type
	var props, about, identities string
	err = rows.Scan(&place, &at, &received, &name, &kind, &source, &e.MessageID, &props, &about, &e.Customer, &identities)
	e.Place, e.At, e.ReceivedAt = strconv.FormatUint(place, 10), time.UnixMicro(at).UTC(), time.UnixMicro(received).UTC()
	e.Name, e.Source, e.Type, e.Fate = f.Warehouse.Name(name), f.Warehouse.Source(source), kind.String(), Accepted
	e.Identities, e.Properties, e.Context = []string{}, object([]byte(props)), object([]byte(about))
	if identities != "" {
		e.Identities = strings.Split(identities, "\n")
	}
	return e, err
}

// Summary counts what came.
type Summary struct {
	Events      int64            `json:"events" doc:"kept, without the platform's own"`
	ByName      map[string]int64 `json:"by_name"`
	Own         map[string]int64 `json:"own" doc:"events that the platform told itself, such as entering a segment"`
	People      int64            `json:"people"`
	Quarantined int64            `json:"quarantined" doc:"set aside and not mended yet"`
	Duplicates  int64            `json:"duplicates" doc:"sent again and stored once"`
	DeadLetters int64            `json:"dead_letters"`
	Lag         int64            `json:"lag" doc:"messages of the log that are not through yet; 0 means that all of this is up to date"`
}

// Summarise counts what came; names by events, most first.
func (f *Flow) Summarise(ctx context.Context) (s Summary, err error) {
	s.ByName, s.Own = map[string]int64{}, map[string]int64{}
	s.Lag = f.lag() // before the counts, so that no lag means that the counts hold everything before the question
	own, _ := f.Warehouse.SourceKey(event.OwnSource)
	rows, err := f.Warehouse.Ask(ctx, `SELECT name_key, source_key = $1, count(*) FROM event GROUP BY ALL`, own)
	if err != nil {
		return s, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name uint32
		var ours bool
		var n int64
		if err := rows.Scan(&name, &ours, &n); err != nil {
			return s, fmt.Errorf("summary: %w", err)
		}
		if ours {
			s.Own[f.Warehouse.Name(name)] += n
			continue
		}
		s.ByName[f.Warehouse.Name(name)] += n
		s.Events += n
	}
	if err := rows.Err(); err != nil {
		return s, fmt.Errorf("summary: %w", err)
	}
	if s.People, err = f.number(ctx, `SELECT count(*) FROM customer`); err != nil {
		return s, err
	}
	kept, err := f.Warehouse.Followed(ctx)
	if err != nil {
		return s, err
	}
	s.Duplicates = int64(kept.Duplicates)
	s.Quarantined, s.DeadLetters, err = f.aside(ctx)
	return s, err
}

func (f *Flow) number(ctx context.Context, text string) (n int64, err error) {
	rows, err := f.Warehouse.Ask(ctx, text)
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := rows.Scan(&n); err != nil {
			return 0, fmt.Errorf("count: %w", err)
		}
	}
	return n, rows.Err()
}

func (f *Flow) aside(ctx context.Context) (quarantined, dead int64, err error) {
	err = f.Records.View(ctx, func(tx *store.Tx) error {
		if _, err := tx.One(ctx, "flow.CountQuarantine", nil, &quarantined); err != nil {
			return err
		}
		_, err := tx.One(ctx, "flow.CountDeadLetters", nil, &dead)
		return err
	})
	if err != nil {
		return 0, 0, fmt.Errorf("count: %w", err)
	}
	return quarantined, dead, nil
}

// lag is how many messages of the log are not through yet.
func (f *Flow) lag() int64 {
	last, settled := f.Bus.Last(), f.settled.Load()
	if settled >= last {
		return 0
	}
	return int64(last - settled)
}

// State is how the flow is doing.
type State struct {
	Lag               int64   `json:"lag_messages" doc:"messages of the log that are not through yet"`
	OldestUnprocessed float64 `json:"oldest_unprocessed_s" doc:"age of the oldest of them"`
	Bytes             int64   `json:"bytes" doc:"of the log on disk"`
	State             string  `json:"state" enum:"ok,behind,stalled,full"`
	Problem           string  `json:"problem" doc:"what keeps events waiting, when something does"`
	DeadLetters       int64   `json:"dead_letters"`
	Quarantined       int64   `json:"quarantined"`
	Accepted          int64   `json:"accepted" doc:"since the start"`
	Duplicates        int64   `json:"duplicates" doc:"since the start"`
	Steps             int64   `json:"steps" doc:"since the start"`
}

// behindFrom is the age of the oldest unprocessed event from which the flow is behind.
const behindFrom = 10 * time.Second

// State tells how the flow is doing.
func (f *Flow) State(ctx context.Context) (s State, err error) {
	log, err := f.Bus.State(ctx)
	if err != nil {
		return s, err
	}
	s = State{
		Lag: f.lag(), Bytes: log.Bytes, State: "ok",
		Accepted: f.counts.accepted.Load(), Duplicates: f.counts.duplicates.Load(), Steps: f.counts.steps.Load(),
	}
	if s.Lag > 0 {
		s.OldestUnprocessed = f.age(ctx).Seconds()
	}
	if s.OldestUnprocessed > behindFrom.Seconds() {
		s.State = "behind"
	}
	t := f.state.Load()
	if t == nil {
		t = f.reading.Load()
	}
	if t != nil {
		s.State, s.Problem = "stalled", t.err.Error()
	}
	s.Quarantined, s.DeadLetters, err = f.aside(ctx)
	return s, err
}

// age is how long ago the oldest message that is not through came.
func (f *Flow) age(ctx context.Context) time.Duration {
	reader, err := f.Bus.Read(ctx, f.settled.Load())
	if err != nil {
		return 0
	}
	defer reader.Close()
	next, err := reader.Next(ctx, 1, 1, 50*time.Millisecond)
	if err != nil || len(next) == 0 {
		return 0
	}
	return max(0, f.Clock().Sub(time.UnixMicro(next[0].AtUS)))
}

// Activity is what a source sent in the last day.
type Activity struct {
	Source      string
	LastAt      time.Time
	Events      int64
	Quarantined int64
	Duplicates  int64 // since the start
	Libraries   []Library
}

// Library is a client by which a source sends.
type Library struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Events  int64  `json:"events" doc:"of the newest thousand"`
}

// Activities tell what each source sent in the last day.
func (f *Flow) Activities(ctx context.Context) (map[string]*Activity, error) {
	all := map[string]*Activity{}
	of := func(source string) *Activity {
		if all[source] == nil {
			all[source] = &Activity{Source: source, Duplicates: f.counts.of(source).duplicates.Load(), Libraries: []Library{}}
		}
		return all[source]
	}
	since := f.Clock().Add(-24 * time.Hour).UnixMicro()
	err := f.each(ctx, `SELECT source_key, max(received_us), count(*) FILTER (received_us > $1) FROM event GROUP BY source_key`, []any{since}, func(rows *sql.Rows) error {
		var key uint32
		var last, n int64
		if err := rows.Scan(&key, &last, &n); err != nil {
			return err
		}
		a := of(f.Warehouse.Source(key))
		a.LastAt, a.Events = time.UnixMicro(last).UTC(), n
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = f.each(ctx, `SELECT source_key, coalesce(context->>'$.library.name', ''), coalesce(context->>'$.library.version', ''), count(*) FROM
		(SELECT source_key, context FROM event WHERE received_us > $1 ORDER BY place DESC LIMIT 1000) GROUP BY ALL ORDER BY count(*) DESC`, []any{since}, func(rows *sql.Rows) error {
		var key uint32
		var l Library
		if err := rows.Scan(&key, &l.Name, &l.Version, &l.Events); err != nil || l.Name == "" {
			return err
		}
		a := of(f.Warehouse.Source(key))
		a.Libraries = append(a.Libraries, l)
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = f.Records.View(ctx, func(tx *store.Tx) error {
		return tx.Each(ctx, "flow.CountSources", store.Args{since}, func(scan store.Scan) error {
			var source string
			var n int64
			err := scan(&source, &n)
			of(source).Quarantined = n
			return err
		})
	})
	return all, err
}

func (f *Flow) each(ctx context.Context, text string, args []any, row func(*sql.Rows) error) error {
	rows, err := f.Warehouse.Ask(ctx, text, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows); err != nil {
			return fmt.Errorf("activity: %w", err)
		}
	}
	return rows.Err()
}
