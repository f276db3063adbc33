-- The pages of the indexes and of the out-of-line storage of the relations in a range of oids, as last
-- counted by the server's own VACUUM or ANALYZE: an estimate, because asking for the true size would wait
-- on locks.
-- In: $1 and $2, the range (above $1, up to $2). Out: oid of the relation, pages.
-- Takes no lock on anything but the catalogue tables, as every reader does.
-- PostgreSQL 13 and later. Indexes: pg_index_indrelid_index, pg_class_oid_index.
SELECT p.oid,
       sum(p.pages)::int8
FROM (SELECT i.indrelid AS oid, x.relpages AS pages
      FROM pg_index i
      JOIN pg_class x ON x.oid = i.indexrelid
      WHERE i.indrelid > $1::oid AND i.indrelid <= $2::oid AND x.relpages > 0
      UNION ALL
      SELECT c.oid, t.relpages + coalesce(x.relpages, 0)
      FROM pg_class c
      JOIN pg_class t ON t.oid = c.reltoastrelid
      LEFT JOIN pg_index i ON i.indrelid = t.oid
      LEFT JOIN pg_class x ON x.oid = i.indexrelid
      WHERE c.oid > $1::oid AND c.oid <= $2::oid AND c.relkind IN ('r', 'm')) p
GROUP BY p.oid
