-- The rules on the relations in a range of oids, but for those that make a view a view.
-- In: $1 and $2, the range (above $1, up to $2).
-- Out: oid of the relation, oid, name, event, whether it is done instead, whether it is enabled.
-- Takes no lock on anything but the catalogue table: no definition is asked for here.
-- PostgreSQL 13 and later. Index: pg_rewrite_rel_rulename_index.
SELECT r.ev_class,
       r.oid,
       r.rulename::text,
       r.ev_type::text,
       r.is_instead,
       r.ev_enabled::text
FROM pg_rewrite r
WHERE r.ev_class > $1::oid AND r.ev_class <= $2::oid
  AND r.rulename <> '_RETURN'
