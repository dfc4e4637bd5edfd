package app

import (
	"context"
	"maps"
	"slices"

	"github.com/dangol/dangol/internal/audience"
	"github.com/dangol/dangol/internal/collect/flow"
	"github.com/dangol/dangol/internal/predict/suggest"
	"github.com/dangol/dangol/internal/profile"
	"github.com/dangol/dangol/internal/warehouse"
)

// joinSuggest gives suggest what it needs of the other rooms, and tells it what changes.
func (a *App) joinSuggest(r *rooms) {
	r.suggest = suggest.New(suggest.Options{
		Warehouse: r.warehouse, Store: a.records, Days: r.audience, People: r.registry, Segments: memberships{r.audience},
		Clock: a.Clock, Log: a.Log, Data: a.Config.Data,
	})
	a.background("suggestions", r.suggest.Run)
	suggest.Register(a.api, r.suggest, a.jobs)
	r.churn.Others = append(r.churn.Others, r.suggest.View)
}

// memberships tell suggest who is in which segment.
type memberships struct{ audience *audience.Service }

func (m memberships) Number(slug string) (uint32, bool) { return m.audience.Engine().Find(slug) }

func (m memberships) Contains(segment, customer uint32) bool {
	return m.audience.Engine().Recall.Contains(segment, customer)
}

// eraseFromSuggestions takes her out of the lists of what customers will buy next.
func (r *rooms) eraseFromSuggestions(ctx context.Context, e profile.Erasing) (f profile.Forgot, err error) {
	n, err := r.suggest.Forget(ctx, e.Keys)
	if n > 0 {
		f.Erased = append(f.Erased, profile.Erased{Store: "files", Table: suggest.Folder, Rows: n})
	}
	return f, err
}

// followOrders tells who is to be looked at anew: those whose orders changed, and those who became one person or two.
func (r *rooms) followOrders(c *flow.Committed) {
	touched := func(keys []uint32) {
		r.suggest.Touched(keys)
		r.churn.Touched(keys)
	}
	touched(c.Ordered)
	r.churn.Touched(slices.Collect(maps.Keys(c.Bought)))
	for i := range c.Steps {
		switch s := &c.Steps[i]; s.Kind {
		case warehouse.Move:
			touched([]uint32{s.Origin, s.To})
		case warehouse.Gone:
			touched([]uint32{s.Key})
		case warehouse.Upsert, warehouse.Erase:
		}
	}
}
