package suggest

import (
	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/models/recommend"
)

// brain is one version of the model with the products it speaks of. It does not change.
type brain struct {
	version  int64
	asOf     day.Day          // the last day it has learnt from
	share    int              // of the customers, in parts
	base     *recommend.Model // as it learnt
	model    *recommend.Model // with what was sold since
	together [][]partner      // of each item
	goods    *goods
	shown    []product // of each item
	itemOf   []int32   // of each product's key, -1 for what the model has never heard of
}

// partner is what is bought together with a product.
type partner struct {
	Item     int32   `json:"i"`
	Together int     `json:"n"`
	Share    float64 `json:"c"` // of the baskets with the one, those with the other, too
	Lift     float64 `json:"l"`
	Low      float64 `json:"a"`
	High     float64 `json:"b"`
}

func partners(p *recommend.Pairs, m *recommend.Model) [][]partner {
	items := m.Items()
	all := make([][]partner, len(items))
	for i, id := range items {
		all[i] = []partner{}
		for _, pair := range p.With(id, pairsOfEach) {
			if j, known := m.Item(pair.B); known {
				all[i] = append(all[i], partner{j, pair.Together, pair.Confidence, pair.Lift, pair.Low, pair.High})
			}
		}
	}
	return all
}

func newBrain(version int64, asOf day.Day, share int, m *recommend.Model, together [][]partner, g *goods) *brain {
	b := &brain{version: version, asOf: asOf, share: share, base: m, model: m, together: together}
	b.name(g)
	return b
}

// name takes the products as they are called now.
func (b *brain) name(g *goods) {
	items := b.model.Items()
	b.goods, b.shown, b.itemOf = g, make([]product, len(items)), make([]int32, len(g.byKey))
	for i, id := range items {
		b.shown[i] = product{id: id, name: id}
	}
	for key, p := range g.byKey {
		b.itemOf[key] = -1
		if i, known := b.model.Item(p.id); known && p.id != "" {
			b.itemOf[key], b.shown[i] = i, p
		}
	}
}

// item is the model's number of a product; -1 for none.
func (b *brain) item(key uint32) int32 {
	if int(key) < len(b.itemOf) {
		return b.itemOf[key]
	}
	return -1
}

// since gives a brain whose trends know of what was sold after it learnt.
func (b *brain) since(sales []recommend.Sale, g *goods) (*brain, error) {
	m, err := b.base.WithSales(sales)
	if err != nil {
		return nil, err
	}
	next := *b
	next.model = m
	next.name(g)
	return &next, nil
}
