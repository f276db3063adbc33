-- The comments of things that are known by their oids.
-- In: $1 oids. Out: catalogue table, oid, comment. Other tables' things of the same oid may be among them.
-- Takes no lock on anything but the catalogue table, as every reader does. PostgreSQL 13 and later.
-- Index: pg_description_o_c_o_index.
SELECT d.classoid::regclass::text,
       d.objoid,
       left(d.description, 100001)
FROM pg_description d
WHERE d.objoid = ANY ($1::oid[]) AND d.objsubid = 0
