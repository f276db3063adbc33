-- The comments of types.
-- In: $1 oids of types. Out: oid of the type, comment.
-- Takes no lock on anything but the catalogue table, as every reader does. PostgreSQL 13 and later.
-- Index: pg_description_o_c_o_index.
SELECT d.objoid,
       d.description
FROM pg_description d
WHERE d.objoid = ANY ($1::oid[]) AND d.classoid = 'pg_type'::regclass AND d.objsubid = 0
