-- +goose Up
CREATE TABLE account_key (
	id TEXT NOT NULL PRIMARY KEY,
	name TEXT NOT NULL,
	scope TEXT NOT NULL,
	secret_sha256 TEXT NOT NULL UNIQUE,
	created_us BIGINT NOT NULL,
	used_us BIGINT,
	revoked_us BIGINT
);
