package churn

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/dangol/dangol/internal/query/rule/pass"
	"github.com/dangol/dangol/internal/warehouse"
)

// bookSQL reads orders and refunds by customer and time; days that are not known come as never.
const bookSQL = `SELECT customer_key, kind, day::BIGINT, coalesce(promised_day, -2147483648)::BIGINT, coalesce(delivered_day, -2147483648)::BIGINT, base_minor, market, channel, (coupon <> '')::UTINYINT,
	coalesce(paid_until_day, -2147483648)::BIGINT
FROM orders WHERE day <= %d%s ORDER BY customer_key, at_us, order_key, kind`

// loaded says what to read into a book.
type loaded struct {
	asOf  int32
	keys  []uint32 // of whom; nil is everybody
	scale float64
	words *vocabulary // of a model; nil are the commonest there are
}

// load reads a book as of one instant of the warehouse.
func load(ctx context.Context, w *warehouse.Warehouse, l loaded) (*book, error) {
	r, err := w.Read(ctx)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	of, began := "", ""
	if l.keys != nil {
		of, began = " AND customer_key IN ("+numbersOf(l.keys)+")", " AND customer_key IN ("+numbersOf(l.keys)+")"
	}
	words := vocabulary{}
	if l.words != nil {
		words = *l.words
	} else if words, err = commonest(ctx, r, l.asOf); err != nil {
		return nil, err
	}
	b := newBook(l.scale, words)
	err = r.Blocks(ctx, fmt.Sprintf(bookSQL, l.asOf, of), nil, func(p *pass.Block) error {
		for i := range p.Len {
			b.add(p.Columns[0].U32[i], happening{
				day: int32(p.Columns[2].I64[i]), promised: int32(p.Columns[3].I64[i]), delivered: int32(p.Columns[4].I64[i]), minor: p.Columns[5].I64[i],
				market: b.markets.code(p.Columns[6].Text[i]), channel: b.channels.code(p.Columns[7].Text[i]), coupon: p.Columns[8].U8[i] == 1, refund: p.Columns[1].U8[i] == 2,
				paidUntil: int32(p.Columns[9].I64[i]),
			})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("churn: orders: %w", err)
	}
	// What somebody began with does not change with time, so the analysis may have found it later than the cut.
	err = r.Blocks(ctx, `SELECT customer_key, first_category FROM customer_state WHERE first_category <> ''`+began, nil, func(p *pass.Block) error {
		for i := range p.Len {
			if at, known := b.find(p.Columns[0].U32[i]); known {
				b.category[at] = b.categories.code(p.Columns[1].Text[i])
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("churn: categories: %w", err)
	}
	return b, nil
}

// commonest are the words that most orders and customers have.
func commonest(ctx context.Context, r *warehouse.Reading, asOf int32) (v vocabulary, err error) {
	for j, text := range [words]string{
		fmt.Sprintf(`SELECT market FROM orders WHERE kind = 1 AND market <> '' AND day <= %d GROUP BY market ORDER BY count(*) DESC, market LIMIT %d`, asOf, mostWords),
		fmt.Sprintf(`SELECT channel FROM orders WHERE kind = 1 AND channel <> '' AND day <= %d GROUP BY channel ORDER BY count(*) DESC, channel LIMIT %d`, asOf, mostWords),
		fmt.Sprintf(`SELECT first_category FROM customer_state WHERE first_category <> '' GROUP BY first_category ORDER BY count(*) DESC, first_category LIMIT %d`, mostWords),
	} {
		err = r.Blocks(ctx, text, nil, func(p *pass.Block) error {
			for i := range p.Len {
				v[j] = append(v[j], strings.Clone(p.Columns[0].Text[i]))
			}
			return nil
		})
		if err != nil {
			return v, fmt.Errorf("churn: words: %w", err)
		}
	}
	return v, nil
}

// numbersOf lists keys for IN; NULL stands for none.
func numbersOf(keys []uint32) string {
	if len(keys) == 0 {
		return "NULL"
	}
	var list []byte
	for i, k := range keys {
		if i > 0 {
			list = append(list, ',')
		}
		list = strconv.AppendUint(list, uint64(k), 10)
	}
	return string(list)
}
