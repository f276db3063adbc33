-- Tables, partitioned tables, views, materialised views and foreign tables, with the server's own estimates.
-- In: $1 the last oid read, $2 how many, $3 oids of the system's schemas.
-- Out: oid, oid of the schema, name, kind, owner, persistence, rows, pages, whether it is a partition,
-- number of attributes; by oid.
-- Takes no lock on anything but the catalogue table: nothing here opens the relations themselves.
-- PostgreSQL 13 and later. Index: pg_class_oid_index.
SELECT c.oid,
       c.relnamespace,
       c.relname::text,
       c.relkind::text,
       pg_get_userbyid(c.relowner)::text,
       c.relpersistence::text,
       c.reltuples::float8,
       c.relpages,
       c.relispartition,
       c.relnatts
FROM pg_class c
WHERE c.oid > $1::oid
  AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND c.relnamespace <> ALL ($3::oid[])
ORDER BY c.oid
LIMIT $2
