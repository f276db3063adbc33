-- The server that each foreign table in a range of oids points to. Options are not read: they may hold
-- secrets.
-- In: $1 and $2, the range (above $1, up to $2). Out: oid of the relation, name of the server.
-- Takes no lock on anything but the catalogue tables, as every reader does.
-- PostgreSQL 13 and later. Index: pg_foreign_table_relid_index.
SELECT f.ftrelid,
       s.srvname::text
FROM pg_foreign_table f
JOIN pg_foreign_server s ON s.oid = f.ftserver
WHERE f.ftrelid > $1::oid AND f.ftrelid <= $2::oid
