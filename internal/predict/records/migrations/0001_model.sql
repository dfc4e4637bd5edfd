-- +goose Up
-- one trained model with its card; versions of a kind count from 1, and at most one of a kind is active
CREATE TABLE predict_model (
  kind TEXT NOT NULL,
  version BIGINT NOT NULL,
  trained_us BIGINT NOT NULL,
  as_of INTEGER NOT NULL,
  seed BIGINT NOT NULL,
  active BOOLEAN NOT NULL,
  summary TEXT NOT NULL,
  card TEXT NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (kind, version)
);
