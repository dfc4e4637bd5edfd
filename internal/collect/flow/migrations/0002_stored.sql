-- +goose Up
-- Whether the warehouse had the events of a dead letter before it was one: sent again they would be there twice.
ALTER TABLE flow_dead_letter ADD COLUMN stored BOOLEAN NOT NULL DEFAULT FALSE;
