-- name: InsertImport :exec
-- The intent, kept before anything is written.
INSERT INTO collect_import (id, name, state, options, started_us, finished_us, result, problem) VALUES ($1, $2, 'running', $3, $4, 0, '', '');

-- name: NextImport :one
-- Imports are numbered in the order they began.
SELECT coalesce(max(id), 0) + 1 FROM collect_import;

-- name: KeepResult :exec
-- Written before the warehouse commits, so that recovery can tell what the import was.
UPDATE collect_import SET result = $2 WHERE id = $1;

-- name: EndImport :exec
-- The outcome.
UPDATE collect_import SET state = $2, finished_us = $3, result = $4, problem = $5 WHERE id = $1;

-- name: EachImport :many
-- The history page, newest first.
SELECT id, name, state, started_us, finished_us, result, problem FROM collect_import ORDER BY id DESC LIMIT $1;

-- name: EachUnfinished :many
-- What a crash left open.
SELECT id, result FROM collect_import WHERE state = 'running' ORDER BY id;

-- name: FindImport :one
-- For the rejects download.
SELECT id, name, state, started_us, finished_us, result, problem FROM collect_import WHERE id = $1;

-- name: EachState :many
-- Compared with what the warehouse holds, so that records and warehouse of two folders are never mixed.
SELECT id, state FROM collect_import ORDER BY id;
