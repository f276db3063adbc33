-- The comments of the constraints on the relations in a range of oids.
-- In: $1 and $2, the range (above $1, up to $2). Out: oid of the constraint, comment.
-- Takes no lock on anything but the catalogue tables, as every reader does.
-- PostgreSQL 13 and later. Index: pg_constraint_conrelid_contypid_conname_index.
-- OFFSET 0 keeps the planner from scanning the whole of pg_description once a batch.
SELECT k.oid,
       left(d.description, 100001)
FROM pg_constraint k
CROSS JOIN LATERAL (SELECT o.description FROM pg_description o
                    WHERE o.objoid = k.oid AND o.classoid = 'pg_constraint'::regclass AND o.objsubid = 0
                    OFFSET 0) d
WHERE k.conrelid > $1::oid AND k.conrelid <= $2::oid
