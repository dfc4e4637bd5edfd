package audience

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/dangol/dangol/internal/audience/live"
	"github.com/dangol/dangol/internal/kit/fault"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/query/rule"
	"github.com/dangol/dangol/internal/recall"
	"github.com/dangol/dangol/internal/store"
)

// LiveOptions are what makes segments move as events come.
type LiveOptions struct {
	Recall   *recall.Recall
	Log      *slog.Logger
	Announce func(ctx context.Context, events [][]byte) error // puts events of our own into the log
}

// GoLive makes segments follow events from here on. It is called before the first batch.
func (s *Service) GoLive(ctx context.Context, o LiveOptions) error {
	s.engine = live.New(live.Options{Warehouse: s.warehouse, Recall: o.Recall, Known: s.known, Announce: o.Announce, Clock: s.clock, Log: o.Log})
	return s.engine.Open(ctx)
}

// Engine is what keeps the members of segments; nil before GoLive.
func (s *Service) Engine() *live.Engine { return s.engine }

// The kinds of segment.
const (
	byRule  = "rule"
	byHand  = "manual"
	builtIn = "built_in"
)

// definition is a segment as the workspace defined it.
type definition struct {
	key               uint32
	slug, kind        string
	name, description string
	text              string // of the rule
	rule              *rule.Rule
	locked, archived  bool
	version           int64
	createdUS         int64
	updatedUS         int64
	who               string
}

func (d *definition) live() live.Segment {
	return live.Segment{Key: d.key, Slug: d.slug, Name: d.name, Rule: d.rule}
}

func scanDefinition(scan store.Scan) (d definition, err error) {
	var key, locked, archived int64
	err = scan(&key, &d.slug, &d.kind, &d.name, &d.description, &d.text, &locked, &archived, &d.version, &d.createdUS, &d.updatedUS, &d.who)
	if err != nil {
		return d, err
	}
	d.key, d.locked, d.archived = uint32(key), locked != 0, archived != 0
	if d.kind == byRule {
		if d.rule, err = rule.Parse([]byte(d.text)); err != nil {
			return d, fmt.Errorf("segment %s: %w", d.slug, err)
		}
	}
	return d, nil
}

// definitions reads every segment that was defined, archived ones too.
func (s *Service) definitions(ctx context.Context) (list []definition, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		list, err = store.Collect(ctx, tx, "audience.EachSegment", nil, scanDefinition)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("segments: %w", err)
	}
	return list, nil
}

func (s *Service) definition(ctx context.Context, slug string) (definition, error) {
	list, err := s.definitions(ctx)
	if err != nil {
		return definition{}, err
	}
	if i := slices.IndexFunc(list, func(d definition) bool { return d.slug == slug }); i >= 0 {
		return list[i], nil
	}
	if _, found := findSegment(slug); found {
		return definition{}, fault.Newf(fault.Forbidden, "audience.built_in", "%q is built in and cannot be changed", slug).Then("Make a segment of your own with `dangol segment create`.")
	}
	return definition{}, unknownSegment(slug)
}

// known is what the engine is to keep, and what rules can name.
func (s *Service) known(ctx context.Context) (k live.Known, err error) {
	list, err := s.definitions(ctx)
	if err != nil {
		return k, err
	}
	keys := map[uint32]bool{}
	for i := range list {
		if !list[i].archived {
			k.Segments = append(k.Segments, list[i].live())
			keys[list[i].key] = true
		}
	}
	k.Segments = append(k.Segments, builtInRules()...)
	k.Chosen, k.Traits = map[uint32][]uint32{}, map[string]rule.Named{}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		err := tx.Each(ctx, "audience.EachChosen", nil, func(scan store.Scan) error {
			var segment, customer int64
			err := scan(&segment, &customer)
			if keys[uint32(segment)] {
				k.Chosen[uint32(segment)] = append(k.Chosen[uint32(segment)], uint32(customer))
			}
			return err
		})
		if err != nil {
			return err
		}
		return tx.Each(ctx, "audience.EachTrait", nil, func(scan store.Scan) error {
			t, err := scanTrait(scan)
			k.Traits[t.Name] = t
			return err
		})
	})
	if err != nil {
		return k, fmt.Errorf("segments: %w", err)
	}
	currency, err := s.workspace.Currency(ctx)
	if err != nil {
		return k, err
	}
	span, err := s.warehouse.Span(ctx)
	if err != nil {
		return k, err
	}
	k.Markets, k.Currency, k.Digits, k.Zone = span.Markets, currency, market.Digits(currency), zoneOf(span.Markets)
	return k, nil
}

// zoneOf is the zone whose midnight ends a workspace's day: that of the market with the most orders.
func zoneOf(markets []string) *time.Location {
	for _, m := range markets {
		if c, ok := market.CountryOf(m); ok {
			if zone, err := time.LoadLocation(c.Zone); err == nil {
				return zone
			}
		}
	}
	return time.UTC
}

// builtInFrom is above the numbers of segments that the workspace defines. Those built in are numbered by their slugs, which
// stay when others come between them.
const builtInFrom = 1 << 24

// builtInRules are the segments built in, in the language of rules, so that other rules can name them.
func builtInRules() []live.Segment {
	list := []live.Segment{}
	for _, seg := range segments() {
		text, err := json.Marshal(ruleOf(seg.Rule))
		if err != nil {
			continue
		}
		r, err := rule.Parse(text)
		if err != nil {
			continue
		}
		list = append(list, live.Segment{Key: builtInFrom | uint32(xxh3.HashString(seg.Slug)&(builtInFrom-1)), Slug: seg.Slug, Name: seg.Name, Rule: r})
	}
	return list
}

func scanTrait(scan store.Scan) (t rule.Named, err error) {
	var labels, unit, text string
	if err := scan(&t.Name, &labels, &unit, &text); err != nil {
		return t, err
	}
	if err := json.Unmarshal([]byte(labels), &t.Labels); err != nil {
		return t, fmt.Errorf("trait %s: %w", t.Name, err)
	}
	if err := json.Unmarshal([]byte(unit), &t.Unit); err != nil {
		return t, fmt.Errorf("trait %s: %w", t.Name, err)
	}
	t.Trait, err = rule.ParseTrait([]byte(text))
	return t, err
}
