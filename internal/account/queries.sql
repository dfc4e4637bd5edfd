-- name: AddKey :exec
-- The hash is all that is kept of the secret.
INSERT INTO account_key (id, name, scope, secret_sha256, created_us) VALUES ($1, $2, $3, $4, $5);

-- name: Keys :many
-- Newest first; revoked ones are listed too, so that what they did stays explained.
SELECT id, name, scope, created_us, used_us, revoked_us FROM account_key ORDER BY created_us DESC, id DESC;

-- name: KeyOfSecret :one
-- Asked at every request that carries a key.
SELECT id, name, scope, created_us, used_us, revoked_us FROM account_key WHERE secret_sha256 = $1;

-- name: CountValid :one
-- Whether a caller needs a key at all: keys of every scope, and those that do more than send events.
SELECT COUNT(*), COUNT(CASE WHEN scope <> 'collect' THEN 1 END) FROM account_key WHERE revoked_us IS NULL;

-- name: Revoke :exec
-- The first revocation's time stays.
UPDATE account_key SET revoked_us = $2 WHERE id = $1 AND revoked_us IS NULL;

-- name: FindKey :one
-- Tells a key that is revoked already from one that never was.
SELECT id, name, scope, created_us, used_us, revoked_us FROM account_key WHERE id = $1;

-- name: Touch :exec
-- Written at most once a minute a key.
UPDATE account_key SET used_us = $2 WHERE id = $1;
