-- What the relations in a range of oids inherit from: parents of a child, or the table of a partition.
-- In: $1 and $2, the range (above $1, up to $2). Out: oid of the child, place, schema and name of the parent.
-- Takes no lock on anything but the catalogue tables, as every reader does.
-- PostgreSQL 13 and later. Index: pg_inherits_relid_seqno_index.
SELECT h.inhrelid,
       h.inhseqno,
       n.nspname::text,
       p.relname::text
FROM pg_inherits h
JOIN pg_class p ON p.oid = h.inhparent
JOIN pg_namespace n ON n.oid = p.relnamespace
WHERE h.inhrelid > $1::oid AND h.inhrelid <= $2::oid
  AND p.relkind IN ('r', 'p', 'f')
