-- name: EachCustomer :many
-- For records of before there were identities: the graph is made of them once.
SELECT key, id, email, phone FROM profile_customer ORDER BY key;

-- name: InsertCustomer :exec
-- Written before the warehouse commits; taken back if it never does.
INSERT INTO profile_customer (key, id, name, email, phone, import_id, created_us) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: EachImportCustomer :many
-- Whom an import brought, to take them back.
SELECT key FROM profile_customer WHERE import_id = $1 ORDER BY key;

-- name: DeleteImportCustomers :exec
-- Undoes InsertCustomer for an import that did not commit.
DELETE FROM profile_customer WHERE import_id = $1;

-- name: DeleteCustomer :exec
-- Of an erasure.
DELETE FROM profile_customer WHERE key = $1;

-- name: FindCustomer :one
-- What a file said of a customer.
SELECT id, name, email, phone, import_id, created_us FROM profile_customer WHERE key = $1;

-- name: EachBlock :many
-- The graph, read once at the start.
SELECT block, data FROM profile_block WHERE area = $1 ORDER BY block;

-- name: PutBlock :exec
-- A block of the graph after a change.
INSERT INTO profile_block (area, block, data) VALUES ($1, $2, $3) ON CONFLICT (area, block) DO UPDATE SET data = excluded.data;

-- name: EachCounter :many
-- The counters, read once at the start.
SELECT name, value FROM profile_counter;

-- name: PutCounter :exec
-- A counter after a change.
INSERT INTO profile_counter (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: InsertIdentity :exec
-- An identity met for the first time.
INSERT INTO profile_identity (number, kind, value, source, first_us) VALUES ($1, $2, $3, $4, $5);

-- name: FindIdentity :one
-- The text of an identity, of which the graph holds the hash.
SELECT kind, value, source, first_us FROM profile_identity WHERE number = $1;

-- name: DeleteIdentity :exec
-- Of an erasure.
DELETE FROM profile_identity WHERE number = $1;

-- name: EachShared :many
-- Read once at the start.
SELECT number, from_place FROM profile_shared;

-- name: InsertShared :exec
-- An identity met with two people.
INSERT INTO profile_shared (number, from_place) VALUES ($1, $2);

-- name: DeleteShared :exec
-- Of an erasure.
DELETE FROM profile_shared WHERE number = $1;

-- name: EachRules :many
-- All versions, because a fact is looked up by those that held when it came.
SELECT from_place, rules, numbers, region FROM profile_rules ORDER BY version;

-- name: InsertRules :exec
-- A new version.
INSERT INTO profile_rules (version, from_place, rules, numbers, region) VALUES ($1, $2, $3, $4, $5);

-- name: InsertLink :exec
-- Two origins became one person.
INSERT INTO profile_link (id, a, b, from_key, into_key, via, cause, who, why, at_us, undone_us, undone_by, undone_why)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, '', '');

-- name: EachLink :many
-- The links of an origin, also those undone.
SELECT id, a, b, from_key, into_key, via, cause, who, why, at_us, undone_us, undone_by, undone_why FROM profile_link WHERE a = $1 OR b = $1 ORDER BY id;

-- name: FindLink :one
-- For the undoing.
SELECT id, a, b, from_key, into_key, via, cause, who, why, at_us, undone_us, undone_by, undone_why FROM profile_link WHERE id = $1;

-- name: UndoLink :exec
-- The two origins are two people again.
UPDATE profile_link SET undone_us = $2, undone_by = $3, undone_why = $4 WHERE id = $1;

-- name: DeleteLinks :exec
-- Of an erasure.
DELETE FROM profile_link WHERE a = $1 OR b = $1;

-- name: FindContact :one
-- What identify calls said last.
SELECT name, name_us, email, email_us, phone, phone_us, birthday, birthday_us FROM profile_contact WHERE origin = $1;

