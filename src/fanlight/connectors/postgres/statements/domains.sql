-- What each domain is made of; its default and checks are read afterwards.
-- In: $1 oids of types.
-- Out: oid, type below it with modifiers, whether NOT NULL, whether it has a default, schema and name of a
-- collation that is not the type's own.
-- Takes no lock on anything but the catalogue tables: format_type reads the type alone.
-- PostgreSQL 13 and later. Index: pg_type_oid_index.
SELECT t.oid,
       format_type(t.typbasetype, t.typtypmod),
       t.typnotnull,
       t.typdefaultbin IS NOT NULL,
       n.nspname::text,
       l.collname::text
FROM pg_type t
JOIN pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_collation l ON l.oid = t.typcollation AND t.typcollation <> b.typcollation
LEFT JOIN pg_namespace n ON n.oid = l.collnamespace
WHERE t.oid = ANY ($1::oid[])
