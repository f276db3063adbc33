-- The pages of the out-of-line storage of the relations in a range of oids, where there is any, as last
-- counted by the server's own VACUUM or ANALYZE: asking for the true size would wait on locks.
-- In: $1 and $2, the range (above $1, up to $2). Out: oid of the relation, pages with those of its index.
-- Takes no lock on anything but the catalogue tables, as every reader does.
-- PostgreSQL 13 and later. Indexes: pg_class_oid_index, pg_index_indrelid_index.
-- OFFSET 0 keeps the planner from scanning the whole of pg_class once a batch.
SELECT c.oid,
       t.relpages + coalesce((SELECT sum(x.relpages)::int4
                              FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
                              WHERE i.indrelid = c.reltoastrelid), 0)
FROM pg_class c
CROSS JOIN LATERAL (SELECT o.relpages FROM pg_class o WHERE o.oid = c.reltoastrelid OFFSET 0) t
WHERE c.oid > $1::oid AND c.oid <= $2::oid
  AND c.relkind IN ('r', 'm')
  AND c.reltoastrelid <> 0
  AND t.relpages > 0
