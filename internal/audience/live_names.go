package audience

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/dangol/dangol/internal/audience/names"
	"github.com/dangol/dangol/internal/kit/answers"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/kit/rest"
	"github.com/dangol/dangol/internal/query"
	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/store"
)

// NamedProperty is a property or an attribute that rules can name.
type NamedProperty struct {
	Name    string   `json:"name"`
	Kind    string   `json:"kind" doc:"text, number, flag or time; empty where not known"`
	Samples []string `json:"samples"`
}

// NamedEvent is an event that rules can name.
type NamedEvent struct {
	Name       string          `json:"name"`
	Count      int64           `json:"count"`
	Properties []NamedProperty `json:"properties"`
}

// NamedTrait is a trait or a score that rules can name.
type NamedTrait struct {
	Name     string            `json:"name"`
	Label    string            `json:"label"`
	Labels   map[string]string `json:"labels"`
	Kind     string            `json:"kind"`
	Unit     string            `json:"unit"`
	Own      bool              `json:"own" doc:"of this workspace"`
	Sentence string            `json:"sentence"`
	// Sentences and Trait are of traits alone.
	Sentences map[string]string `json:"sentences" doc:"by language: en, ko, th; of traits"`
	Trait     json.RawMessage   `json:"trait" doc:"its definition in the language of GET /v1/rules/schema; null of scores"`
}

// NamedSegment is a segment that rules can name.
type NamedSegment struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Names is what rules can name.
type Names struct {
	Events     []NamedEvent    `json:"events"`
	Attributes []NamedProperty `json:"attributes"`
	Traits     []NamedTrait    `json:"traits"`
	Scores     []NamedTrait    `json:"scores"`
	Segments   []NamedSegment  `json:"segments"`
	Markets    []string        `json:"markets"`
}

// Names lists what rules can name, events by how often they came.
func (s *Service) Names(ctx context.Context) (*Names, error) {
	c, book, err := s.engine.Catalogue(ctx)
	if err != nil {
		return nil, err
	}
	happened, err := answers.Of(ctx, s.answers, fmt.Sprintf("events %d", s.clock().UnixNano()/int64(countFor)), s.countEvents)
	if err != nil {
		return nil, err
	}
	out := &Names{Events: eventsOf(c, book, happened.counts), Attributes: propertiesOf(c.Attributes, book.AttributeEntry()), Traits: []NamedTrait{}, Scores: []NamedTrait{}, Segments: []NamedSegment{}, Markets: append([]string{}, c.Markets...)}
	builtin := map[string]bool{}
	for _, t := range rule.BuiltIn() {
		builtin[t.Name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(c.Traits)) {
		out.Traits = append(out.Traits, traitOf(c.Traits[name], c, !builtin[name]))
	}
	for _, col := range c.State {
		out.Scores = append(out.Scores, NamedTrait{Name: col.Name, Label: col.Label, Labels: map[string]string{"en": col.Label}, Kind: kindOfColumn(col.Type), Unit: string(col.Unit), Sentences: map[string]string{}})
	}
	for _, slug := range slices.Sorted(maps.Keys(c.Segments)) {
		out.Segments = append(out.Segments, NamedSegment{slug, c.Segments[slug].Name})
	}
	return out, nil
}

// countFor is how long the numbers of events are remembered.
const countFor = 5 * time.Second

// happened is how often something did, by name, and since when anything did.
type happened struct {
	counts  map[string]int64
	firstUS int64
	at      time.Time // it was counted
}

// countEvents counts what happened. The raw calls of orders count as the orders that were made of them.
func (s *Service) countEvents(ctx context.Context) (*happened, error) {
	h := &happened{counts: map[string]int64{}, at: s.clock()}
	err := s.eachRow(ctx, `SELECT name_key, count(*) FROM event GROUP BY name_key
		UNION ALL SELECT kind::UINTEGER, count(*) FROM orders GROUP BY kind UNION ALL SELECT 3, count(*) FROM line WHERE kind = 1`, nil, func(rows *sql.Rows) error {
		var key uint32
		var n int64
		err := rows.Scan(&key, &n)
		name := s.warehouse.Name(key)
		h.counts[name] = max(h.counts[name], n)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = s.eachRow(ctx, `SELECT coalesce(min(at_us), 0) FROM event`, nil, func(rows *sql.Rows) error { return rows.Scan(&h.firstUS) })
	if err != nil {
		return nil, err
	}
	s.counted.happened.Store(h)
	return h, nil
}

func kindOfColumn(t query.Type) string {
	switch t {
	case query.TypeText:
		return string(rule.Text)
	case query.TypeFlag:
		return string(rule.Flag)
	case query.TypeDay:
		return string(rule.Time)
	}
	return string(rule.Number)
}

func eventsOf(c *rule.Catalog, book *names.Book, counts map[string]int64) []NamedEvent {
	list := []NamedEvent{}
	for name, e := range c.Events {
		list = append(list, NamedEvent{name, counts[name], propertiesOf(e.Properties, book.Event(name))})
	}
	for name, e := range rule.Reserved() {
		if _, there := c.Events[name]; !there && counts[name] > 0 {
			list = append(list, NamedEvent{name, counts[name], propertiesOf(e.Properties, nil)})
		}
	}
	slices.SortFunc(list, func(a, b NamedEvent) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name)) })
	return list
}

