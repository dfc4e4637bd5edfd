-- name: PutQuarantine :exec
-- A step that is taken again brings the same places.
INSERT INTO flow_quarantine (place, received_us, source, type, name, reason, sentence, next, raw, shared, claimed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (place) DO NOTHING;

-- name: CountQuarantine :one
-- For the bound on what is kept, and for the status.
SELECT count(*) FROM flow_quarantine;

-- name: CountReasons :many
-- What there is to mend, by reason.
SELECT reason, count(*) FROM flow_quarantine GROUP BY reason ORDER BY count(*) DESC, reason;

-- name: CountSources :many
-- What each source sent lately that could not be used.
SELECT source, count(*) FROM flow_quarantine WHERE received_us > $1 GROUP BY source;

-- name: EachQuarantined :many
-- Newest first, a page at a time; an empty reason means every one.
SELECT place, received_us, source, type, name, reason, sentence, next, raw, shared, claimed FROM flow_quarantine
WHERE place < $1 AND ($2 = '' OR reason = $2) AND ($3 = '' OR source = $3) AND ($4 = '' OR name = $4) ORDER BY place DESC LIMIT $5;

-- name: FindQuarantined :many
-- One to be mended.
SELECT place, received_us, source, type, name, reason, sentence, next, raw, shared, claimed FROM flow_quarantine WHERE place = $1;

-- name: DropQuarantined :exec
-- Mended and on its way again, or of a person who was erased.
DELETE FROM flow_quarantine WHERE place = $1;

-- name: DropOldest :exec
-- Keeps the quarantine bounded.
DELETE FROM flow_quarantine WHERE place IN (SELECT place FROM flow_quarantine ORDER BY place LIMIT $1);

-- name: PutDeadLetter :exec
-- Before the log goes on behind a message.
INSERT INTO flow_dead_letter (seq, at_us, events, problem, raw, stored) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (seq) DO NOTHING;

-- name: CountDeadLetters :one
-- For the status.
SELECT count(*) FROM flow_dead_letter;

-- name: EachDeadLetter :many
-- Newest first.
SELECT seq, at_us, events, problem FROM flow_dead_letter ORDER BY seq DESC LIMIT $1;

-- name: FindDeadLetter :one
-- One to be replayed.
SELECT raw, stored FROM flow_dead_letter WHERE seq = $1;

-- name: OpenDeadLetter :one
-- One to be looked at.
SELECT at_us, events, problem, raw FROM flow_dead_letter WHERE seq = $1;

-- name: DropDeadLetter :exec
-- Replayed.
DELETE FROM flow_dead_letter WHERE seq = $1;

-- name: EachDeadLetterRaw :many
-- Part of erasing a person: a dead letter may name her.
SELECT seq, raw FROM flow_dead_letter ORDER BY seq;

-- name: RewriteDeadLetter :exec
-- Without the events of a person who was erased.
UPDATE flow_dead_letter SET events = $2, raw = $3 WHERE seq = $1;
