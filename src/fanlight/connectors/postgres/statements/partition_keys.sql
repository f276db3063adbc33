-- How partitioned tables are divided.
-- In: $1 oids of partitioned tables. Out: oid, text.
-- Waits on a table that is locked exclusively: it runs under the short lock timeout, apart from all else,
-- and its locks are given back at once. Its literals are removed before anything is kept. PostgreSQL 13
-- and later.
SELECT c.oid,
       left(pg_get_partkeydef(c.oid), 1000001)
FROM pg_class c
WHERE c.oid = ANY ($1::oid[])
