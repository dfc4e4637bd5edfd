-- +goose Up
CREATE TABLE sample_engine (engine TEXT NOT NULL);
INSERT INTO sample_engine (engine) VALUES ('postgres');
