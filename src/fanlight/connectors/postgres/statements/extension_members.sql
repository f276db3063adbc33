-- Which schemas, relations, types and functions belong to an extension.
-- In: nothing. Out: catalogue table, oid, name of the extension.
-- Takes no lock on anything but the catalogue tables, as every reader does.
-- PostgreSQL 13 and later. Index: pg_depend_reference_index.
SELECT c.relname::text,
       d.objid,
       e.extname::text
FROM pg_extension e
JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
JOIN pg_class c ON c.oid = d.classid
WHERE d.deptype = 'e'
  AND c.relname IN ('pg_namespace', 'pg_class', 'pg_type', 'pg_proc')
