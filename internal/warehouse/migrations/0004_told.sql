-- what rules read of people most often, apart from all that they did: copies of the identify calls and of the changes of consent, a few
-- in a hundred events, of which else the long properties of all would be unpacked. Written, moved and deleted with their originals
CREATE TABLE told (
  place UBIGINT NOT NULL, customer_key UINTEGER NOT NULL, origin_key UINTEGER NOT NULL, at_us BIGINT NOT NULL,
  name_key UINTEGER NOT NULL, type UTINYINT NOT NULL, props VARCHAR NOT NULL, context VARCHAR NOT NULL);
INSERT INTO told SELECT place, customer_key, origin_key, at_us, name_key, type, props, context FROM event
WHERE type = 4 OR name_key IN (SELECT key FROM event_name WHERE name = 'Consent Changed') ORDER BY place;
