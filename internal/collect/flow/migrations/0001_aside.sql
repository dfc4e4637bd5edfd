-- +goose Up
CREATE TABLE flow_quarantine (
  place BIGINT PRIMARY KEY,
  received_us BIGINT NOT NULL,
  source TEXT NOT NULL,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  reason TEXT NOT NULL,
  sentence TEXT NOT NULL,
  next TEXT NOT NULL,
  raw TEXT NOT NULL,
  shared TEXT NOT NULL,
  claimed BOOLEAN NOT NULL
);
CREATE INDEX flow_quarantine_reason ON flow_quarantine (reason, place);
CREATE INDEX flow_quarantine_received ON flow_quarantine (received_us);

CREATE TABLE flow_dead_letter (
  seq BIGINT PRIMARY KEY,
  at_us BIGINT NOT NULL,
  events BIGINT NOT NULL,
  problem TEXT NOT NULL,
  raw BYTEA NOT NULL
);
