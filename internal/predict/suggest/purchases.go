package suggest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/query/rule/pass"
	"github.com/dangol/dangol/internal/warehouse"
	"github.com/dangol/dangol/models/recommend"
)

// Purchases are read at one instant of the warehouse, as of a day.
type purchases struct {
	reading *warehouse.Reading
	asOf    day.Day
	goods   *goods
	markets markets
}

// Product is what is known of what is sold.
type product struct{ id, name, category string }

// goods are the products by their keys.
type goods struct {
	byKey []product // an empty id is no product
	many  bool      // of more than one category
}

// markets are where customers buy, by rising customer.
type markets struct {
	names []string
	keys  []uint32
	of    []uint8
}

// mostMarkets bounds the groups within which things are popular; customers of smaller ones are in none.
const mostMarkets = 50

func (m *markets) find(customer uint32) string {
	if at, ok := slices.BinarySearch(m.keys, customer); ok {
		return m.names[m.of[at]]
	}
	return ""
}

// begin opens a reading; the caller closes it.
func begin(ctx context.Context, w *warehouse.Warehouse, asOf day.Day) (*purchases, error) {
	r, err := w.Read(ctx)
	if err != nil {
		return nil, err
	}
	p := &purchases{reading: r, asOf: asOf}
	if p.goods, err = readGoods(ctx, r); err == nil {
		p.markets, err = readMarkets(ctx, r, asOf)
	}
	if err != nil {
		r.Close()
		return nil, err
	}
	return p, nil
}

func readGoods(ctx context.Context, r *warehouse.Reading) (*goods, error) {
	g := &goods{}
	categories := map[string]bool{}
	err := r.Blocks(ctx, `SELECT key, id, coalesce(nullif(name, ''), id), coalesce(category, '') FROM product`, nil, func(b *pass.Block) error {
		for i, key := range b.Columns[0].U32 {
			if int(key) >= len(g.byKey) {
				g.byKey = append(g.byKey, make([]product, int(key)+1-len(g.byKey))...)
			}
			text := func(column int) string { return strings.Clone(b.Columns[column].Text[i]) } // a view of the engine's memory
			g.byKey[key] = product{text(1), text(2), text(3)}
			if c := g.byKey[key].category; c != "" {
				categories[c] = true
			}
		}
		return nil
	})
	g.many = len(categories) > 1
	return g, err
}

// catalogue describes the products to a model; nil where nothing is known of any.
func (g *goods) catalogue() []recommend.Product {
	if !g.many {
		return nil
	}
	list := make([]recommend.Product, 0, len(g.byKey))
	for _, p := range g.byKey {
		if p.id != "" {
			list = append(list, recommend.Product{Item: p.id, Category: p.category})
		}
	}
	return list
}

// readMarkets finds the market of each customer's last order; of a shop with one market nobody needs to be told.
func readMarkets(ctx context.Context, r *warehouse.Reading, asOf day.Day) (m markets, err error) {
	rows, err := r.Ask(ctx, `SELECT market FROM orders WHERE kind = 1 AND day <= $1 AND market <> '' GROUP BY market ORDER BY count(*) DESC, market LIMIT $2`, int32(asOf), mostMarkets)
	if err != nil {
		return m, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return m, fmt.Errorf("markets: %w", err)
		}
		m.names = append(m.names, name)
	}
	if err := rows.Err(); err != nil || len(m.names) < 2 {
		return m, err
	}
	number := map[string]uint8{"": uint8(len(m.names))}
	for i, name := range m.names {
		number[name] = uint8(i)
	}
	m.names = append(m.names, "")
	text := fmt.Sprintf(`SELECT customer_key, arg_max(market, at_us) FROM orders WHERE kind = 1 AND day <= %d GROUP BY customer_key ORDER BY customer_key`, asOf)
	err = r.Blocks(ctx, text, nil, func(b *pass.Block) error {
		m.keys = append(m.keys, b.Columns[0].U32...)
		for _, name := range b.Columns[1].Text {
			at, known := number[name]
			if !known {
				at = number[""]
			}
			m.of = append(m.of, at)
		}
		return nil
	})
	return m, err
}

// extent says how much there is.
type extent struct{ Customers, Lines int64 }

func (p *purchases) extent(ctx context.Context) (e extent, err error) {
	rows, err := p.reading.Ask(ctx, `SELECT count(DISTINCT customer_key), count(*) FROM line WHERE kind = 1 AND day <= $1`, int32(p.asOf))
	if err != nil {
		return e, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := rows.Scan(&e.Customers, &e.Lines); err != nil {
			return e, fmt.Errorf("purchases: %w", err)
		}
	}
	return e, rows.Err()
}

// parts is into how many equal parts customers are divided, by their keys alone, so that the same ones are drawn each time.
const parts = 1024

// drawn is a condition of SQL for the first so many of the parts.
func drawn(share int) string {
	if share >= parts {
		return ""
	}
	return fmt.Sprintf(" AND ((customer_key::UBIGINT * 2654435761) & 4294967295) >> 22 < %d", share)
}

// Lines gives what customers bought, in rising order of customers where ordered; more restricts whose and which.
func (p *purchases) lines(ctx context.Context, more string, ordered bool, take func(customer, product uint32, order uint64, on int32) error) error {
	text := fmt.Sprintf(`SELECT customer_key, product_key, order_key, day::BIGINT FROM line WHERE kind = 1 AND day <= %d%s`, p.asOf, more)
	if ordered {
		text += " ORDER BY customer_key"
	}
	return p.reading.Blocks(ctx, text, nil, func(b *pass.Block) error {
		for i, customer := range b.Columns[0].U32 {
			if key := b.Columns[1].U32[i]; int(key) < len(p.goods.byKey) && p.goods.byKey[key].id != "" {
				if err := take(customer, key, b.Columns[2].U64[i], int32(b.Columns[3].I64[i])); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// best lists the products sold most in the last days, of a market, or of all where it is "".
func (p *purchases) best(ctx context.Context, market string, most int) (keys []uint32, err error) {
	rows, err := p.reading.Ask(ctx, `SELECT product_key FROM order_line JOIN product ON key = product_key WHERE kind = 1 AND day <= $1 AND day > $2 AND ($3 = '' OR market = $3) AND id <> ''
		GROUP BY product_key ORDER BY count(DISTINCT customer_key) DESC, product_key LIMIT $4`, int32(p.asOf), int32(p.asOf)-popularDays, market, most)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var key uint32
		if err := rows.Scan(&key); err != nil {
			return nil, fmt.Errorf("popular products: %w", err)
		}
		keys = append(keys, key)
	}
	return keys, rows.Err()
}

// popularDays are those whose sales make a product popular.
const popularDays = 90

// interactions reads a share of the customers for a model to learn from. Markets are left out: on Online Retail a blend whose popularity is
// that of the market is worse (NDCG@10 0.118) than one whose popularity is everybody's (0.129).
func (p *purchases) interactions(ctx context.Context, share int) (*recommend.Interactions, error) {
	var b recommend.Builder
	var user string
	last := int64(-1)
	err := p.lines(ctx, drawn(share), true, func(customer, key uint32, order uint64, on int32) error {
		if int64(customer) != last {
			user, last = strconv.FormatUint(uint64(customer), 10), int64(customer)
		}
		return b.Add(recommend.Purchase{User: user, Item: p.goods.byKey[key].id, Order: strconv.FormatUint(order, 36), Day: on})
	})
	if err != nil {
		return nil, err
	}
	return b.Build()
}
