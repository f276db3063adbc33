-- The comments of schemas.
-- In: nothing. Out: oid of the schema, comment.
-- Takes no lock on anything but the catalogue table, as every reader does. PostgreSQL 13 and later.
SELECT d.objoid,
       left(d.description, 100001)
FROM pg_description d
WHERE d.classoid = 'pg_namespace'::regclass AND d.objsubid = 0
