-- The triggers on the relations in a range of oids; those that the server makes for its own keys are left
-- out.
-- In: $1 and $2, the range (above $1, up to $2).
-- Out: oid of the relation, oid, name, when it fires as bits, whether it is enabled, schema and name of the
-- function, positions of the columns, whether it is a constraint, deferrable and initially deferred, names
-- of the transition tables, whether it comes from the partitioned table above, whether it has a condition,
-- schema and name of the other relation of a constraint.
-- Its arguments are literals and are not read.
-- Takes no lock on anything but the catalogue tables: no definition is asked for here.
-- PostgreSQL 13 and later. Index: pg_trigger_tgrelid_tgname_index.
-- OFFSET 0 keeps the planner from scanning the whole of pg_proc or pg_class once a batch.
SELECT t.tgrelid,
       t.oid,
       t.tgname::text,
       t.tgtype,
       t.tgenabled::text,
       f.nspname::text,
       f.proname::text,
       t.tgattr::int2[],
       t.tgconstraint <> 0,
       t.tgdeferrable,
       t.tginitdeferred,
       t.tgoldtable::text,
       t.tgnewtable::text,
       t.tgparentid <> 0,
       t.tgqual IS NOT NULL,
       r.nspname::text,
       r.relname::text
FROM pg_trigger t
CROSS JOIN LATERAL (SELECT p.proname, n.nspname
                    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                    WHERE p.oid = t.tgfoid OFFSET 0) f
LEFT JOIN LATERAL (SELECT c.relname, n.nspname
                   FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE c.oid = t.tgconstrrelid OFFSET 0) r ON true
WHERE t.tgrelid > $1::oid AND t.tgrelid <= $2::oid
  AND NOT t.tgisinternal
