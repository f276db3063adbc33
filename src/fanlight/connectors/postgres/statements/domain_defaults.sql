-- The texts of the defaults of domains.
-- In: $1 oids of types. Out: oid, text.
-- May wait on a table that is locked exclusively: it runs under the short lock timeout, apart from all else,
-- and its locks are given back at once. Its literals are removed before anything is kept. PostgreSQL 13
-- and later.
SELECT t.oid,
       left(pg_get_expr(t.typdefaultbin, 0), 1000001)
FROM pg_type t
WHERE t.oid = ANY ($1::oid[])
