-- +goose Up
-- a place that shows something to people, with its candidates and rules
CREATE TABLE suggest_slot (
  slug TEXT NOT NULL PRIMARY KEY,
  definition TEXT NOT NULL,
  version BIGINT NOT NULL,
  updated_us BIGINT NOT NULL
);
