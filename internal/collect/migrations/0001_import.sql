-- +goose Up
CREATE TABLE collect_import (
  id BIGINT PRIMARY KEY,
  name TEXT NOT NULL,
  state TEXT NOT NULL,
  options TEXT NOT NULL,
  started_us BIGINT NOT NULL,
  finished_us BIGINT NOT NULL,
  result TEXT NOT NULL,
  problem TEXT NOT NULL
);
