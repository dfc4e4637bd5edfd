-- +goose Up
CREATE TABLE audience_membership (
  slug TEXT NOT NULL,
  as_of INTEGER NOT NULL,
  state_version BIGINT NOT NULL,
  size BIGINT NOT NULL,
  members BYTEA NOT NULL,
  PRIMARY KEY (slug, as_of)
);
