-- +goose Up
CREATE TABLE market_setting (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);
