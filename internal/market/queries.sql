-- name: EachSetting :many
-- The handful of workspace settings, read whole.
SELECT name, value FROM market_setting;

-- name: PutSetting :exec
-- The last value wins.
INSERT INTO market_setting (name, value) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

