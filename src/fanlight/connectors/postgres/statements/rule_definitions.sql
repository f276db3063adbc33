-- The text of rules.
-- In: $1 oids of rules. Out: oid, text.
-- Waits on a table that is locked exclusively: it runs under the short lock timeout, apart from all else,
-- and its locks are given back at once. Its literals are removed before anything is kept. PostgreSQL 13
-- and later.
SELECT r.oid,
       left(pg_get_ruledef(r.oid), 1000001)
FROM pg_rewrite r
WHERE r.oid = ANY ($1::oid[])
