package profile

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/market"
)

// Attribute is what was last said of a customer under a name.
type Attribute struct {
	Name   string          `json:"name"`
	Value  json.RawMessage `json:"value"`
	At     time.Time       `json:"at"`
	Source string          `json:"source"`
}

// Membership is a segment a customer is in.
type Membership struct {
	ID    string     `json:"id"`
	Name  string     `json:"name"`
	Since *time.Time `json:"since" doc:"null where it is not known"`
}

// Memberships tells the segments a customer is in; audience does, joined in app.
type Memberships func(ctx context.Context, customer uint32) ([]Membership, error)

// maxIdentifies bounds how many identify calls are read back; the newest count.
const maxIdentifies = 2000

// attributes folds what identify calls said: the last value of each name counts, null takes it back.
func (s *Service) attributes(ctx context.Context, key int64) ([]Attribute, error) {
	rows, err := s.warehouse.Ask(ctx, `SELECT at_us, source_key, props FROM event WHERE customer_key = $1::UINTEGER AND type = $2 ORDER BY at_us DESC, place DESC LIMIT $3`,
		key, uint8(event.Identify), maxIdentifies)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	list := []Attribute{}
	seen := map[string]bool{}
	for rows.Next() {
		var at int64
		var source uint32
		var props string
		if err := rows.Scan(&at, &source, &props); err != nil {
			return nil, fmt.Errorf("attributes: %w", err)
		}
		var given map[string]json.RawMessage
		if json.Unmarshal([]byte(props), &given) != nil {
			continue // it was checked before it was kept
		}
		for name, value := range given {
			if seen[name] {
				continue
			}
			seen[name] = true
			if string(value) != "null" {
				list = append(list, Attribute{name, value, time.UnixMicro(at).UTC(), s.warehouse.Source(source)})
			}
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("attributes: %w", err)
	}
	slices.SortFunc(list, func(a, b Attribute) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

func (s *Service) memberships(ctx context.Context, key int64) ([]Membership, error) {
	if s.joined.Memberships == nil {
		return []Membership{}, nil
	}
	list, err := s.joined.Memberships(ctx, uint32(key))
	return append([]Membership{}, list...), err
}

// figures counts the orders of a customer whom no analysis holds yet: events brought her since.
func (s *Service) figures(ctx context.Context, key int64, p *Page) error {
	rows, err := s.warehouse.Ask(ctx, `SELECT count(*) FILTER (kind = 1), coalesce(sum(base_minor) FILTER (kind = 1), 0)::BIGINT, coalesce(sum(base_minor) FILTER (kind = 2), 0)::BIGINT,
		min(day) FILTER (kind = 1), max(day) FILTER (kind = 1), coalesce(arg_max(market, at_us), '') FROM orders WHERE customer_key = $1::UINTEGER`, key)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var spend, refunds int64
		var first, last *int32
		if err := rows.Scan(&p.Orders, &spend, &refunds, &first, &last, &p.Market); err != nil {
			return fmt.Errorf("figures: %w", err)
		}
		p.Spend, p.Refunds = market.New(spend, p.Currency), market.New(refunds, p.Currency)
		if p.Orders > 0 && first != nil && last != nil {
			p.AverageOrder = market.New(spend/p.Orders, p.Currency)
			p.FirstOrderAt, p.LastOrderAt = day.Day(*first), day.Day(*last)
		}
	}
	return rows.Err()
}
