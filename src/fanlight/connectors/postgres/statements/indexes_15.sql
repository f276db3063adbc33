-- The indexes of the relations in a range of oids.
-- In: $1 and $2, the range (above $1, up to $2).
-- Out: oid of the relation, oid, name, method, whether unique, primary and valid, positions of the columns
-- (0 is an expression), how many of them are keys, sort options of the keys, whether there is an
-- expression or a predicate, whether nulls are equal, pages, whether it is the replica identity.
-- Takes no lock on anything but the catalogue tables: no definition is asked for here.
-- PostgreSQL 15 and later. Index: pg_index_indrelid_index.
-- OFFSET 0 keeps the planner from scanning the whole of pg_class once a batch.
SELECT i.indrelid,
       i.indexrelid,
       x.relname::text,
       m.amname::text,
       i.indisunique,
       i.indisprimary,
       i.indisvalid,
       i.indkey::int2[],
       i.indnkeyatts,
       i.indoption::int2[],
       i.indexprs IS NOT NULL OR i.indpred IS NOT NULL,
       i.indnullsnotdistinct AS is_nulls_not_distinct,
       x.relpages,
       i.indisreplident
FROM pg_index i
CROSS JOIN LATERAL (SELECT c.relname, c.relam, c.relpages
                    FROM pg_class c WHERE c.oid = i.indexrelid OFFSET 0) x
JOIN pg_am m ON m.oid = x.relam
WHERE i.indrelid > $1::oid AND i.indrelid <= $2::oid
