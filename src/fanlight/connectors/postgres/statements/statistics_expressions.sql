-- The expressions of extended statistics.
-- In: $1 oids of statistics. Out: oid, texts in order.
-- Waits on a table that is locked exclusively: it runs under the short lock timeout, apart from all else,
-- and its locks are given back at once. Its literals are removed before anything is kept. PostgreSQL 14
-- and later.
SELECT s.oid,
       pg_get_statisticsobjdef_expressions(s.oid)
FROM pg_statistic_ext s
WHERE s.oid = ANY ($1::oid[])
