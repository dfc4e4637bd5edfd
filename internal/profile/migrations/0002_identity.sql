-- +goose Up
-- Customers that files brought. Their ids are found in memory, and no index by id need be kept.
CREATE TABLE profile_customer_new (
  key BIGINT PRIMARY KEY,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  phone TEXT NOT NULL,
  import_id BIGINT NOT NULL,
  created_us BIGINT NOT NULL
);
INSERT INTO profile_customer_new SELECT key, id, name, email, phone, import_id, created_us FROM profile_customer;
DROP TABLE profile_customer;
ALTER TABLE profile_customer_new RENAME TO profile_customer;

-- The graph of identities as it lies in memory, in blocks: area 1 the identities, area 2 the person of each origin.
CREATE TABLE profile_block (
  area INTEGER NOT NULL,
  block BIGINT NOT NULL,
  data BYTEA NOT NULL,
  PRIMARY KEY (area, block)
);
-- Counters: log (the offset), journal, origin, link, act, outbox, audit, seed.
CREATE TABLE profile_counter (
  name TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);
-- What events said; what files brought stands in profile_customer.
CREATE TABLE profile_identity (
  number BIGINT PRIMARY KEY,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  source TEXT NOT NULL,
  first_us BIGINT NOT NULL
);
CREATE TABLE profile_shared (
  number BIGINT PRIMARY KEY,
  from_place BIGINT NOT NULL
);
CREATE TABLE profile_rules (
  version BIGINT PRIMARY KEY,
  from_place BIGINT NOT NULL,
  rules TEXT NOT NULL,
  numbers TEXT NOT NULL,
  region TEXT NOT NULL
);
-- Two origins that are one person, by whom and why; undone_us is 0 while it holds.
CREATE TABLE profile_link (
  id BIGINT PRIMARY KEY,
  a BIGINT NOT NULL,
  b BIGINT NOT NULL,
  from_key BIGINT NOT NULL,
  into_key BIGINT NOT NULL,
  via BIGINT NOT NULL,
  cause TEXT NOT NULL,
  who TEXT NOT NULL,
  why TEXT NOT NULL,
  at_us BIGINT NOT NULL,
  undone_us BIGINT NOT NULL,
  undone_by TEXT NOT NULL,
  undone_why TEXT NOT NULL
);
CREATE INDEX profile_link_a ON profile_link (a);
CREATE INDEX profile_link_b ON profile_link (b);
-- What identify calls said last, by the origin they were given to.
CREATE TABLE profile_contact (
  origin BIGINT PRIMARY KEY,
  name TEXT NOT NULL,
  name_us BIGINT NOT NULL,
  email TEXT NOT NULL,
  email_us BIGINT NOT NULL,
  phone TEXT NOT NULL,
  phone_us BIGINT NOT NULL,
  birthday TEXT NOT NULL,
  birthday_us BIGINT NOT NULL
);
-- What the warehouse has yet to follow, many entries a row.
CREATE TABLE profile_journal (
  first_rev BIGINT PRIMARY KEY,
  last_rev BIGINT NOT NULL,
  entries BYTEA NOT NULL
);
-- Events to be told.
CREATE TABLE profile_outbox (
  number BIGINT PRIMARY KEY,
  event TEXT NOT NULL
);
-- What happened to an import's customers before it committed.
CREATE TABLE profile_import_note (
  import_id BIGINT NOT NULL,
  note TEXT NOT NULL,
  origin BIGINT NOT NULL,
  number BIGINT NOT NULL,
  PRIMARY KEY (import_id, note, origin, number)
);
-- One row for each origin that an act of consent bears on; made is the origin of the act itself.
CREATE TABLE profile_consent (
  origin BIGINT NOT NULL,
  act BIGINT NOT NULL,
  made BIGINT NOT NULL,
  purpose TEXT NOT NULL,
  channel TEXT NOT NULL,
  state TEXT NOT NULL,
  at_us BIGINT NOT NULL,
  source TEXT NOT NULL,
  proof TEXT NOT NULL,
  PRIMARY KEY (origin, act)
);
CREATE TABLE profile_suppression (
  channel TEXT NOT NULL,
  address TEXT NOT NULL,
  reason TEXT NOT NULL,
  at_us BIGINT NOT NULL,
  who TEXT NOT NULL,
  PRIMARY KEY (channel, address)
);
CREATE TABLE profile_duplicate (
  id TEXT PRIMARY KEY,
  a BIGINT NOT NULL,
  b BIGINT NOT NULL,
  reasons TEXT NOT NULL,
  score DOUBLE PRECISION NOT NULL,
  state TEXT NOT NULL,
  found_us BIGINT NOT NULL,
  who TEXT NOT NULL
);
CREATE TABLE profile_erasure (
  id TEXT PRIMARY KEY,
  at_us BIGINT NOT NULL,
  state TEXT NOT NULL,
  receipt TEXT NOT NULL,
  pending TEXT NOT NULL
);
CREATE TABLE profile_retention (
  event TEXT PRIMARY KEY,
  days INTEGER NOT NULL
);
-- Every change that a person made: who, when, what and why. subject is an origin, -1 for none.
CREATE TABLE profile_audit (
  number BIGINT PRIMARY KEY,
  at_us BIGINT NOT NULL,
  who TEXT NOT NULL,
  what TEXT NOT NULL,
  subject BIGINT NOT NULL,
  why TEXT NOT NULL
);
CREATE INDEX profile_audit_subject ON profile_audit (subject);
