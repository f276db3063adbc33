-- Enum types, domains and range types; what is particular to each is read afterwards.
-- In: $1 the last oid read, $2 how many types, $3 oids of the system's schemas.
-- Out: oid, oid of the schema, name, owner, kind; by oid.
-- Takes no lock on anything but the catalogue table, as every reader does. PostgreSQL 13 and later.
-- Index: pg_type_oid_index.
SELECT t.oid,
       t.typnamespace,
       t.typname::text,
       pg_get_userbyid(t.typowner)::text,
       t.typtype::text
FROM pg_type t
WHERE t.oid > $1::oid
  AND t.typtype IN ('e', 'd', 'r')
  AND t.typnamespace <> ALL ($3::oid[])
ORDER BY t.oid
LIMIT $2
