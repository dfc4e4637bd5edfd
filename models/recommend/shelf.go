package recommend

import (
	"cmp"
	"fmt"
	"slices"
)

// Product is what is known of an item besides who bought it.
type Product struct {
	Item       string
	Category   string   // what a limit per category counts by
	Attributes []string // brand:acme, colour:red, size:xl; the order does not matter
}

// shelf is the catalogue by number.
type shelf struct {
	categories []string
	category   []int32 // of each item, −1 for none
	attributes []string
	has        *sparse // items × attributes, the category being one of them
	alike      *sparse // for cold items: warm ones and their weights, summing to the likeness of the closest
	cold       []int32
}

// siblings is how many items a cold one is scored by.
const siblings = 20

// stock numbers the items: first those of the interactions, then products that
// nobody bought.
func (m *Model) stock(in *Interactions, products []Product) error {
	m.items = slices.Clone(in.items)
	if len(products) == 0 {
		return nil
	}
	list := slices.Clone(products)
	slices.SortStableFunc(list, func(a, b Product) int { return cmp.Compare(a.Item, b.Item) })
	place := make(map[string]int, len(list))
	for i, id := range m.items {
		place[id] = i
	}
	for i, p := range list {
		if p.Item == "" {
			return fmt.Errorf("catalogue: a product of category %q has no item id", p.Category)
		}
		if i > 0 && list[i-1].Item == p.Item {
			return fmt.Errorf("catalogue: %q is there twice", p.Item)
		}
		if _, ok := place[p.Item]; !ok {
			place[p.Item] = len(m.items)
			m.items = append(m.items, p.Item)
		}
	}
	s := &shelf{category: make([]int32, len(m.items))}
	s.describe(list, place, len(m.items))
	bought := make([]bool, len(m.items))
	for _, l := range in.lines {
		bought[l.item] = true
	}
	s.liken(bought)
	m.shelf = s
	return nil
}

// describe fills in categories and attributes.
func (s *shelf) describe(list []Product, place map[string]int, n int) {
	var categories, attributes names
	own := make([][]int32, n)
	for i := range s.category {
		s.category[i] = -1
	}
	for _, p := range list {
		i := place[p.Item]
		if p.Category != "" {
			s.category[i] = categories.number(p.Category)
			own[i] = append(own[i], attributes.number("category:"+p.Category))
		}
		for _, a := range p.Attributes {
			if a != "" {
				own[i] = append(own[i], attributes.number(a))
			}
		}
	}
	s.categories, s.attributes = categories.list, attributes.list
	s.has = &sparse{rows: n, cols: len(s.attributes), start: make([]int32, n+1)}
	for i, a := range own {
		slices.Sort(a)
		s.has.col = append(s.has.col, slices.Compact(a)...)
		s.has.start[i+1] = int32(len(s.has.col))
	}
	s.has.value = make([]float32, len(s.has.col))
	for k := range s.has.value {
		s.has.value[k] = 1
	}
}

// liken finds, for each item that nobody bought, the bought ones that share
// most of its attributes (Jaccard).
func (s *shelf) liken(bought []bool) {
	n := s.has.rows
	s.alike = &sparse{rows: n, cols: n, start: make([]int32, n+1)}
	turned := s.has.turned()
	shared := make([]float32, n)
	for i := range n {
		if own, _ := s.has.row(i); !bought[i] && len(own) > 0 {
			var best []scored
			for _, a := range own {
				items, _ := turned.row(int(a))
				for _, j := range items {
					if bought[j] {
						if shared[j] == 0 {
							best = append(best, scored{item: j})
						}
						shared[j]++
					}
				}
			}
			for k, b := range best {
				other, _ := s.has.row(int(b.item))
				best[k].score = shared[b.item] / (float32(len(own)+len(other)) - shared[b.item])
				shared[b.item] = 0
			}
			s.adopt(i, best)
		}
		s.alike.start[i+1] = int32(len(s.alike.col))
	}
}

// adopt keeps the best of a cold item's siblings.
func (s *shelf) adopt(i int, best []scored) {
	if len(best) == 0 {
		return
	}
	slices.SortFunc(best, func(a, b scored) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.item, b.item)) })
	best = best[:min(siblings, len(best))]
	total, closest := float32(0), best[0].score
	for _, b := range best {
		total += b.score
	}
	slices.SortFunc(best, func(a, b scored) int { return cmp.Compare(a.item, b.item) })
	for _, b := range best {
		s.alike.col = append(s.alike.col, b.item)
		s.alike.value = append(s.alike.value, b.score/total*closest)
	}
	s.cold = append(s.cold, int32(i))
}

// fillCold gives cold items the mean score of their siblings, times the
// likeness of the closest.
func (m *Model) fillCold(score []float32) {
	if m.shelf == nil {
		return
	}
	for _, i := range m.shelf.cold {
		cols, values := m.shelf.alike.row(int(i))
		s := float32(0)
		for k, j := range cols {
			s += values[k] * score[j]
		}
		score[i] = s
	}
}

// likeness of two items is the Jaccard index of their attributes.
func (s *shelf) likeness(a, b int32) float64 {
	x, _ := s.has.row(int(a))
	y, _ := s.has.row(int(b))
	both, i, j := 0, 0, 0
	for i < len(x) && j < len(y) {
		switch {
		case x[i] < y[j]:
			i++
		case x[i] > y[j]:
			j++
		default:
			both++
			i++
			j++
		}
	}
	if both == 0 {
		return 0
	}
	return float64(both) / float64(len(x)+len(y)-both)
}
