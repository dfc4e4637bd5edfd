-- properties of an event in columns of their own, so that what asks for one does not unpack and parse all of them: of each name the first
-- that were seen, in their order. What lies there is what props->>'$.property' gives; pN is the column with the number N
CREATE TABLE event_property (name_key UINTEGER NOT NULL, place UTINYINT NOT NULL, number UTINYINT NOT NULL, property VARCHAR NOT NULL);
-- one more than how many of its name's properties these columns tell of an event, NULL being nothing. 255: there is nothing else, so that they
-- tell those too that get a column later; 0: nobody looked yet. What they do not tell is read from props
ALTER TABLE event ADD COLUMN apart UTINYINT DEFAULT 0;
ALTER TABLE event ADD COLUMN p0 VARCHAR;
ALTER TABLE event ADD COLUMN p1 VARCHAR;
ALTER TABLE event ADD COLUMN p2 VARCHAR;
ALTER TABLE event ADD COLUMN p3 VARCHAR;
ALTER TABLE event ADD COLUMN p4 VARCHAR;
ALTER TABLE event ADD COLUMN p5 VARCHAR;
