-- +goose Up
CREATE TABLE sample_thing (
	key BIGINT NOT NULL PRIMARY KEY,
	name TEXT NOT NULL,
	amount BIGINT NOT NULL,
	on_sale BOOLEAN NOT NULL,
	at_us BIGINT NOT NULL,
	document TEXT,
	picture BYTEA
);
CREATE TABLE sample_part (
	key BIGINT NOT NULL PRIMARY KEY,
	thing_key BIGINT NOT NULL REFERENCES sample_thing (key)
);
