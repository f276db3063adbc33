-- The texts of the defaults of functions' arguments.
-- In: $1 oids of functions. Out: oid, text for each argument in order (NULL for one without a default).
-- May wait on a table that is locked exclusively: it runs under the short lock timeout, apart from all else,
-- and its locks are given back at once. Its literals are removed before anything is kept. PostgreSQL 13
-- and later.
SELECT p.oid,
       ARRAY(SELECT left(pg_get_function_arg_default(p.oid, n), 1000001)
             FROM generate_series(1, cardinality(coalesce(p.proallargtypes, p.proargtypes::oid[]))) AS n
             ORDER BY n)
FROM pg_proc p
WHERE p.oid = ANY ($1::oid[])
