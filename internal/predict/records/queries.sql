-- name: LastVersion :one
-- Versions count on, those that were forgotten included while a later one is kept.
SELECT coalesce(max(version), 0) FROM predict_model WHERE kind = $1;

-- name: AddModel :exec
-- A version is written once.
INSERT INTO predict_model (kind, version, trained_us, as_of, seed, active, summary, card, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: EachModel :many
-- Without bodies, which may be megabytes: the list is read often. An empty kind asks for all.
SELECT kind, version, trained_us, as_of, seed, active, summary FROM predict_model WHERE $1 = '' OR kind = $1 ORDER BY kind, version DESC;

-- name: FindModel :one
-- To look at a version, or to go back to it.
SELECT kind, version, trained_us, as_of, seed, active, summary, card, body FROM predict_model WHERE kind = $1 AND version = $2;

-- name: FindActive :one
-- Read at each start, and after each change of what predicts.
SELECT kind, version, trained_us, as_of, seed, active, summary, card, body FROM predict_model WHERE kind = $1 AND active = TRUE;

-- name: Rest :exec
-- Before another one of the kind is made active.
UPDATE predict_model SET active = FALSE WHERE kind = $1 AND active = TRUE;

-- name: Activate :exec
-- After Rest, in its transaction.
UPDATE predict_model SET active = TRUE WHERE kind = $1 AND version = $2;

-- name: PutCard :exec
-- What is learnt about a model after its training: drift, and how its predictions came true.
UPDATE predict_model SET summary = $3, card = $4 WHERE kind = $1 AND version = $2;

-- name: EachSpent :many
-- What lies more than so many versions back; the active one is kept for as long as it is.
SELECT version FROM predict_model WHERE kind = $1 AND active = FALSE AND version <= $2 ORDER BY version;

-- name: Forget :exec
-- Who forgets deletes the files that a version left, too.
DELETE FROM predict_model WHERE kind = $1 AND version = $2 AND active = FALSE;
