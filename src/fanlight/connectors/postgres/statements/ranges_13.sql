-- What each range type ranges over.
-- In: $1 oids of types.
-- Out: oid, subtype, schema and name of a collation that is not the subtype's own, schema and name of the
-- canonical function and of the difference function, schema and name of the multirange type.
-- Takes no lock on anything but the catalogue tables: format_type reads the type alone.
-- PostgreSQL 13, which has no multiranges. Index: pg_range_rngtypid_index.
-- OFFSET 0 keeps the planner from scanning the whole of pg_proc.
SELECT r.rngtypid,
       format_type(r.rngsubtype, NULL::int4),
       n.nspname::text,
       l.collname::text,
       c.nspname::text,
       c.proname::text,
       d.nspname::text,
       d.proname::text,
       NULL::text AS multirange_schema,
       NULL::text AS multirange
FROM pg_range r
JOIN pg_type b ON b.oid = r.rngsubtype
LEFT JOIN pg_collation l ON l.oid = r.rngcollation AND r.rngcollation <> b.typcollation
LEFT JOIN pg_namespace n ON n.oid = l.collnamespace
LEFT JOIN LATERAL (SELECT p.proname, s.nspname
                   FROM pg_proc p JOIN pg_namespace s ON s.oid = p.pronamespace
                   WHERE p.oid = r.rngcanonical OFFSET 0) c ON true
LEFT JOIN LATERAL (SELECT p.proname, s.nspname
                   FROM pg_proc p JOIN pg_namespace s ON s.oid = p.pronamespace
                   WHERE p.oid = r.rngsubdiff OFFSET 0) d ON true
WHERE r.rngtypid = ANY ($1::oid[])
