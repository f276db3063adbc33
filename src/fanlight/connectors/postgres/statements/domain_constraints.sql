-- The checks of domains; their texts are read afterwards.
-- In: $1 oids of types. Out: oid of the type, oid, name, whether validated.
-- Takes no lock on anything but the catalogue table: no definition is asked for here.
-- PostgreSQL 13 and later. Index: pg_constraint_contypid_index.
SELECT k.contypid,
       k.oid,
       k.conname::text,
       k.convalidated
FROM pg_constraint k
WHERE k.contypid = ANY ($1::oid[])
  AND k.contype = 'c'
