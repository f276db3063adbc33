-- Enum types; their labels are read afterwards.
-- In: $1 the last oid read, $2 how many types. Out: oid, oid of the schema, name, owner; by oid.
-- Takes no lock on anything but the catalogue tables, as every reader does. PostgreSQL 13 and later.
-- Index: pg_type_oid_index.
SELECT t.oid,
       t.typnamespace,
       t.typname::text,
       pg_get_userbyid(t.typowner)::text
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.oid > $1::oid AND t.typtype = 'e'
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
ORDER BY t.oid
LIMIT $2
