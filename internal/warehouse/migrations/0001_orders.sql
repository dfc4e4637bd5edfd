CREATE TABLE meta (name VARCHAR PRIMARY KEY, value BIGINT NOT NULL);
INSERT INTO meta VALUES ('data_version', 0), ('state_version', 0);

CREATE TABLE customer (key UINTEGER NOT NULL, id VARCHAR NOT NULL, name VARCHAR, email VARCHAR, phone VARCHAR, import_id BIGINT NOT NULL);
CREATE TABLE product (key UINTEGER NOT NULL, id VARCHAR NOT NULL, name VARCHAR, category VARCHAR);

CREATE TABLE order_line (
  customer_key UINTEGER NOT NULL, order_key UBIGINT NOT NULL, line_hash UBIGINT NOT NULL, at_us BIGINT NOT NULL, day INTEGER NOT NULL,
  kind UTINYINT NOT NULL, product_key UINTEGER NOT NULL, quantity_milli BIGINT NOT NULL, amount_minor BIGINT NOT NULL,
  base_minor BIGINT NOT NULL, currency VARCHAR NOT NULL, order_id VARCHAR NOT NULL, market VARCHAR, channel VARCHAR, coupon VARCHAR,
  promised_day INTEGER, delivered_day INTEGER, import_id BIGINT NOT NULL);

CREATE TABLE orders (
  customer_key UINTEGER NOT NULL, order_key UBIGINT NOT NULL, kind UTINYINT NOT NULL, order_id VARCHAR NOT NULL, at_us BIGINT NOT NULL,
  day INTEGER NOT NULL, lines UINTEGER NOT NULL, quantity_milli BIGINT NOT NULL, amount_minor BIGINT NOT NULL, base_minor BIGINT NOT NULL,
  currency VARCHAR NOT NULL, market VARCHAR, channel VARCHAR, coupon VARCHAR, promised_day INTEGER, delivered_day INTEGER);

-- the offset of each source: an import that is here has happened, whole
CREATE TABLE import_done (import_id BIGINT PRIMARY KEY, at_us BIGINT NOT NULL, lines BIGINT NOT NULL, already_present BIGINT NOT NULL,
  orders BIGINT NOT NULL, refund_lines BIGINT NOT NULL, customers BIGINT NOT NULL);
