-- what happened, one row a fact of the log; place is its identity everywhere (log sequence * 4096 + index in the message)
CREATE TABLE event (
  place UBIGINT NOT NULL, customer_key UINTEGER NOT NULL, origin_key UINTEGER NOT NULL, at_us BIGINT NOT NULL, received_us BIGINT NOT NULL,
  name_key UINTEGER NOT NULL, type UTINYINT NOT NULL, source_key UINTEGER NOT NULL, message_id VARCHAR NOT NULL, props VARCHAR NOT NULL, context VARCHAR NOT NULL);

-- names below 16 are reserved: orders, refunds and products bought are read from orders and line, wherever they came from
CREATE TABLE event_name (key UINTEGER NOT NULL, name VARCHAR NOT NULL);
INSERT INTO event_name VALUES (1, 'Order Completed'), (2, 'Order Refunded'), (3, 'Product Bought');
CREATE TABLE event_source (key UINTEGER NOT NULL, id VARCHAR NOT NULL);

-- how far the warehouse has followed the log and the journal of customers; changed in the transaction of what it followed
CREATE TABLE followed (name VARCHAR PRIMARY KEY, value UBIGINT NOT NULL);
INSERT INTO followed VALUES ('log', 0), ('journal', 0), ('duplicates', 0);

-- the newest version of each order that events told of; a file's lines of such an order are already here
CREATE TABLE order_version (order_key UBIGINT PRIMARY KEY, version_us BIGINT NOT NULL);

-- the person a line was first given to; NULL until a merge moves it
ALTER TABLE line ADD COLUMN origin_key UINTEGER;
ALTER TABLE orders ADD COLUMN origin_key UINTEGER;
DROP VIEW order_line;
CREATE VIEW order_line AS
SELECT l.* EXCLUDE (context_key, promised_raw, delivered_raw), c.currency, c.market, c.channel, c.coupon,
  nullif(promised_raw, -2147483648) AS promised_day, nullif(delivered_raw, -2147483648) AS delivered_day
FROM line l JOIN order_context c ON c.key = l.context_key;
