-- +goose Up
CREATE TABLE profile_customer (
  key BIGINT PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  phone TEXT NOT NULL,
  import_id BIGINT NOT NULL,
  created_us BIGINT NOT NULL
);
