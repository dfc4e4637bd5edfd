-- what an import added beside its lines: refunds told on the row of their purchase, and sales of earlier imports that it withdrew
ALTER TABLE import_done ADD COLUMN refunds_beside BIGINT DEFAULT 0;
ALTER TABLE import_done ADD COLUMN withdrawn BIGINT DEFAULT 0;
ALTER TABLE import_done ADD COLUMN told_less BIGINT DEFAULT 0;
