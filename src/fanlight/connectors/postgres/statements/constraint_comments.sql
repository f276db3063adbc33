-- The comments of the constraints on the relations in a range of oids.
-- In: $1 and $2, the range (above $1, up to $2). Out: oid of the constraint, comment.
-- Takes no lock on anything but the catalogue tables, as every reader does.
-- PostgreSQL 13 and later. Index: pg_constraint_conrelid_contypid_conname_index.
SELECT d.objoid,
       d.description
FROM pg_constraint k
JOIN pg_description d ON d.objoid = k.oid AND d.classoid = 'pg_constraint'::regclass AND d.objsubid = 0
WHERE k.conrelid > $1::oid AND k.conrelid <= $2::oid
