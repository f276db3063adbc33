-- The text of check and exclusion constraints.
-- In: $1 oids of constraints. Out: oid, text.
-- Waits on a table that is locked exclusively: it runs under the short lock timeout, apart from all else,
-- and its locks are given back at once. Its literals are removed before anything is kept. PostgreSQL 13
-- and later.
SELECT k.oid,
       left(pg_get_constraintdef(k.oid), 1000001)
FROM pg_constraint k
WHERE k.oid = ANY ($1::oid[])
