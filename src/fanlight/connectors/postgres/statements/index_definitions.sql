-- The expressions and predicates of indexes.
-- In: $1 oids of indexes. Out: oid, text of each key column in order (NULL for a plain column), predicate.
-- Waits on a table that is locked exclusively: it runs under the short lock timeout, apart from all else,
-- and its locks are given back at once. Its literals are removed before anything is kept. PostgreSQL 13
-- and later.
SELECT i.indexrelid,
       ARRAY(SELECT CASE WHEN i.indkey[n - 1] = 0 THEN left(pg_get_indexdef(i.indexrelid, n, false), 1000001) END
             FROM generate_series(1, i.indnkeyatts) AS n
             ORDER BY n),
       left(pg_get_expr(i.indpred, i.indrelid), 1000001)
FROM pg_index i
WHERE i.indexrelid = ANY ($1::oid[])
