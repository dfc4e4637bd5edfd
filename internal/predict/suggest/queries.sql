-- name: EachSlot :many
-- All of them: they are few, and decisions read them from memory.
SELECT slug, definition, version, updated_us FROM suggest_slot ORDER BY slug;

-- name: PutSlot :exec
-- A slot as it is from now on; each change is a version.
INSERT INTO suggest_slot (slug, definition, version, updated_us) VALUES ($1, $2, $3, $4)
ON CONFLICT (slug) DO UPDATE SET definition = excluded.definition, version = excluded.version, updated_us = excluded.updated_us;

-- name: DropSlot :exec
-- What it showed is then shown by nobody.
DELETE FROM suggest_slot WHERE slug = $1;
