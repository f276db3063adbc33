-- The extensions of the database.
-- In: nothing. Out: oid, name, version, schema, owner.
-- Takes no lock on anything but the catalogue tables, as every reader does. PostgreSQL 13 and later.
SELECT e.oid,
       e.extname::text,
       e.extversion,
       n.nspname::text,
       pg_get_userbyid(e.extowner)::text
FROM pg_extension e
JOIN pg_namespace n ON n.oid = e.extnamespace
