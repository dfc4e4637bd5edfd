-- when each origin last did anything that counts as activity, of what had come up to a place and had happened by an instant: so that the
-- last instant of everybody need not be looked for in all events. Moved and deleted with its events, made anew when many have come since
CREATE TABLE seen (origin_key UINTEGER NOT NULL, customer_key UINTEGER NOT NULL, at_us BIGINT NOT NULL);
-- one row, or none where seen tells nothing; kind says what counted as activity
CREATE TABLE seen_until (place UBIGINT NOT NULL, at_us BIGINT NOT NULL, kind BIGINT NOT NULL);
