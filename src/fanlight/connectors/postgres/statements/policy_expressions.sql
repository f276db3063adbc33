-- The expressions of row security policies.
-- In: $1 oids of policies. Out: oid, text for rows that are there, text for rows that are new.
-- Waits on a table that is locked exclusively: it runs under the short lock timeout, apart from all else,
-- and its locks are given back at once. Its literals are removed before anything is kept. PostgreSQL 13
-- and later.
SELECT p.oid,
       left(pg_get_expr(p.polqual, p.polrelid), 1000001),
       left(pg_get_expr(p.polwithcheck, p.polrelid), 1000001)
FROM pg_policy p
WHERE p.oid = ANY ($1::oid[])
