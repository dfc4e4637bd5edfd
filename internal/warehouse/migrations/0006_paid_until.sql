-- until which day an order pays, the last paid one; -2147483648 is unknown, as it is of all that was here before
ALTER TABLE line ADD COLUMN paid_raw INTEGER DEFAULT -2147483648;
ALTER TABLE orders ADD COLUMN paid_until_day INTEGER;
DROP VIEW order_line;
CREATE VIEW order_line AS
SELECT l.* EXCLUDE (context_key, promised_raw, delivered_raw, paid_raw), c.currency, c.market, c.channel, c.coupon,
  nullif(promised_raw, -2147483648) AS promised_day, nullif(delivered_raw, -2147483648) AS delivered_day, nullif(paid_raw, -2147483648) AS paid_until_day
FROM line l JOIN order_context c ON c.key = l.context_key;
