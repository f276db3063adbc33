-- Which publications name the relations in a range of oids.
-- In: $1 and $2, the range (above $1, up to $2).
-- Out: oid of the relation, oid, name of the publication, positions of the columns, whether rows are
-- filtered.
-- Takes no lock on anything but the catalogue tables: no filter is asked for here.
-- PostgreSQL 13 and 14, which publish whole tables. Index: pg_publication_rel_prrelid_prpubid_index.
SELECT r.prrelid,
       r.oid,
       p.pubname::text,
       NULL::int2[] AS columns,
       false AS has_filter
FROM pg_publication_rel r
JOIN pg_publication p ON p.oid = r.prpubid
WHERE r.prrelid > $1::oid AND r.prrelid <= $2::oid
