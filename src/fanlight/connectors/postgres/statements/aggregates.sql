-- How aggregates work. The initial value is a literal and is not read.
-- In: $1 oids of aggregates.
-- Out: oid, kind, number of direct arguments, type of the state, schema and name of the transition function
-- and of the final function.
-- Takes no lock on anything but the catalogue tables: format_type reads the type alone.
-- PostgreSQL 13 and later. Index: pg_aggregate_fnoid_index.
SELECT a.aggfnoid::oid,
       a.aggkind::text,
       a.aggnumdirectargs,
       format_type(a.aggtranstype, NULL::int4),
       n.nspname::text,
       t.proname::text,
       m.nspname::text,
       f.proname::text
FROM pg_aggregate a
JOIN pg_proc t ON t.oid = a.aggtransfn
JOIN pg_namespace n ON n.oid = t.pronamespace
LEFT JOIN pg_proc f ON f.oid = a.aggfinalfn
LEFT JOIN pg_namespace m ON m.oid = f.pronamespace
WHERE a.aggfnoid = ANY ($1::oid[])
