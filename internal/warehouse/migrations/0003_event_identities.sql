-- the identities that the event itself brought, kind:value a line, as they were sent; none are known of events kept before
ALTER TABLE event ADD COLUMN identities VARCHAR;
