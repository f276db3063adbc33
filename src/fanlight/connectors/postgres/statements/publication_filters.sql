-- Which rows publications take of a table: the text of the condition.
-- In: $1 oids of a publication's relations. Out: oid, text.
-- Waits on a table that is locked exclusively: it runs under the short lock timeout, apart from all else,
-- and its locks are given back at once. Its literals are removed before anything is kept. PostgreSQL 15
-- and later.
SELECT r.oid,
       left(pg_get_expr(r.prqual, r.prrelid), 1000001)
FROM pg_publication_rel r
WHERE r.oid = ANY ($1::oid[])
