-- The event triggers of the database.
-- In: nothing. Out: oid, name, event, owner, schema and name of the function, whether enabled, commands.
-- Takes no lock on anything but the catalogue tables, as every reader does. PostgreSQL 13 and later.
SELECT t.oid,
       t.evtname::text,
       t.evtevent::text,
       pg_get_userbyid(t.evtowner)::text,
       n.nspname::text,
       p.proname::text,
       t.evtenabled::text,
       t.evttags
FROM pg_event_trigger t
JOIN pg_proc p ON p.oid = t.evtfoid
JOIN pg_namespace n ON n.oid = p.pronamespace
