-- The comments of the relations in a range of oids, and of their columns.
-- In: $1 and $2, the range (above $1, up to $2). Out: oid of the relation, position (0 is the relation),
-- comment.
-- Takes no lock on anything but the catalogue table, as every reader does.
-- PostgreSQL 13 and later. Index: pg_description_o_c_o_index.
SELECT d.objoid,
       d.objsubid,
       left(d.description, 100001)
FROM pg_description d
WHERE d.objoid > $1::oid AND d.objoid <= $2::oid
  AND d.classoid = 'pg_class'::regclass
