-- Every schema that is not the system's own (pg_* and information_schema).
-- In: nothing. Out: oid, name, owner; ordered by oid.
-- Takes no lock on anything but the catalogue table, as every reader does. PostgreSQL 13 and later.
SELECT n.oid,
       n.nspname::text,
       pg_get_userbyid(n.nspowner)::text
FROM pg_namespace n
WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
ORDER BY n.oid
