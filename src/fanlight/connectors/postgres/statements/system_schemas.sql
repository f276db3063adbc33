-- The system's own schemas, which are left out.
-- In: nothing. Out: oid.
-- Takes no lock on anything but the catalogue table, as every reader does. PostgreSQL 13 and later.
SELECT n.oid
FROM pg_namespace n
WHERE n.nspname LIKE 'pg\_%' OR n.nspname = 'information_schema'
