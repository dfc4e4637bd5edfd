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

-- what events told of orders: the lines of an order are a function of this set, so that the order in which events come does
-- not matter; kind 1 says what was bought, 2 and 3 what came back, 4 when it was delivered
CREATE TABLE order_change (
  customer_key UINTEGER NOT NULL, origin_key UINTEGER NOT NULL, order_key UBIGINT NOT NULL, order_id VARCHAR NOT NULL, place UBIGINT NOT NULL,
  kind UTINYINT NOT NULL, change BLOB NOT NULL);

-- how many rows an erasure deleted, for its receipt; keys alone, nothing of the person
CREATE TABLE erased (origin_key UINTEGER NOT NULL, tab VARCHAR NOT NULL, amount BIGINT NOT NULL);

-- the person a line was first given to: a merge can be taken back
ALTER TABLE line ADD COLUMN origin_key UINTEGER;
UPDATE line SET origin_key = customer_key;
ALTER TABLE orders ADD COLUMN origin_key UINTEGER;
UPDATE orders SET origin_key = customer_key;
DROP VIEW order_line;
CREATE VIEW order_line AS
SELECT l.* EXCLUDE (context_key, promised_raw, delivered_raw), c.currency, c.market, c.channel, c.coupon,
  nullif(promised_raw, -2147483648) AS promised_day, nullif(delivered_raw, -2147483648) AS delivered_day
FROM line l JOIN order_context c ON c.key = l.context_key;
