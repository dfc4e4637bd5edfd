package simulate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// Product is one article of the shop; its list price differs by market.
type Product struct {
	SKU      string
	Name     string
	Category string
	euros    float64
	often    bool // used up and bought again: those who buy often come for these
}

// category names a shelf, its cheapest and dearest price in euros, and its articles from cheap to dear.
type category struct {
	code, name string
	low, high  float64
	often      bool
	articles   string
}

var categories = []category{
	{"TEA", "Tea & coffee", 5, 48, true, "Barley tea bags|Corn silk tea|Butterfly pea tea|Jeju green tea|Yuja honey tea|Chiang Mai drip coffee|Thai oolong|Roasted buckwheat tea|Omija syrup|Doi Chang coffee beans|First flush sejak|Ceremony matcha"},
	{"SKN", "Skin care", 6, 75, true, "Rice sheet mask|Tamarind soap|Snail cream sachets|Aloe gel|Cica toner|Centella ampoule|Mugwort essence|Ginseng eye cream|Turmeric night mask|Green tea serum|Pearl cream|Red ginseng set"},
	{"HAR", "Hair & body", 5, 42, true, "Coconut hand cream|Charcoal toothpaste|Lemongrass body wash|Bergamot shampoo|Kaffir lime scrub|Camellia hair oil|Black bean shampoo|Jasmine body lotion|Bath salts, pine|Massage balm|Rosemary tonic|Spa gift set"},
	{"SNK", "Snacks & sweets", 4, 36, true, "Seaweed crisps|Dried mango|Honey butter almonds|Coconut rolls|Yakgwa biscuits|Sesame brittle|Sweet rice puffs|Durian chips|Injeolmi cookies|Gochujang nuts|Hangwa box|Festival sweets tray"},
	{"HOM", "Home fragrance", 9, 64, false, "Incense sticks|Sandalwood cones|Linen spray|Soy candle, pine|Lotus candle|Reed diffuser, fig|Ylang room mist|Cedar blocks|Diffuser, lemongrass|Incense burner|Candle trio|Ceramic diffuser"},
	{"KIT", "Kitchen & table", 7, 110, false, "Bamboo spoon|Chopstick pair|Cotton apron|Mortar, small|Tea strainer|Teak board|Brass spoon set|Donabe ladle rest|Rice cooker pot|Tea kettle|Cast iron pan|Bangjja bowl set"},
	{"CER", "Ceramics", 12, 140, false, "Celadon saucer|Glazed cup|Soy dish pair|Buncheong mug|Noodle bowl|Benjarong cup|Side plates|Moon jar, mini|Teapot|Serving plate|Celadon vase|Dinner set for two"},
	{"STA", "Stationery", 4, 52, false, "Sticker sheets|Gel pens|Memo pad, tiger|Hanji envelopes|Washi tapes|Desk calendar|Grid notebook|Saa paper journal|Brush pen set|Leather pen roll|Planner|Seal carving kit"},
	{"TEX", "Textiles", 11, 125, false, "Linen napkins|Cotton socks|Tea towel, indigo|Tote bag|Silk scrunchies|Bojagi wrap|Pha khao ma scarf|Cushion cover|Linen pyjama shorts|Thai silk scarf|Quilted throw|Numbi blanket"},
	{"TRV", "Travel & outdoor", 8, 130, false, "Luggage tag|Sun hat|Packing cubes|Steel tumbler|Picnic mat|Rain poncho|Insulated lunch box|Foldable chair|Dry bag|Daypack|Camping lantern|Hammock"},
}

func products() []Product {
	var list []Product
	for _, c := range categories {
		names := strings.Split(c.articles, "|")
		for i, name := range names {
			price := c.low * math.Pow(c.high/c.low, float64(i)/float64(len(names)-1))
			list = append(list, Product{SKU: fmt.Sprintf("%s-%02d", c.code, i+1), Name: name, Category: c.name, euros: price, often: c.often})
		}
	}
	return list
}

// ListPrice is a product's price in a market, in minor units, before any coupon.
func (m *Market) ListPrice(p *Product) int64 {
	digits := 1.0
	if m.Currency != "KRW" {
		digits = 100
	}
	steps := max(1, math.Round(p.euros*m.perEuro*digits/float64(m.priceStep)))
	return int64(steps)*m.priceStep - m.priceCharm
}

// shelf is the products as one market sells them.
type shelf struct {
	m          *Market
	perMajor   float64
	categories [][]int // products of a category, from cheap to dear
	price      []int64
	often      []bool
}

func newShelf(list []Product, m *Market) *shelf {
	s := &shelf{m: m, perMajor: 100, price: make([]int64, len(list))}
	if m.Currency == "KRW" {
		s.perMajor = 1
	}
	at := map[string]int{}
	for i := range list {
		p := &list[i]
		s.price[i] = m.ListPrice(p)
		c, ok := at[p.Category]
		if !ok {
			c = len(s.categories)
			at[p.Category] = c
			s.categories, s.often = append(s.categories, nil), append(s.often, p.often)
		}
		s.categories[c] = append(s.categories[c], i)
	}
	return s
}

// taste is how much a customer likes each category, as a running sum. Those who buy often, relative to the market's
// average, lean to what is used up: this makes the first category tell something about the future, as in real shops.
func (s *shelf) taste(r *rand.Rand, relativeRate float64) []float64 {
	sum, total := make([]float64, len(s.categories)), 0.0
	for i := range sum {
		w := r.ExpFloat64()
		if s.often[i] {
			w *= 0.35 + min(relativeRate, 3)
		}
		total += w
		sum[i] = total
	}
	return sum
}

// fill puts products in a basket until it costs about what it should (in major units, after the discount).
func (s *shelf) fill(r *rand.Rand, taste []float64, target, discount float64) []Line {
	left := target * s.perMajor / (1 - discount)
	n := 1
	for n < 7 && r.Float64() < 0.52 {
		n++
	}
	lines := make([]Line, 0, n)
	for i := range n {
		aim := left / float64(n-i)
		if i < n-1 {
			aim *= 0.5 + r.Float64()
		}
		c := s.categories[pick(r, taste)]
		p := s.nearest(c, aim)
		quantity := min(max(int64(math.Round(aim/float64(s.price[p]))), 1), 6)
		if same := slices.IndexFunc(lines, func(l Line) bool { return l.Product == p }); same >= 0 {
			lines[same].Quantity += quantity
		} else {
			lines = append(lines, Line{Product: p, Quantity: quantity, UnitMinor: s.discounted(s.price[p], discount)})
		}
		left -= float64(quantity * s.price[p])
		if left < 0.5*float64(s.price[c[0]]) {
			break
		}
	}
	return lines
}

func pick(r *rand.Rand, sum []float64) int {
	u := r.Float64() * sum[len(sum)-1]
	i, _ := slices.BinarySearch(sum, u)
	return min(i, len(sum)-1)
}

// nearest is the product whose price lies nearest to the aim.
func (s *shelf) nearest(c []int, aim float64) int {
	i, _ := slices.BinarySearchFunc(c, aim, func(p int, aim float64) int {
		if float64(s.price[p]) < aim {
			return -1
		}
		return 1
	})
	switch {
	case i == len(c):
		return c[i-1]
	case i > 0 && aim-float64(s.price[c[i-1]]) < float64(s.price[c[i]])-aim:
		return c[i-1]
	}
	return c[i]
}

func (s *shelf) discounted(price int64, discount float64) int64 {
	if discount == 0 {
		return price
	}
	step := s.m.roundTo
	return max(int64(math.Round(float64(price)*(1-discount)/float64(step)))*step, step)
}
