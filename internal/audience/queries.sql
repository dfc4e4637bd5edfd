-- name: PutMembership :exec
-- One bitmap a segment and day; an analysis of the same day replaces it.
INSERT INTO audience_membership (slug, as_of, state_version, size, members) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (slug, as_of) DO UPDATE SET state_version = excluded.state_version, size = excluded.size, members = excluded.members;

-- name: EachMembership :many
-- The members of every segment as of a day, for overlaps.
SELECT slug, members FROM audience_membership WHERE as_of = $1 ORDER BY slug;

-- name: EachSizeBefore :many
-- How large each segment was at the last analysis on or before a day.
SELECT slug, size FROM audience_membership m
WHERE as_of = (SELECT max(as_of) FROM audience_membership b WHERE b.slug = m.slug AND b.as_of <= $1);

-- name: EachSegment :many
-- Every segment that was defined, archived ones too.
SELECT key, slug, kind, name, description, rule, locked, archived, version, created_us, updated_us, who FROM audience_segment ORDER BY key;

-- name: AddSegment :exec
-- A new segment; a slug that is taken is a conflict.
INSERT INTO audience_segment (key, slug, kind, name, description, rule, locked, archived, version, created_us, updated_us, who)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: PutSegment :exec
-- A segment as it is now; nothing happens where somebody else changed it meanwhile.
UPDATE audience_segment SET name = $2, description = $3, rule = $4, locked = $5, archived = $6, version = version + 1, updated_us = $7, who = $8
WHERE key = $1 AND version = $9;

-- name: LastSegmentKey :one
-- The greatest number given to a segment.
SELECT coalesce(max(key), 0) FROM audience_segment;

-- name: EachChosen :many
-- Who is in the segments by hand.
SELECT segment_key, customer_key FROM audience_chosen ORDER BY segment_key, customer_key;

-- name: AddChosen :exec
-- One person put into a segment by hand.
INSERT INTO audience_chosen (segment_key, customer_key, at_us, who) VALUES ($1, $2, $3, $4) ON CONFLICT (segment_key, customer_key) DO NOTHING;

-- name: DropChosen :exec
-- One person taken out again.
DELETE FROM audience_chosen WHERE segment_key = $1 AND customer_key = $2;

-- name: ForgetChosen :exec
-- One person taken out of every segment, for her erasure.
DELETE FROM audience_chosen WHERE customer_key = $1;

-- name: EachTrait :many
-- The workspace's own traits.
SELECT name, labels, unit, trait FROM audience_trait ORDER BY name;

-- name: AddTrait :exec
-- A new trait; a name that is taken is a conflict.
INSERT INTO audience_trait (name, labels, unit, trait, created_us, updated_us, who) VALUES ($1, $2, $3, $4, $5, $5, $6);

-- name: PutTrait :exec
-- A trait as it is now.
UPDATE audience_trait SET labels = $2, unit = $3, trait = $4, updated_us = $5, who = $6 WHERE name = $1;

-- name: DropTrait :exec
-- A trait is gone.
DELETE FROM audience_trait WHERE name = $1;
