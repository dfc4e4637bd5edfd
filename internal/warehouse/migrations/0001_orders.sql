CREATE TABLE meta (name VARCHAR PRIMARY KEY, value BIGINT NOT NULL);
INSERT INTO meta VALUES ('data_version', 0), ('state_version', 0);

CREATE TABLE customer (key UINTEGER NOT NULL, id VARCHAR NOT NULL, name VARCHAR, email VARCHAR, phone VARCHAR, import_id BIGINT NOT NULL);
CREATE TABLE product (key UINTEGER NOT NULL, id VARCHAR NOT NULL, name VARCHAR, category VARCHAR);

-- what the lines of many orders have in common; a line points at it, for a string costs ten integers to write
CREATE TABLE order_context (key UINTEGER NOT NULL, currency VARCHAR NOT NULL, market VARCHAR NOT NULL, channel VARCHAR NOT NULL, coupon VARCHAR NOT NULL);

-- one row per line as it came; a promised or delivered day of -2147483648 is unknown
CREATE TABLE line (
  customer_key UINTEGER NOT NULL, order_key UBIGINT NOT NULL, line_hash UBIGINT NOT NULL, at_us BIGINT NOT NULL, day INTEGER NOT NULL,
  kind UTINYINT NOT NULL, product_key UINTEGER NOT NULL, quantity_milli BIGINT NOT NULL, amount_minor BIGINT NOT NULL, base_minor BIGINT NOT NULL,
  context_key UINTEGER NOT NULL, order_id VARCHAR NOT NULL, promised_raw INTEGER NOT NULL, delivered_raw INTEGER NOT NULL, import_id BIGINT NOT NULL);

CREATE VIEW order_line AS
SELECT l.* EXCLUDE (context_key, promised_raw, delivered_raw), c.currency, c.market, c.channel, c.coupon,
  nullif(promised_raw, -2147483648) AS promised_day, nullif(delivered_raw, -2147483648) AS delivered_day
FROM line l JOIN order_context c ON c.key = l.context_key;

-- one row per order and kind, derived from its lines in the same transaction
CREATE TABLE orders (
  customer_key UINTEGER NOT NULL, order_key UBIGINT NOT NULL, kind UTINYINT NOT NULL, order_id VARCHAR NOT NULL, at_us BIGINT NOT NULL,
  day INTEGER NOT NULL, lines UINTEGER NOT NULL, quantity_milli BIGINT NOT NULL, amount_minor BIGINT NOT NULL, base_minor BIGINT NOT NULL,
  currency VARCHAR NOT NULL, market VARCHAR NOT NULL, channel VARCHAR NOT NULL, coupon VARCHAR NOT NULL, promised_day INTEGER, delivered_day INTEGER);

-- the offset of each source: an import that is here has happened, whole
CREATE TABLE import_done (import_id BIGINT PRIMARY KEY, at_us BIGINT NOT NULL, lines BIGINT NOT NULL, already_present BIGINT NOT NULL,
  orders BIGINT NOT NULL, refund_lines BIGINT NOT NULL, customers BIGINT NOT NULL);
