package audience

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/dangol/dangol/internal/kit/day"
	"github.com/dangol/dangol/internal/query/rule/pass"
	"github.com/dangol/dangol/internal/warehouse/columns"
)

// productCounts is the table of how many products each customer bought, and which most often.
const productCounts = "product_counts"

// countedAtOnce bounds the lines whose products lie in memory, four bytes each.
const countedAtOnce = 32 << 20

// nothing stands for no product.
const nothing = ^uint32(0)

// tally counts the products of a range of customers: their lines are put in place one customer after the other, and each customer's are
// sorted. Grouping by customer and product makes nearly as many groups as there are lines, of which the engine keeps a table far
// larger than any cache; this takes a third of its time.
type tally struct {
	first    uint32   // customer
	from     []int    // where each one's lines begin, and one more
	next     []int    // where each one's next line goes
	products []uint32 // by customer
	no       uint32   // key of the product that stands for none given
}

// countProducts fills productCounts from the purchase lines up to a day. Ties go to the least key.
func countProducts(ctx context.Context, conn *sql.Conn, asOf day.Day) error {
	if err := exec(ctx, conn, `CREATE OR REPLACE TEMP TABLE `+productCounts+` (customer_key UINTEGER, kinds UINTEGER, commonest UINTEGER)`); err != nil {
		return err
	}
	var customers, no uint32
	if err := conn.QueryRowContext(ctx, `SELECT (SELECT coalesce(max(customer_key) + 1, 0)::UINTEGER FROM line), (SELECT coalesce(min(key), 0) FROM product WHERE id = '')`).Scan(&customers, &no); err != nil {
		return fmt.Errorf("count products: %w", err)
	}
	lines := make([]uint32, customers)
	condition := fmt.Sprintf(`FROM line WHERE kind = 1 AND day <= %d`, asOf)
	err := columns.Read(ctx, conn, `SELECT customer_key `+condition, nil, func(b *pass.Block) error {
		for _, key := range b.Columns[0].U32 {
			lines[key]++
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("count products: %w", err)
	}
	w, err := columns.NewWriter(conn, productCounts)
	if err != nil {
		return err
	}
	for first := 0; first < len(lines); {
		t, end := newTally(lines, first, no)
		err := columns.Read(ctx, conn, fmt.Sprintf(`SELECT customer_key, product_key %s AND customer_key >= %d AND customer_key < %d`, condition, first, end), nil, t.place)
		if err == nil {
			err = t.write(w)
		}
		if err != nil {
			_ = w.Abandon() // the table goes with the connection
			return fmt.Errorf("count products: %w", err)
		}
		first = end
	}
	return w.Close()
}

// newTally makes room for the lines of as many customers, from the first on, as may be counted at once.
func newTally(lines []uint32, first int, no uint32) (t *tally, end int) {
	t = &tally{first: uint32(first), no: no}
	total := 0
	for end = first; end < len(lines) && (end == first || total+int(lines[end]) <= countedAtOnce); end++ {
		t.from = append(t.from, total)
		total += int(lines[end])
	}
	t.next = slices.Clone(t.from)
	t.from = append(t.from, total)
	t.products = make([]uint32, total)
	return t, end
}

func (t *tally) place(b *pass.Block) error {
	products := b.Columns[1].U32
	for i, key := range b.Columns[0].U32 {
		at := &t.next[key-t.first]
		t.products[*at] = products[i]
		*at++
	}
	return nil
}

// write counts half of the customers on either core.
func (t *tally) write(w *columns.Writer) error {
	n := len(t.next)
	kinds, commonest := make([]uint32, n), make([]uint32, n)
	var both errgroup.Group
	for _, half := range [][2]int{{0, n / 2}, {n / 2, n}} {
		both.Go(func() error {
			for i := half[0]; i < half[1]; i++ {
				kinds[i], commonest[i] = count(t.products[t.from[i]:t.from[i+1]], t.no)
			}
			return nil
		})
	}
	_ = both.Wait() // neither fails
	for i := range n {
		if t.from[i] == t.from[i+1] {
			continue
		}
		w.U32(0, t.first+uint32(i))
		w.U32(1, kinds[i])
		if w.U32(2, commonest[i]); commonest[i] == nothing {
			w.Null(2)
		}
		if err := w.Next(); err != nil {
			return err
		}
	}
	return nil
}

// count sorts products and returns how many different ones there are but for no, and the one that is there most often, the least of several.
func count(products []uint32, no uint32) (kinds, commonest uint32) {
	slices.Sort(products)
	commonest = nothing
	for i, most := 0, 0; i < len(products); {
		j := i + 1
		for j < len(products) && products[j] == products[i] {
			j++
		}
		if products[i] != no {
			kinds++
			if j-i > most {
				most, commonest = j-i, products[i]
			}
		}
		i = j
	}
	return kinds, commonest
}
