-- The comments of the indexes on the relations in a range of oids.
-- In: $1 and $2, the range (above $1, up to $2). Out: oid of the index, comment.
-- Takes no lock on anything but the catalogue tables, as every reader does.
-- PostgreSQL 13 and later. Index: pg_index_indrelid_index.
-- OFFSET 0 keeps the planner from scanning the whole of pg_description once a batch.
SELECT i.indexrelid,
       left(d.description, 100001)
FROM pg_index i
CROSS JOIN LATERAL (SELECT o.description FROM pg_description o
                    WHERE o.objoid = i.indexrelid AND o.classoid = 'pg_class'::regclass AND o.objsubid = 0
                    OFFSET 0) d
WHERE i.indrelid > $1::oid AND i.indrelid <= $2::oid
