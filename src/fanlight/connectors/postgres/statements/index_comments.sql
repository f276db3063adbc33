-- The comments of the indexes on the relations in a range of oids.
-- In: $1 and $2, the range (above $1, up to $2). Out: oid of the index, comment.
-- Takes no lock on anything but the catalogue tables, as every reader does.
-- PostgreSQL 13 and later. Index: pg_index_indrelid_index.
SELECT d.objoid,
       d.description
FROM pg_index i
JOIN pg_description d ON d.objoid = i.indexrelid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0
WHERE i.indrelid > $1::oid AND i.indrelid <= $2::oid
