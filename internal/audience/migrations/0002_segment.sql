-- +goose Up
-- what a segment is; key is its number in recall, slug its name everywhere else
CREATE TABLE audience_segment (
  key BIGINT NOT NULL PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  rule TEXT NOT NULL,
  locked BIGINT NOT NULL,
  archived BIGINT NOT NULL,
  version BIGINT NOT NULL,
  created_us BIGINT NOT NULL,
  updated_us BIGINT NOT NULL,
  who TEXT NOT NULL
);

-- who was put into a segment by hand, by the person she was when that was done: a merge takes her along, and can be taken back
CREATE TABLE audience_chosen (
  segment_key BIGINT NOT NULL,
  customer_key BIGINT NOT NULL,
  at_us BIGINT NOT NULL,
  who TEXT NOT NULL,
  PRIMARY KEY (segment_key, customer_key)
);
CREATE INDEX audience_chosen_customer ON audience_chosen (customer_key);

-- named traits of the workspace's own
CREATE TABLE audience_trait (
  name TEXT NOT NULL PRIMARY KEY,
  labels TEXT NOT NULL,
  unit TEXT NOT NULL,
  trait TEXT NOT NULL,
  created_us BIGINT NOT NULL,
  updated_us BIGINT NOT NULL,
  who TEXT NOT NULL
);
