-- How many functions, procedures and aggregates a read will yield, for a progress bar.
-- In: nothing. Out: one row, the count.
-- Takes no lock on anything but the catalogue tables, as every reader does. PostgreSQL 13 and later.
SELECT count(*)
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')
