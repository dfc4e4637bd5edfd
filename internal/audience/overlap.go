package audience

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/dangol/dangol/internal/store"
)

// Overlap is how much two segments share.
type Overlap struct {
	Slug      string  `json:"slug"`
	Name      string  `json:"name"`
	Customers uint64  `json:"customers" doc:"in both"`
	Jaccard   float64 `json:"jaccard" doc:"in both, divided by in either"`
}

// holding is who is in a segment.
type holding struct {
	name string
	bits *roaring.Bitmap
}

// Overlaps compares a segment's members with every other's, largest overlap first. Segments of the workspace's own are as they
// are now, those built in as of the last analysis.
func (s *Service) Overlaps(ctx context.Context, slug string) ([]Overlap, error) {
	_, builtIn := findSegment(slug)
	held, err := s.analysed(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range s.followed() {
		held[d.Slug] = holding{d.Name, s.engine.Recall.Members(d.Key)}
	}
	mine, found := held[slug]
	if !found {
		if builtIn {
			return []Overlap{}, nil // nothing was analysed yet
		}
		if _, _, err := s.liveSegment(ctx, slug); err != nil {
			return nil, err
		}
		return []Overlap{}, nil // archived: nobody is in it
	}
	list := []Overlap{}
	for other, h := range held {
		if other == slug {
			continue
		}
		if both := mine.bits.AndCardinality(h.bits); both > 0 {
			list = append(list, Overlap{other, h.name, both, float64(both) / float64(mine.bits.OrCardinality(h.bits))})
		}
	}
	slices.SortFunc(list, func(a, b Overlap) int {
		return cmp.Or(cmp.Compare(b.Customers, a.Customers), strings.Compare(a.Slug, b.Slug))
	})
	return list, nil
}

// analysed are the members of the segments built in, as of the last analysis.
func (s *Service) analysed(ctx context.Context) (map[string]holding, error) {
	held := map[string]holding{}
	a, found, err := s.Latest(ctx)
	if err != nil || !found {
		return held, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		return tx.Each(ctx, "audience.EachMembership", store.Args{int32(a.AsOf)}, func(scan store.Scan) error {
			var slug string
			var raw []byte
			if err := scan(&slug, &raw); err != nil {
				return err
			}
			seg, there := findSegment(slug)
			if !there {
				return nil // of an older version
			}
			b := roaring.New()
			held[slug] = holding{seg.Name, b}
			return b.UnmarshalBinary(raw)
		})
	})
	if err != nil {
		return nil, fmt.Errorf("memberships: %w", err)
	}
	return held, nil
}
