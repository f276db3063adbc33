-- How many relations and enum types a read will yield, for a progress bar.
-- In: nothing. Out: one row, the two counts.
-- Takes no lock on anything but the catalogue tables, as every reader does. PostgreSQL 13 and later.
SELECT (SELECT count(*)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
          AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'),
       (SELECT count(*)
        FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
        WHERE t.typtype = 'e'
          AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema')
