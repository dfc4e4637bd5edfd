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
