-- +goose Up
CREATE TABLE collect_webhook (
	id TEXT NOT NULL PRIMARY KEY,
	name TEXT NOT NULL,
	kind TEXT NOT NULL,
	secret TEXT NOT NULL,
	mapping TEXT NOT NULL,
	enabled BIGINT NOT NULL,
	created_us BIGINT NOT NULL,
	last_us BIGINT NOT NULL,
	last_state TEXT NOT NULL,
	last_note TEXT NOT NULL
);

-- whose order an order was, for refunds that do not say
CREATE TABLE collect_webhook_buyer (
	shop TEXT NOT NULL,
	order_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	value TEXT NOT NULL,
	version TEXT NOT NULL,
	taxed BIGINT NOT NULL,
	PRIMARY KEY (shop, order_id)
);
CREATE INDEX collect_webhook_buyer_identity ON collect_webhook_buyer (kind, value);
