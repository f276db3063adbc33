-- The extended statistics on the relations in a range of oids: what is counted together, never what was
-- counted.
-- In: $1 and $2, the range (above $1, up to $2).
-- Out: oid of the relation, oid, schema, name, owner, kinds, positions of the columns, whether there are
-- expressions.
-- Takes no lock on anything but the catalogue tables: no expression is asked for here.
-- PostgreSQL 14 and later. Index: pg_statistic_ext_relid_index.
SELECT s.stxrelid,
       s.oid,
       n.nspname::text,
       s.stxname::text,
       pg_get_userbyid(s.stxowner)::text,
       s.stxkind::text[],
       s.stxkeys::int2[],
       s.stxexprs IS NOT NULL AS has_expressions
FROM pg_statistic_ext s
JOIN pg_namespace n ON n.oid = s.stxnamespace
WHERE s.stxrelid > $1::oid AND s.stxrelid <= $2::oid
