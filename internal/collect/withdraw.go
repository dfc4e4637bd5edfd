package collect

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/collect/orders"
	"github.com/dangol/dangol/internal/collect/table"
	"github.com/dangol/dangol/internal/event"
	"github.com/dangol/dangol/internal/kit/day"
)

// An export of today may say that an order was called off which yesterday's still sold. An import never takes away, so such a
// sale is given back: a refund stands beside it. What has been given back already is not given back again, so that the same file
// changes nothing the second time.

// withdrawal is an order of the file with rows that were called off.
type withdrawal struct {
	customer, order string
	atUS            int64
	day             day.Day
	off             map[uint64]int // rows called off, by the hash of the line they would have been
	stands          map[uint64]int // rows that stand, likewise
}

// soldLine is a line that earlier imports brought.
type soldLine struct {
	hash             uint64
	kind             event.Kind
	customer, origin uint32
	line             event.OrderLine
	base             int64
}

// withdrawals are the orders of one file with rows that were called off, by their keys.
type withdrawals map[uint64]*withdrawal

// newWithdrawals keeps rows that are called off where there are earlier sales that they may be of.
func newWithdrawals(sold bool) withdrawals {
	if !sold {
		return nil
	}
	return withdrawals{}
}

// note keeps a row that was set aside because its order was called off.
func (w withdrawals) note(r orders.Reject) {
	if w == nil || r.Off == nil {
		return
	}
	key, hash := r.Off.Sale.Keys()
	o := w[key]
	if o == nil {
		o = &withdrawal{
			customer: strings.Clone(r.Off.Sale.Customer), order: strings.Clone(r.Off.Sale.Order),
			day: day.Unknown, off: map[uint64]int{}, stands: map[uint64]int{},
		}
		w[key] = o
	}
	o.off[hash]++
	if o.day == day.Unknown {
		o.atUS, o.day = r.Off.AtUS, r.Off.Day
	}
}

// sold keeps of the orders those that were sold for more than was given back.
func (s *Service) sold(ctx context.Context, w withdrawals) error {
	left := map[uint64]int64{}
	err := s.eachOf(ctx, w, `SELECT order_key, sum(CASE kind WHEN 1 THEN amount_minor ELSE -amount_minor END)::BIGINT FROM orders WHERE order_key IN (%s) GROUP BY 1`, func(rows *sql.Rows) error {
		var key uint64
		var n int64
		err := rows.Scan(&key, &n)
		left[key] = n
		return err
	})
	for key := range w {
		if left[key] <= 0 {
			delete(w, key)
		}
	}
	return err
}

// lines reads what earlier imports brought of the orders, in a fixed order.
func (s *Service) lines(ctx context.Context, w withdrawals) (map[uint64][]soldLine, error) {
	found := map[uint64][]soldLine{}
	err := s.eachOf(ctx, w, `SELECT l.order_key, l.line_hash, l.kind, l.customer_key, coalesce(l.origin_key, l.customer_key), l.at_us, l.day, l.quantity_milli, l.amount_minor, l.base_minor,
		coalesce(p.id, ''), coalesce(p.name, ''), coalesce(p.category, ''), c.currency, c.market, c.channel, c.coupon
		FROM line l JOIN order_context c ON c.key = l.context_key LEFT JOIN product p ON p.key = l.product_key
		WHERE l.order_key IN (%s) ORDER BY l.order_key, l.line_hash, l.import_id`, func(rows *sql.Rows) error {
		var key uint64
		var l soldLine
		var on int32
		if err := rows.Scan(&key, &l.hash, &l.kind, &l.customer, &l.origin, &l.line.AtUS, &on, &l.line.QuantityMilli, &l.line.AmountMinor, &l.base,
			&l.line.Product, &l.line.ProductName, &l.line.Category, &l.line.Currency, &l.line.Market, &l.line.Channel, &l.line.Coupon); err != nil {
			return err
		}
		l.line.Day, l.line.Promised, l.line.Delivered = day.Day(on), day.Unknown, day.Unknown
		found[key] = append(found[key], l)
		return nil
	})
	return found, err
}

// askedAtOnce bounds the keys that one question names.
const askedAtOnce = 4096

