package audience

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/dangol/dangol/internal/kit/answers"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/kit/job"
	"github.com/dangol/dangol/internal/market"
	"github.com/dangol/dangol/internal/query"
	"github.com/dangol/dangol/internal/store"
)

// members asks the warehouse who is in a segment.
func (s *Service) members(ctx context.Context, seg Segment) (*roaring.Bitmap, error) {
	where, args, err := query.RenderCondition(seg.Rule, query.StateSchema(), s.dialect, "", 1)
	if err != nil {
		return nil, err
	}
	rows, err := s.warehouse.Ask(ctx, `SELECT customer_key FROM customer_state WHERE `+where+` ORDER BY customer_key`, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	b := roaring.New()
	for rows.Next() {
		var key uint32
		if err := rows.Scan(&key); err != nil {
			return nil, fmt.Errorf("members of %s: %w", seg.Slug, err)
		}
		b.Add(key)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("members of %s: %w", seg.Slug, err)
	}
	b.RunOptimize()
	return b, nil
}

// keepMemberships stores the bitmap of every segment for the analysis just made.
func (s *Service) keepMemberships(ctx context.Context, asOf day.Day, p *job.Progress) error {
	type kept struct {
		slug  string
		size  uint64
		bytes []byte
	}
	var all []kept
	for i, seg := range segments() {
		b, err := s.members(ctx, seg)
		if err != nil {
			return err
		}
		raw, err := b.ToBytes()
		if err != nil {
			return fmt.Errorf("members of %s: %w", seg.Slug, err)
		}
		all = append(all, kept{seg.Slug, b.GetCardinality(), raw})
		p.Set(int64(i+1), 0)
	}
	version := s.warehouse.StateVersion()
	err := s.store.In(ctx, func(tx *store.Tx) error {
		for _, k := range all {
			if _, err := tx.Exec(ctx, "audience.PutMembership", k.slug, int32(asOf), version, int64(k.size), k.bytes); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep memberships: %w", err)
	}
	return nil
}

// SegmentView is a segment with its size and worth as of the last analysis.
type SegmentView struct {
	Slug          string            `json:"slug"`
	Name          string            `json:"name"`
	Description   string            `json:"description"`
	Rule          query.Condition   `json:"rule"`
	Sentence      string            `json:"sentence"`
	Customers     int64             `json:"customers"`
	Share         float64           `json:"share" doc:"of all customers"`
	Spend         market.Money      `json:"spend"`
	ExpectedValue *market.Money     `json:"expected_value" doc:"next 12 months; null when the data do not support it"`
	ID            string            `json:"id" doc:"the same as slug"`
	Kind          string            `json:"kind" enum:"built_in,rule,manual"`
	Sentences     map[string]string `json:"sentences" doc:"by language, of rules"`
	LiveRule      json.RawMessage   `json:"live_rule" doc:"in the language of GET /v1/rules/schema; null where people are chosen by hand"`
	Live          bool              `json:"live" doc:"members follow events; those built in follow analyses"`
	Locked        bool              `json:"locked"`
	Archived      bool              `json:"archived"`
	UpdatedAt     *time.Time        `json:"updated_at"`
	Change30d     *int64            `json:"change_30d" doc:"members more or fewer than at the last analysis at least 30 days before; null when there is none"`
}

// Segments tells the size and worth of each segment.
func (s *Service) Segments(ctx context.Context) ([]SegmentView, error) {
	kept, err := answers.Of(ctx, s.answers, fmt.Sprintf("segments@%d", s.StateVersion()), s.segments)
	if err != nil || s.engine == nil {
		return kept, err
	}
	own, err := s.LiveViews(ctx, s.engine.People())
	return slices.Concat(own, kept), err
}

// segments computes Segments in one scan.
func (s *Service) segments(ctx context.Context) ([]SegmentView, error) {
	currency, err := s.workspace.Currency(ctx)
	if err != nil {
		return nil, err
	}
	a, found, err := s.Latest(ctx)
	if err != nil {
		return nil, err
	}
	before := map[string]int64{}
	if found {
		if before, err = s.sizesBefore(ctx, a.AsOf-30); err != nil {
			return nil, err
		}
	}
	list := segments()
	text, args := `SELECT count(*)`, []any{}
	for _, seg := range list {
		where, more, err := query.RenderCondition(seg.Rule, query.StateSchema(), s.dialect, "", len(args)+1)
		if err != nil {
			return nil, err
		}
		text += `, count(*) FILTER (` + where + `), coalesce(sum(spend) FILTER (` + where + `), 0)::BIGINT, sum(expected_value_minor) FILTER (` + where + `)::BIGINT`
		args = append(args, more...)
	}
	rows, err := s.warehouse.Ask(ctx, text+` FROM customer_state`, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var total int64
	counts, spends, values := make([]int64, len(list)), make([]int64, len(list)), make([]*int64, len(list))
	dest := []any{&total}
	for i := range list {
		dest = append(dest, &counts[i], &spends[i], &values[i])
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return nil, fmt.Errorf("segments: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("segments: %w", err)
	}
	views := make([]SegmentView, len(list))
	for i, seg := range list {
		inRules, err := json.Marshal(ruleOf(seg.Rule))
		if err != nil {
			return nil, fmt.Errorf("segment %s: %w", seg.Slug, err)
		}
		v := SegmentView{
			ID: seg.Slug, Kind: builtIn, Sentences: map[string]string{}, LiveRule: inRules, Locked: true, Live: true, Slug: seg.Slug, Name: seg.Name, Description: seg.Description, Rule: seg.Rule, Customers: counts[i], Spend: market.New(spends[i], currency),
			Sentence: query.Sentence(seg.Rule, query.StateSchema(), query.Words{Money: func(m int64) string { return market.New(m, currency).String() }}),
		}
		if total > 0 {
			v.Share = float64(counts[i]) / float64(total)
		}
		if values[i] != nil {
			m := market.New(*values[i], currency)
			v.ExpectedValue = &m
		}
		if size, ok := before[seg.Slug]; ok {
			d := counts[i] - size
			v.Change30d = &d
		}
		views[i] = v
	}
	return views, nil
}

func (s *Service) sizesBefore(ctx context.Context, d day.Day) (map[string]int64, error) {
	sizes := map[string]int64{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		return tx.Each(ctx, "audience.EachSizeBefore", store.Args{int32(d)}, func(scan store.Scan) error {
			var slug string
			var n int64
			if err := scan(&slug, &n); err != nil {
				return err
			}
			sizes[slug] = n
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("segment sizes: %w", err)
	}
	return sizes, nil
}

// liveView is a segment of the workspace's own, without its members.
func liveView(d *definition, currency string) SegmentView {
	updated := time.UnixMicro(d.updatedUS).UTC()
	v := SegmentView{
		ID: d.slug, Slug: d.slug, Kind: d.kind, Name: d.name, Description: d.description, Locked: d.locked, Archived: d.archived, UpdatedAt: &updated,
		Spend: market.Zero(currency), LiveRule: json.RawMessage("null"),
		Sentences: map[string]string{"en": "People chosen by hand.", "ko": "직접 고른 사람들.", "th": "คนที่เลือกไว้เอง"},
	}
	if d.rule != nil {
		v.LiveRule = json.RawMessage(d.text)
	}
	return v
}