-- name: PutContact :exec
-- What an identify call said, merged with what stood there.
INSERT INTO profile_contact (origin, name, name_us, email, email_us, phone, phone_us, birthday, birthday_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (origin) DO UPDATE SET name = excluded.name, name_us = excluded.name_us, email = excluded.email, email_us = excluded.email_us,
  phone = excluded.phone, phone_us = excluded.phone_us, birthday = excluded.birthday, birthday_us = excluded.birthday_us;

-- name: DeleteContact :exec
-- Of an erasure.
DELETE FROM profile_contact WHERE origin = $1;

-- name: InsertJournal :exec
-- What the warehouse must follow.
INSERT INTO profile_journal (first_rev, last_rev, entries) VALUES ($1, $2, $3);

-- name: EachJournal :many
-- What it has not followed yet.
SELECT first_rev, entries FROM profile_journal WHERE last_rev > $1 ORDER BY first_rev LIMIT $2;

-- name: DropJournal :exec
-- What it has followed.
DELETE FROM profile_journal WHERE last_rev <= $1;

-- name: InsertOutbox :exec
-- An event to be told once this commits.
INSERT INTO profile_outbox (number, event) VALUES ($1, $2);

-- name: EachOutbox :many
-- What was not told yet.
SELECT number, event FROM profile_outbox ORDER BY number LIMIT $1;

-- name: DropOutbox :exec
-- What was told.
DELETE FROM profile_outbox WHERE number <= $1;

-- name: InsertNote :exec
-- What happened to an import's customer before the import committed.
INSERT INTO profile_import_note (import_id, note, origin, number) VALUES ($1, $2, $3, $4) ON CONFLICT (import_id, note, origin, number) DO NOTHING;

-- name: EachNote :many
-- Settled when the import is done.
SELECT note, origin, number FROM profile_import_note WHERE import_id = $1 ORDER BY note, origin, number;

-- name: DropNotes :exec
-- They are settled.
DELETE FROM profile_import_note WHERE import_id = $1;

-- name: InsertAudit :exec
-- Who changed what, and why.
INSERT INTO profile_audit (number, at_us, who, what, subject, why) VALUES ($1, $2, $3, $4, $5, $6);

-- name: EachAudit :many
-- The changes that bear on an origin.
SELECT at_us, who, what, why FROM profile_audit WHERE subject = $1 ORDER BY number;

-- name: EachConsenting :many
-- Whose consent is worth asking for, read once at the start.
SELECT DISTINCT origin FROM profile_consent;

-- name: EachAsked :many
-- To what anybody gave consent, read once at the start: words that are known.
SELECT DISTINCT purpose, channel FROM profile_consent WHERE state = 'given';

-- name: FindConsent :one
-- Whether an act of an event that comes again was kept.
SELECT act FROM profile_consent WHERE origin = $1 AND made = $1 AND purpose = $2 AND channel = $3 AND state = $4 AND at_us = $5 ORDER BY act LIMIT 1;

-- name: InsertConsent :exec
-- An act, once for each origin that it bears on.
INSERT INTO profile_consent (origin, act, made, purpose, channel, state, at_us, source, proof) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: EachConsent :many
-- All acts that bear on an origin.
SELECT act, made, purpose, channel, state, at_us, source, proof FROM profile_consent WHERE origin = $1 ORDER BY act;

-- name: DeleteConsents :exec
-- Of an erasure.
DELETE FROM profile_consent WHERE origin = $1;

-- name: NextRules :one
-- Versions are numbered in their order.
SELECT coalesce(max(version), 0) + 1 FROM profile_rules;

-- name: InsertErasure :exec
-- Kept in the transaction that forgets the person; pending holds what other rooms must still forget, until they have.
INSERT INTO profile_erasure (id, at_us, state, receipt, pending) VALUES ($1, $2, 'running', $3, $4);

-- name: EndErasure :exec
-- All rooms have forgotten her: the receipt is whole, and holds nothing of her.
UPDATE profile_erasure SET state = 'done', receipt = $2, pending = '' WHERE id = $1;

-- name: EachErasure :many
-- The receipts, newest first.
SELECT id, state, receipt, pending FROM profile_erasure ORDER BY at_us DESC, id DESC;

-- name: EachRunningErasure :many
-- What a crash interrupted.
SELECT id, state, receipt, pending FROM profile_erasure WHERE state = 'running' ORDER BY at_us, id;

-- name: UpdateJournal :exec
-- What the warehouse has yet to follow must not name one who was erased meanwhile.
UPDATE profile_journal SET entries = $2 WHERE first_rev = $1;

-- name: BlankAudit :exec
-- That something was changed stays known, why it was may name her.
UPDATE profile_audit SET why = '' WHERE subject = $1;

-- name: DeleteDuplicates :exec
-- Of an erasure.
DELETE FROM profile_duplicate WHERE a = $1 OR b = $1;

-- name: EachSuppression :many
-- The list, newest first.
SELECT channel, address, reason, at_us, who FROM profile_suppression WHERE $1 = '' OR channel = $1 ORDER BY at_us DESC, channel, address LIMIT $2;

-- name: FindSuppression :one
-- Is this address written to?
SELECT reason, at_us, who FROM profile_suppression WHERE channel = $1 AND address = $2;

-- name: PutSuppression :exec
-- The first reason stays.
INSERT INTO profile_suppression (channel, address, reason, at_us, who) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (channel, address) DO NOTHING;

-- name: DeleteSuppression :exec
-- Taken off the list by hand.
DELETE FROM profile_suppression WHERE channel = $1 AND address = $2;

-- name: EachRetention :many
-- How long events are kept.
SELECT event, days FROM profile_retention ORDER BY event;

-- name: InsertRetention :exec
-- The rules are written as a whole.
INSERT INTO profile_retention (event, days) VALUES ($1, $2);

-- name: ClearRetention :exec
-- The rules are written as a whole.
DELETE FROM profile_retention;

-- name: EachFiledContact :many
-- How files say that customers are reached, to find who is here twice.
SELECT key, id, email, phone FROM profile_customer;

-- name: EachContact :many
-- How calls say it.
SELECT origin, name, email, phone, birthday FROM profile_contact;

-- name: EachAddressLike :many
-- Identities of other kinds that are written like an address or a number.
SELECT number, kind, value FROM profile_identity WHERE kind <> 'email' AND kind <> 'phone' AND (value LIKE '%@%' OR value LIKE '+%');

-- name: EachReach :many
-- E-mail addresses and phone numbers that events named.
SELECT number, kind, value FROM profile_identity WHERE kind = 'email' OR kind = 'phone';

-- name: EachDuplicate :many
-- Suggestions that wait for a person, the surest first.
SELECT id, a, b, reasons, score FROM profile_duplicate WHERE state = 'open' ORDER BY score DESC, id LIMIT $1;

-- name: InsertDuplicate :exec
-- A suggestion.
INSERT INTO profile_duplicate (id, a, b, reasons, score, state, found_us, who) VALUES ($1, $2, $3, $4, $5, 'open', $6, '') ON CONFLICT (id) DO NOTHING;

-- name: ClearDuplicates :exec
-- Suggestions are found anew as a whole.
DELETE FROM profile_duplicate WHERE state = 'open';

-- name: DismissDuplicate :exec
-- They are two people.
UPDATE profile_duplicate SET state = 'dismissed', who = $2 WHERE id = $1 AND state = 'open';
