-- Sequences, but for those behind identity columns, which are a part of their column. Where a sequence
-- stands (its last value) is data and is never read.
-- In: $1 the last oid read, $2 how many, $3 oids of the system's schemas.
-- Out: oid, oid of the schema, name, owner, persistence, type, start, increment, least and greatest value,
-- cache, whether it cycles, schema, relation and column that own it, whether a listed type has the same
-- name; by oid.
-- Takes no lock on anything but the catalogue tables: nothing here opens the sequences themselves.
-- PostgreSQL 13 and later. Indexes: pg_sequence_seqrelid_index, pg_class_oid_index,
-- pg_depend_depender_index, pg_type_typname_nsp_index.
-- OFFSET 0 keeps the planner from scanning the whole of pg_depend once a batch.
SELECT q.seqrelid,
       c.relnamespace,
       c.relname::text,
       pg_get_userbyid(c.relowner)::text,
       c.relpersistence::text,
       format_type(q.seqtypid, NULL::int4),
       q.seqstart,
       q.seqincrement,
       q.seqmin,
       q.seqmax,
       q.seqcache,
       q.seqcycle,
       o.nspname::text,
       o.relname::text,
       o.attname::text,
       EXISTS (SELECT FROM pg_type t WHERE t.typname = c.relname AND t.typnamespace = c.relnamespace
                 AND t.typtype IN ('e', 'd', 'r'))
FROM pg_sequence q
JOIN pg_class c ON c.oid = q.seqrelid
LEFT JOIN LATERAL (SELECT n.nspname, r.relname, a.attname
                   FROM pg_depend d
                   JOIN pg_class r ON r.oid = d.refobjid
                   JOIN pg_namespace n ON n.oid = r.relnamespace
                   JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                   WHERE d.classid = 'pg_class'::regclass AND d.objid = q.seqrelid
                     AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a' OFFSET 0) o ON true
WHERE q.seqrelid > $1::oid
  AND c.relnamespace <> ALL ($3::oid[])
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = q.seqrelid AND d.deptype = 'i')
ORDER BY q.seqrelid
LIMIT $2