// eachOf asks a question of the orders' keys, in parts.
func (s *Service) eachOf(ctx context.Context, w withdrawals, text string, take func(*sql.Rows) error) error {
	keys := make([]uint64, 0, len(w))
	for key := range w {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for part := range slices.Chunk(keys, askedAtOnce) {
		var list []byte
		for i, key := range part {
			if i > 0 {
				list = append(list, ',')
			}
			list = strconv.AppendUint(list, key, 10)
		}
		if err := s.eachRow(ctx, fmt.Sprintf(text, list), take); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) eachRow(ctx context.Context, text string, take func(*sql.Rows) error) error {
	rows, err := s.warehouse.Ask(ctx, text)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := take(rows); err != nil {
			return fmt.Errorf("withdraw: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("withdraw: %w", err)
	}
	return nil
}

// standing reads the file once more for the rows of those orders that were not called off: an order may be called off in part.
func (w withdrawals) standing(ctx context.Context, t *table.Table, m *orders.Mapping) error {
	_, err := orders.Stream(ctx, t, m, func(lines []event.OrderLine) error {
		for i := range lines {
			if lines[i].Kind != event.Purchase {
				continue
			}
			key, hash := lines[i].Keys()
			if o := w[key]; o != nil {
				o.stands[hash]++
			}
		}
		return nil
	}, nil)
	return err
}

// back are the refunds that withdraw an order, or the part of it that was called off.
func (o *withdrawal) back(lines []soldLine) []soldLine {
	var sales, refunds []soldLine
	left, leftBase := int64(0), int64(0)
	for _, l := range lines {
		if l.kind == event.Purchase {
			sales = append(sales, l)
			left, leftBase = left+l.line.AmountMinor, leftBase+l.base
		} else {
			refunds = append(refunds, l)
			left, leftBase = left-l.line.AmountMinor, leftBase-l.base
		}
	}
	if left <= 0 || len(sales) == 0 {
		return nil
	}
	if len(o.stands) > 0 {
		return o.part(sales, refunds, left)
	}
	if len(refunds) > 0 { // some of it came back before: what is left comes back, whichever pieces that is
		rest := sales[0]
		rest.line.AmountMinor, rest.base, rest.line.QuantityMilli = left, leftBase, 0
		rest.line.Product, rest.line.ProductName, rest.line.Category = "", "", ""
		return []soldLine{rest}
	}
	return slices.DeleteFunc(sales, func(l soldLine) bool { return l.line.AmountMinor == 0 })
}

// part finds the lines sold that were called off while others of the order stand.
func (o *withdrawal) part(sales, refunds []soldLine, left int64) []soldLine {
	type piece struct {
		product, name    string
		quantity, amount int64
	}
	of := func(l soldLine) piece {
		return piece{l.line.Product, l.line.ProductName, l.line.QuantityMilli, l.line.AmountMinor}
	}
	given := map[piece]int{}
	for _, l := range refunds {
		given[of(l)]++
	}
	count := map[uint64]int{}
	for _, l := range sales {
		count[l.hash]++
	}
	var back []soldLine
	taken := map[uint64]int{}
	for _, l := range sales {
		most := min(o.off[l.hash], count[l.hash]-o.stands[l.hash])
		if taken[l.hash] >= most {
			continue
		}
		taken[l.hash]++
		if p := of(l); given[p] > 0 {
			given[p]--
			continue
		}
		if l.line.AmountMinor == 0 || l.line.AmountMinor > left {
			continue
		}
		left -= l.line.AmountMinor
		back = append(back, l)
	}
	return back
}

// withdraw stages the refunds of sales that the file says were called off, and says what it did. Where the file does not say
// when, they are of the day of the import, but not after the file's last day: everything is told as of the last day in the data.
func (s *Service) withdraw(ctx context.Context, w withdrawals, t *table.Table, m *orders.Mapping, totals *orders.Totals, in *writer) (note string, err error) {
	if err := s.sold(ctx, w); err != nil || len(w) == 0 {
		return "", err
	}
	if err := w.standing(ctx, t, m); err != nil {
		return "", err
	}
	lines, err := s.lines(ctx, w)
	if err != nil {
		return "", err
	}
	keys := make([]uint64, 0, len(w))
	for key := range w {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	given, refunds, undated := 0, 0, 0
	today := dayOf(s.clock(), m.TimeZone)
	for _, key := range keys {
		o := w[key]
		back := o.back(lines[key])
		if len(back) == 0 {
			continue
		}
		given++
		if o.day == day.Unknown {
			undated++
		}
		for _, l := range back {
			if err := in.giveBack(o, l, min(today, max(totals.LastDay, l.line.Day))); err != nil {
				return "", err
			}
			refunds++
		}
	}
	if given == 0 {
		return "", nil
	}
	return withdrawnNote(given, refunds, undated), nil
}

func withdrawnNote(given, refunds, undated int) string {
	note := fmt.Sprintf("%d orders that an earlier import took in are cancelled in this file: what they sold is given back by %d refund lines, which the file does not have.", given, refunds)
	if given == 1 {
		note = fmt.Sprintf("1 order that an earlier import took in is cancelled in this file: what it sold is given back by %d refund lines, which the file does not have.", refunds)
	}
	if refunds == 1 {
		note = strings.Replace(note, "1 refund lines, which", "1 refund line, which", 1)
	}
	if undated > 0 {
		note += fmt.Sprintf(" For %d of them it does not say when, so the refunds are of the day of this import, or of the file's last day where that is earlier.", undated)
	}
	return note
}

// dayOf is the day of an instant in a zone.
func dayOf(at time.Time, zone string) day.Day {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC
	}
	y, m, d := at.In(loc).Date()
	return day.New(y, m, d)
}

// giveBack stages the refund of a line that was sold; otherwise is its day where the file gives none.
func (w *writer) giveBack(o *withdrawal, sold soldLine, otherwise day.Day) error {
	l := sold.line
	l.Customer, l.Order, l.Kind = o.customer, o.order, event.Refund
	at, on := o.atUS, o.day
	if on == day.Unknown {
		on, at = otherwise, int64(otherwise)*int64(24*time.Hour/time.Microsecond)
	}
	l.Day, l.AtUS = max(l.Day, on), max(l.AtUS, at) // nothing comes back before it was sold
	w.refunds += sold.base
	return w.in.AddMoved(&l, sold.customer, sold.origin, sold.base)
}
