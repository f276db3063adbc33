-- The foreign servers of the database, with the names of their options. The options' values may be secrets:
-- the source itself cuts them off. User mappings are never read.
-- In: nothing. Out: oid, name, wrapper, owner, type, version, names of options.
-- Takes no lock on anything but the catalogue tables, as every reader does. PostgreSQL 13 and later.
SELECT s.oid,
       s.srvname::text,
       w.fdwname::text,
       pg_get_userbyid(s.srvowner)::text,
       s.srvtype,
       s.srvversion,
       ARRAY(SELECT split_part(u.option, '=', 1)
             FROM unnest(s.srvoptions) WITH ORDINALITY AS u (option, place)
             ORDER BY u.place)
FROM pg_foreign_server s
JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