func propertiesOf(kinds map[string]rule.Kind, e *names.Entry) []NamedProperty {
	list := []NamedProperty{}
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		p := NamedProperty{Name: name, Kind: string(kinds[name]), Samples: []string{}}
		if e != nil && e.Properties[name] != nil {
			p.Samples = append(p.Samples, e.Properties[name].Samples...)
		}
		list = append(list, p)
	}
	return list
}

// chosenByHand finds a segment whose people can be chosen.
func (s *Service) chosenByHand(ctx context.Context, slug string) (definition, error) {
	d, err := s.definition(ctx, slug)
	switch {
	case err != nil:
		return d, err
	case d.kind != byHand:
		return d, fault.Newf(fault.Conflict, "audience.has_rule", "the members of %q follow its rule", slug).Then("Make a segment of the kind manual to choose people by hand.")
	case d.locked:
		return d, fault.Newf(fault.Conflict, "audience.locked", "the segment %q is locked", slug).Then("Unlock it first.")
	}
	return d, nil
}

// Change puts people into a segment by hand, or takes them out, and waits until that shows.
func (s *Service) Change(ctx context.Context, slug string, add, remove []uint32) (added, removed int64, err error) {
	d, err := s.chosenByHand(ctx, slug)
	if err != nil {
		return 0, 0, err
	}
	now, who := s.clock().UnixMicro(), rest.Caller(ctx).Name
	err = s.store.In(ctx, func(tx *store.Tx) error {
		added, removed = 0, 0
		batch, err := tx.Batch(ctx, "audience.AddChosen")
		if err != nil {
			return err
		}
		for _, k := range add {
			if err := batch.Add(int64(d.key), int64(k), now, who); err != nil {
				return err
			}
		}
		if err := batch.Close(); err != nil {
			return err
		}
		added = batch.Rows()
		for _, k := range remove {
			n, err := tx.Exec(ctx, "audience.DropChosen", int64(d.key), int64(k))
			if err != nil {
				return err
			}
			removed += n
		}
		return nil
	})
	if err != nil {
		return 0, 0, fmt.Errorf("choose members: %w", err)
	}
	s.engine.Changed()
	wait, stop := context.WithTimeout(ctx, patience)
	defer stop()
	s.engine.AwaitLive(wait, d.key, func() bool {
		for _, k := range add {
			if !s.engine.Recall.Contains(d.key, k) {
				return false
			}
		}
		for _, k := range remove {
			if s.engine.Recall.Contains(d.key, k) {
				return false
			}
		}
		return true
	})
	return added, removed, nil
}

// ForgetPerson takes a person out of every list by hand, and overwrites what recall's files still hold of what she did, for her
// erasure: keys are all she ever had. The journal of her erasure was followed before.
func (s *Service) ForgetPerson(ctx context.Context, keys []uint32) (chosen, chunks int64, err error) {
	err = s.store.In(ctx, func(tx *store.Tx) error {
		chosen = 0
		for _, k := range keys {
			n, err := tx.Exec(ctx, "audience.ForgetChosen", int64(k))
			if err != nil {
				return err
			}
			chosen += n
		}
		return nil
	})
	if err != nil {
		return 0, 0, fmt.Errorf("forget: %w", err)
	}
	if chosen > 0 {
		s.engine.Changed()
	}
	chunks, err = s.engine.Recall.Scrub(ctx, keys)
	return chosen, chunks, err
}

// Deleted says that old events of a name were deleted, for retention.
func (s *Service) Deleted(name string) { s.engine.Deleted(name) }
