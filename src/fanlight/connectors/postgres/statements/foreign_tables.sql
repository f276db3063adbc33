-- The server that each foreign table in a range of oids points to, and the names of its options. Their
-- values may be secrets: the source itself cuts them off.
-- In: $1 and $2, the range (above $1, up to $2). Out: oid of the relation, name of the server, names of
-- options.
-- Takes no lock on anything but the catalogue tables, as every reader does.
-- PostgreSQL 13 and later. Index: pg_foreign_table_relid_index.
SELECT f.ftrelid,
       s.srvname::text,
       ARRAY(SELECT split_part(u.option, '=', 1)
             FROM unnest(f.ftoptions) WITH ORDINALITY AS u (option, place)
             ORDER BY u.place)
FROM pg_foreign_table f
JOIN pg_foreign_server s ON s.oid = f.ftserver
WHERE f.ftrelid > $1::oid AND f.ftrelid <= $2::oid
