// Package shop fills a warehouse with a SIMULATED shop, for benchmarks of rules: events come in the order of their time over two
// years, to customers of whom few do much and many do little.
package shop

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/dangol/dangol/internal/query"
	"github.com/dangol/dangol/internal/warehouse"
)

// AsOf is the end of the data.
var AsOf = time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)

const years = 2

// Name is a kind of event.
type Name struct {
	Key   int
	Name  string
	Share int    // of a thousand
	props string // as an expression of SQL over h, a number of the event's own
	Type  int    // an event.Type
}

// Names are the kinds of events that there are.
var Names = []Name{
	{16, "Page Viewed", 430, `'{"name":"' || ['Home','Category','Product','Help','Account'][1+h%5] || '","path":"/p/' || (h%5000) || '","title":"Page ' || (h%5000) || '","referrer":"https://search.example/?q=' || (h%97) || '"}'`, 2},
	{17, "Product Viewed", 220, `'{"product_id":"p' || (h%20000) || '","category":"' || ['tea','coffee','cups','cake','gift','book'][1+h%6] || '","brand":"b' || (h%40) || '","price":' || ((h%9000)/100.0) || ',"currency":"KRW"}'`, 1},
	{18, "Product Added", 70, `'{"product_id":"p' || (h%20000) || '","category":"' || ['tea','coffee','cups','cake','gift','book'][1+h%6] || '","price":' || ((h%9000)/100.0) || ',"quantity":' || (1+h%3) || '}'`, 1},
	{19, "Product List Viewed", 80, `'{"list_id":"l' || (h%50) || '","category":"' || ['tea','coffee','cups','cake','gift','book'][1+h%6] || '"}'`, 1},
	{20, "Cart Viewed", 40, `'{"cart_id":"c' || h || '","items":' || (1+h%5) || '}'`, 1},
	{21, "Checkout Started", 30, `'{"order_id":"o' || h || '","value":' || ((h%90000)/100.0) || ',"step":1}'`, 1},
	{22, "Products Searched", 40, `'{"query":"' || ['tea','green tea','cup','birthday','cheap'][1+h%5] || '"}'`, 1},
	{23, "Email Opened", 50, `'{"campaign":"m' || (h%120) || '","subject":"News ' || (h%120) || '"}'`, 1},
	{24, "Email Link Clicked", 12, `'{"campaign":"m' || (h%120) || '","link":"https://shop.example/' || (h%300) || '"}'`, 1},
	{25, "Coupon Applied", 5, `'{"coupon":"C' || (h%9) || '","discount":' || (h%30) || '}'`, 1},
	{26, "Consent Changed", 3, `'{"purpose":"marketing","channel":"' || ['email','sms','push'][1+h%3] || '","state":"' || ['given','given','withdrawn'][1+(h//7)%3] || '","source":"form"}'`, 1},
	{27, "Identified", 20, `'{"plan":"' || ['free','free','gold','black'][1+h%4] || '","age":' || (18+h%60) || ',"birthday":"' || (1950+h%55) || '-' || lpad((1+h%12)::VARCHAR,2,'0') || '-' || lpad((1+h%28)::VARCHAR,2,'0') || '","country":"' || ['KR','TH','DE'][1+h%3] || '","newsletter":' || (h%2=0) || '}'`, 4},
}

func span() (begin, end int64) {
	end = AsOf.UnixMicro()
	return end - years*365*86400e6, end
}

// filling writes into a warehouse until something fails.
type filling struct {
	ctx context.Context //nolint:containedctx // of the one call that it lives for
	w   *warehouse.Warehouse
	err error
}

func (f *filling) run(text string) {
	if f.err != nil {
		return
	}
	f.err = f.w.Bulk(f.ctx, func(conn *sql.Conn) error {
		if _, err := conn.ExecContext(f.ctx, text); err != nil {
			return fmt.Errorf("%w in\n%s", err, text)
		}
		return nil
	})
}

// Fill makes a warehouse at a path, with an order for every ten events.
func Fill(ctx context.Context, path string, customers, events int) error {
	w, err := warehouse.Open(ctx, path, warehouse.Options{})
	if err != nil {
		return err
	}
	f := &filling{ctx: ctx, w: w}
	f.people(customers)
	f.events(customers, events)
	f.orders(customers, events)
	f.state()
	f.run(fmt.Sprintf(`UPDATE followed SET value = %d WHERE name = 'log'`, events/1000))
	f.run(`INSERT INTO event_source VALUES (1, 'bench')`)
	if err := w.Close(); f.err == nil { // opened again, it knows the names
		f.err = err
	}
	return f.err
}

