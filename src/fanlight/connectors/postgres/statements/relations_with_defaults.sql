-- Which relations in a range of oids have defaults or generated columns, whose texts are read afterwards.
-- In: $1 and $2, the range (above $1, up to $2). Out: oid of the relation.
-- Takes no lock on anything but the catalogue table: no expression is asked for here.
-- PostgreSQL 13 and later. Index: pg_attrdef_adrelid_adnum_index.
SELECT DISTINCT d.adrelid
FROM pg_attrdef d
WHERE d.adrelid > $1::oid AND d.adrelid <= $2::oid
