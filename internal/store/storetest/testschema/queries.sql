-- name: AddThing :exec
-- One row a thing; a key that is taken is a conflict.
INSERT INTO sample_thing (key, name, amount, on_sale, at_us, document, picture) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: PutThing :exec
-- The later name and amount win.
INSERT INTO sample_thing (key, name, amount, on_sale, at_us) VALUES ($1, $2, $3, TRUE, $4)
ON CONFLICT (key) DO UPDATE SET name = excluded.name, amount = excluded.amount;

-- name: FindThing :one
-- Everything about one thing.
SELECT key, name, amount, on_sale, at_us, document, picture FROM sample_thing WHERE key = $1;

-- name: ThingsBetween :many
-- Arguments stand in another order than their numbers, and one stands twice.
SELECT key, name FROM sample_thing WHERE amount < $2 AND amount >= $1 AND key > $3 - 1 AND key >= $3 ORDER BY key;

-- name: OnSale :many
-- Booleans are asked for by name.
SELECT key, name FROM sample_thing WHERE on_sale = TRUE ORDER BY key;

-- name: Count :one
-- How many things there are.
SELECT COUNT(*) FROM sample_thing;

-- name: Larger :one
-- The two engines spell the larger of two numbers differently.
SELECT MAX(amount, $2) FROM sample_thing WHERE key = $1;
-- dialect: postgres
SELECT GREATEST(amount, $2) FROM sample_thing WHERE key = $1;

-- name: RaiseAmount :exec
-- Adds to what is there, so that lost updates show.
UPDATE sample_thing SET amount = amount + $2 WHERE key = $1;

-- name: SetAmount :exec
-- Writes what the caller computed from what it read, so that stale reads show.
UPDATE sample_thing SET amount = $2 WHERE key = $1;

-- name: AddPart :exec
-- A part belongs to a thing that must exist.
INSERT INTO sample_part (key, thing_key) VALUES ($1, $2);

-- name: Engine :one
-- Says which of the two migration files ran.
SELECT engine FROM sample_engine;