func (f *filling) people(customers int) {
	f.run(fmt.Sprintf(`INSERT INTO customer SELECT i + 1, 'c' || i, 'Name ' || i, CASE WHEN i %% 3 < 2 THEN 'c' || i || '@example.com' END, NULL, 1 FROM range(%d) r(i)`, customers))
	f.run(`INSERT INTO product SELECT i + 1, 'p' || i, 'Product ' || i, ['tea','coffee','cups','cake','gift','book'][1 + i % 6] FROM range(20000) r(i)`)
	f.run(`INSERT INTO order_context SELECT i + 1, 'KRW', ['KR','TH','DE'][1 + i % 3], ['app','web'][1 + i // 3 % 2], ['','','SPRING'][1 + i // 6 % 3] FROM range(18) r(i)`)
}

func (f *filling) events(customers, events int) {
	var pick, props, typ strings.Builder
	sum := 0
	for _, n := range Names {
		sum += n.Share
		fmt.Fprintf(&pick, " WHEN k < %d THEN %d", sum, n.Key)
		fmt.Fprintf(&props, " WHEN %d THEN %s", n.Key, n.props)
		fmt.Fprintf(&typ, " WHEN %d THEN %d", n.Key, n.Type)
		f.run(fmt.Sprintf(`INSERT INTO event_name VALUES (%d, '%s')`, n.Key, n.Name))
	}
	begin, end := span()
	const step = 2_000_000
	for from := 0; from < events; from += step {
		f.run(fmt.Sprintf(`INSERT INTO event (place, customer_key, origin_key, at_us, received_us, name_key, type, source_key, message_id, props, context)
			SELECT ((i // 1000) << 12) | (i %% 1000), c, c, t, t + 200000, n, CASE n %s END, 1, md5(i::VARCHAR),
			  CASE n %s END, '{"ip":"10.0.' || (c %% 256) || '.' || (c // 256 %% 256) || '","locale":"ko-KR","page":{"path":"/p/' || (h %% 5000) || '","url":"https://shop.example/p/' || (h %% 5000) || '"},"userAgent":"Mozilla/5.0 (X11) ' || (c %% 12) || '"}'
			FROM (SELECT i, h, t, CASE %s ELSE 16 END AS n, 1 + least(%d - 1, floor(%d * pow(u, 1.6)))::UINTEGER AS c
			  FROM (SELECT i, (hash(i) %% 1000000007)::BIGINT AS h, hash(i + 7) %% 1000 AS k, (hash(i + 13) %% 1000000) / 1000000.0 AS u, %d + (i * (%d / %d.0))::BIGINT AS t FROM range(%d, %d) r(i)))`,
			typ.String(), props.String(), pick.String(), customers, customers, begin, end-begin, events, from, min(from+step, events)))
	}
	f.run(`INSERT INTO told SELECT place, customer_key, origin_key, at_us, name_key, type, props, context FROM event WHERE type = 4 OR name_key = 26`)
}

func (f *filling) orders(customers, events int) {
	begin, end := span()
	orders := events / 10
	f.run(fmt.Sprintf(`INSERT INTO line
		SELECT c, hash(o), hash(i), t, t // 86400000000, CASE WHEN o %% 40 = 0 THEN 2 ELSE 1 END, 1 + h %% 20000, 1000 * (1 + h %% 3), 100 * (500 + h %% 90000), 100 * (500 + h %% 90000), 1 + o %% 18, 'o' || o, -2147483648, -2147483648, 1, c, -2147483648
		FROM (SELECT i, i // 2 AS o, (hash(i) %% 1000000007)::BIGINT AS h, 1 + least(%d - 1, floor(%d * pow((hash(i // 2 + 17) %% 1000000) / 1000000.0, 2)))::UINTEGER AS c, %d + (i // 2 * (%d / %d.0))::BIGINT AS t FROM range(%d) r(i))`,
		customers, customers, begin, end-begin, orders, 2*orders))
	f.run(`INSERT INTO orders SELECT customer_key, order_key, kind, order_id, at_us, day, count(*), sum(quantity_milli), sum(amount_minor), sum(base_minor), min(currency), min(market), min(channel), max(coupon), NULL, NULL, min(customer_key), NULL
		FROM order_line GROUP BY customer_key, order_key, kind, order_id, at_us, day ORDER BY at_us`)
}

// state is what an analysis would find.
func (f *filling) state() {
	ddl, d := "CREATE TABLE customer_state (customer_key UINTEGER", query.DuckDB{}
	for _, c := range query.StateSchema() {
		ddl += ", " + c.Name + " " + d.TypeName(c.Type)
	}
	f.run(ddl + ")")
	f.run(`INSERT INTO customer_state (customer_key, r, f, m, rfm_group, lifecycle, p_alive, spend) SELECT customer_key, 1 + hash(customer_key) % 5, 1 + hash(customer_key + 1) % 5, 1 + hash(customer_key + 2) % 5, ['champions','loyal','lost'][1 + customer_key % 3],
		['new','active','at_risk','lost'][1 + customer_key % 4], (hash(customer_key) % 1000) / 1000.0, sum(base_minor)::BIGINT FROM orders WHERE kind = 1 GROUP BY customer_key`)
}
