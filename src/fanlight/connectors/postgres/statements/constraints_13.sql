-- Primary, unique, foreign, check and exclusion constraints on the relations in a range of oids.
-- In: $1 and $2, the range (above $1, up to $2).
-- Out: oid of the relation, oid, name, kind, positions of the columns, whether deferrable, initially
-- deferred and validated; for a foreign key its actions and match, and schema, name and columns of the
-- relation it points to; then what this version knows beyond that.
-- Takes no lock on anything but the catalogue tables: no definition is asked for here.
-- PostgreSQL 13 and 14. Indexes: pg_constraint_conrelid_contypid_conname_index,
-- pg_attribute_relid_attnum_index.
-- OFFSET 0 keeps the planner from scanning the whole of pg_class once a batch.
SELECT k.conrelid,
       k.oid,
       k.conname::text,
       k.contype::text,
       k.conkey,
       k.condeferrable,
       k.condeferred,
       k.convalidated,
       k.confupdtype::text,
       k.confdeltype::text,
       k.confmatchtype::text,
       r.nspname::text,
       r.relname::text,
       CASE WHEN k.contype = 'f' THEN
           ARRAY(SELECT a.attname::text
                 FROM unnest(k.confkey) WITH ORDINALITY AS u (attnum, place)
                 JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.attnum
                 ORDER BY u.place)
       END,
       NULL::int2[] AS set_null_columns,
       true AS is_enforced,
       false AS is_temporal
FROM pg_constraint k
LEFT JOIN LATERAL (SELECT c.relname, n.nspname
                   FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE k.contype = 'f' AND c.oid = k.confrelid OFFSET 0) r ON true
WHERE k.conrelid > $1::oid AND k.conrelid <= $2::oid
  AND k.contype IN ('p', 'u', 'f', 'c', 'x')
