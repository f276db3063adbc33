-- The texts of defaults and generated columns.
-- In: $1 oids of relations. Out: oid of the relation, position, text.
-- Waits on a table that is locked exclusively: it runs under the short lock timeout, apart from all else,
-- and its locks are given back at once. Its literals are removed before anything is kept. PostgreSQL 13
-- and later.
SELECT d.adrelid,
       d.adnum,
       left(pg_get_expr(d.adbin, d.adrelid), 1000001)
FROM pg_attrdef d
WHERE d.adrelid = ANY ($1::oid[])
