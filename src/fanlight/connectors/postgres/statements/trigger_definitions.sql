-- The text of triggers that have a condition.
-- In: $1 oids of triggers. Out: oid, text.
-- Waits on a table that is locked exclusively: it runs under the short lock timeout, apart from all else,
-- and its locks are given back at once. Its literals are removed before anything is kept. PostgreSQL 13
-- and later.
SELECT t.oid,
       left(pg_get_triggerdef(t.oid), 1000001)
FROM pg_trigger t
WHERE t.oid = ANY ($1::oid[])
