-- The indexes of the relations in a range of oids.
-- In: $1 and $2, the range (above $1, up to $2).
-- Out: oid of the relation, oid, name, method, whether unique, primary and valid, positions of the columns
-- (0 is an expression), how many of them are keys, sort options of the keys, whether there is an
-- expression or a predicate, whether nulls are equal.
-- Takes no lock on anything but the catalogue tables: no definition is asked for here.
-- PostgreSQL 13 and 14. Index: pg_index_indrelid_index.
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
       false AS is_nulls_not_distinct
FROM pg_index i
JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_am m ON m.oid = x.relam
WHERE i.indrelid > $1::oid AND i.indrelid <= $2::oid
