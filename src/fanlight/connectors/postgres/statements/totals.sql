-- How many relations, types and sequences a read will yield, for a progress bar.
-- In: nothing. Out: one row, the three counts.
-- Takes no lock on anything but the catalogue tables, as every reader does. PostgreSQL 13 and later.
SELECT (SELECT count(*)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
          AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'),
       (SELECT count(*)
        FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
        WHERE t.typtype IN ('e', 'd', 'r')
          AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'),
       (SELECT count(*)
        FROM pg_sequence q
        JOIN pg_class c ON c.oid = q.seqrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
          AND NOT EXISTS (SELECT FROM pg_depend d
                          WHERE d.classid = 'pg_class'::regclass AND d.objid = q.seqrelid AND d.deptype = 'i'))
