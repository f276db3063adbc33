-- Tables, partitioned tables, views, materialised views, foreign tables and composite types, with the
-- server's own estimates.
-- In: $1 the last oid read, $2 how many, $3 oids of the system's schemas.
-- Out: oid, oid of the schema, name, kind, owner, persistence, rows, pages, whether it is a partition,
-- number of attributes, oid of its type, whether row security is on and forced, replica identity; by oid.
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
       c.relnatts,
       c.reltype,
       c.relrowsecurity,
       c.relforcerowsecurity,
       c.relreplident::text
FROM pg_class c
WHERE c.oid > $1::oid
  AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
  AND c.relnamespace <> ALL ($3::oid[])
ORDER BY c.oid
LIMIT $2
