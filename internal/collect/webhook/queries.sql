-- name: Hooks :many
-- All are kept in memory, for a delivery asks for its hook.
SELECT id, name, kind, secret, mapping, enabled, created_us, last_us, last_state, last_note FROM collect_webhook ORDER BY created_us DESC, id DESC;

-- name: AddHook :exec
-- The secret is kept as it is: a signature is made with it.
INSERT INTO collect_webhook (id, name, kind, secret, mapping, enabled, created_us, last_us, last_state, last_note) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, '', '');

-- name: ChangeHook :exec
-- The kind stays: deliveries of one shop make no sense to another's.
UPDATE collect_webhook SET name = $2, secret = $3, mapping = $4, enabled = $5 WHERE id = $1;

-- name: DropHook :exec
-- What it told stays.
DELETE FROM collect_webhook WHERE id = $1;

-- name: NoteDelivery :exec
-- Written at most once a minute a hook, and when the state changes.
UPDATE collect_webhook SET last_us = $2, last_state = $3, last_note = $4 WHERE id = $1;

-- name: FindBuyer :one
-- A refund asks whose order it was.
SELECT kind, value, version, taxed FROM collect_webhook_buyer WHERE shop = $1 AND order_id = $2;

-- name: PutBuyer :exec
-- The latest delivery of an order knows best whose it is.
INSERT INTO collect_webhook_buyer (shop, order_id, kind, value, version, taxed) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (shop, order_id) DO UPDATE SET kind = excluded.kind, value = excluded.value, version = excluded.version, taxed = excluded.taxed;

-- name: ForgetBuyer :exec
-- When a person is erased.
DELETE FROM collect_webhook_buyer WHERE kind = $1 AND value = $2;
