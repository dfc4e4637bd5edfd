package segments

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"
)

// The simulated shop: events come in the order of their time over two years, to customers of whom few do much and
// many do little.
var asOf = time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)

const years = 2

var names = []struct {
	key   int
	name  string
	share int // of 1000
	props string
	typ   int
}{
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

const schema = `
CREATE TABLE event (place UBIGINT NOT NULL, customer_key UINTEGER NOT NULL, origin_key UINTEGER NOT NULL, at_us BIGINT NOT NULL, received_us BIGINT NOT NULL,
  name_key UINTEGER NOT NULL, type UTINYINT NOT NULL, source_key UINTEGER NOT NULL, message_id VARCHAR NOT NULL, props VARCHAR NOT NULL, context VARCHAR NOT NULL);
CREATE TABLE told (place UBIGINT NOT NULL, customer_key UINTEGER NOT NULL, origin_key UINTEGER NOT NULL, at_us BIGINT NOT NULL,
  name_key UINTEGER NOT NULL, type UTINYINT NOT NULL, props VARCHAR NOT NULL, context VARCHAR NOT NULL);
CREATE TABLE event_name (key UINTEGER NOT NULL, name VARCHAR NOT NULL);
CREATE TABLE customer (key UINTEGER NOT NULL, id VARCHAR NOT NULL, name VARCHAR, email VARCHAR, phone VARCHAR, import_id BIGINT NOT NULL);
CREATE TABLE product (key UINTEGER NOT NULL, id VARCHAR NOT NULL, name VARCHAR, category VARCHAR);
CREATE TABLE order_context (key UINTEGER NOT NULL, currency VARCHAR NOT NULL, market VARCHAR NOT NULL, channel VARCHAR NOT NULL, coupon VARCHAR NOT NULL);
CREATE TABLE line (
  customer_key UINTEGER NOT NULL, order_key UBIGINT NOT NULL, line_hash UBIGINT NOT NULL, at_us BIGINT NOT NULL, day INTEGER NOT NULL,
  kind UTINYINT NOT NULL, product_key UINTEGER NOT NULL, quantity_milli BIGINT NOT NULL, amount_minor BIGINT NOT NULL, base_minor BIGINT NOT NULL,
  context_key UINTEGER NOT NULL, order_id VARCHAR NOT NULL, promised_raw INTEGER NOT NULL, delivered_raw INTEGER NOT NULL, import_id BIGINT NOT NULL, origin_key UINTEGER);
CREATE VIEW order_line AS SELECT l.* EXCLUDE (context_key, promised_raw, delivered_raw), c.currency, c.market, c.channel, c.coupon,
  nullif(promised_raw, -2147483648) AS promised_day, nullif(delivered_raw, -2147483648) AS delivered_day
FROM line l JOIN order_context c ON c.key = l.context_key;
CREATE TABLE orders (
  customer_key UINTEGER NOT NULL, order_key UBIGINT NOT NULL, kind UTINYINT NOT NULL, order_id VARCHAR NOT NULL, at_us BIGINT NOT NULL,
  day INTEGER NOT NULL, lines UINTEGER NOT NULL, quantity_milli BIGINT NOT NULL, amount_minor BIGINT NOT NULL, base_minor BIGINT NOT NULL,
  currency VARCHAR NOT NULL, market VARCHAR NOT NULL, channel VARCHAR NOT NULL, coupon VARCHAR NOT NULL, promised_day INTEGER, delivered_day INTEGER, origin_key UINTEGER);
CREATE TABLE segment_member (segment VARCHAR NOT NULL, customer_key UINTEGER NOT NULL);
CREATE TABLE customer_state (customer_key UINTEGER, r INTEGER, f INTEGER, m INTEGER, rfm_group VARCHAR, lifecycle VARCHAR, p_alive DOUBLE, spend BIGINT);
`

// generate fills an empty database.
func generate(tb testing.TB, db *sql.DB, customers, events int) {
	tb.Helper()
	exec(tb, db, schema)
	exec(tb, db, fmt.Sprintf(`INSERT INTO customer SELECT i + 1, 'c' || i, 'Name ' || i, CASE WHEN i %% 3 < 2 THEN 'c' || i || '@example.com' END, NULL, 1 FROM range(%d) r(i)`, customers))
	exec(tb, db, `INSERT INTO product SELECT i + 1, 'p' || i, 'Product ' || i, ['tea','coffee','cups','cake','gift','book'][1 + i % 6] FROM range(20000) r(i)`)
	exec(tb, db, `INSERT INTO order_context SELECT i + 1, 'KRW', ['KR','TH','DE'][1 + i % 3], ['app','web'][1 + i // 3 % 2], ['','','SPRING'][1 + i // 6 % 3] FROM range(18) r(i)`)
	var pick, props, typ strings.Builder
	sum := 0
	for _, n := range names {
		sum += n.share
		fmt.Fprintf(&pick, " WHEN k < %d THEN %d", sum, n.key)
		fmt.Fprintf(&props, " WHEN %d THEN %s", n.key, n.props)
		fmt.Fprintf(&typ, " WHEN %d THEN %d", n.key, n.typ)
		exec(tb, db, fmt.Sprintf(`INSERT INTO event_name VALUES (%d, '%s')`, n.key, n.name))
	}
	end := asOf.UnixMicro()
	begin := end - years*365*86400e6
	const step = 2_000_000
	for from := 0; from < events; from += step {
		exec(tb, db, fmt.Sprintf(`INSERT INTO event
			SELECT ((i // 1000) << 12) | (i %% 1000), c, c, t, t + 200000, n, CASE n %s END, 1, md5(i::VARCHAR),
			  CASE n %s END, '{"ip":"10.0.' || (c %% 256) || '.' || (c // 256 %% 256) || '","locale":"ko-KR","page":{"path":"/p/' || (h %% 5000) || '","url":"https://shop.example/p/' || (h %% 5000) || '"},"userAgent":"Mozilla/5.0 (X11) ' || (c %% 12) || '"}'
			FROM (SELECT i, h, t, CASE %s ELSE 16 END AS n, 1 + least(%d - 1, floor(%d * pow(u, 1.6)))::UINTEGER AS c
			  FROM (SELECT i, (hash(i) %% 1000000007)::BIGINT AS h, hash(i + 7) %% 1000 AS k, (hash(i + 13) %% 1000000) / 1000000.0 AS u, %d + (i * (%d / %d.0))::BIGINT AS t FROM range(%d, %d) r(i)))`,
			typ.String(), props.String(), pick.String(), customers, customers, begin, end-begin, events, from, min(from+step, events)))
	}
	exec(tb, db, `INSERT INTO told SELECT place, customer_key, origin_key, at_us, name_key, type, props, context FROM event WHERE type = 4 OR name_key = 26`)
	orders := events / 10
	exec(tb, db, fmt.Sprintf(`INSERT INTO line
		SELECT c, hash(o), hash(i), t, t // 86400000000, CASE WHEN o %% 40 = 0 THEN 2 ELSE 1 END, 1 + h %% 20000, 1000 * (1 + h %% 3), 100 * (500 + h %% 90000), 100 * (500 + h %% 90000), 1 + o %% 18, 'o' || o, -2147483648, -2147483648, 1, NULL
		FROM (SELECT i, i // 2 AS o, (hash(i) %% 1000000007)::BIGINT AS h, 1 + least(%d - 1, floor(%d * pow((hash(i // 2 + 17) %% 1000000) / 1000000.0, 2)))::UINTEGER AS c, %d + (i // 2 * (%d / %d.0))::BIGINT AS t FROM range(%d) r(i))`,
		customers, customers, begin, end-begin, orders, 2*orders))
	exec(tb, db, `INSERT INTO orders SELECT customer_key, order_key, kind, order_id, at_us, day, count(*), sum(quantity_milli), sum(amount_minor), sum(base_minor), min(currency), min(market), min(channel), max(coupon), NULL, NULL, NULL
		FROM order_line GROUP BY customer_key, order_key, kind, order_id, at_us, day ORDER BY at_us`)
	exec(tb, db, `INSERT INTO customer_state SELECT customer_key, 1 + hash(customer_key) % 5, 1 + hash(customer_key + 1) % 5, 1 + hash(customer_key + 2) % 5, ['champions','loyal','lost'][1 + customer_key % 3],
		['new','active','at_risk','lost'][1 + customer_key % 4], (hash(customer_key) % 1000) / 1000.0, sum(base_minor)::BIGINT FROM orders WHERE kind = 1 GROUP BY customer_key`)
	exec(tb, db, fmt.Sprintf(`INSERT INTO segment_member SELECT 'friends', 1 + i * 97 FROM range(%d) r(i)`, customers/200))
	exec(tb, db, "CHECKPOINT")
}

func exec(tb testing.TB, db *sql.DB, text string) {
	tb.Helper()
	if _, err := db.ExecContext(context.Background(), text); err != nil {
		tb.Fatalf("%v in\n%s", err, text)
	}
}
