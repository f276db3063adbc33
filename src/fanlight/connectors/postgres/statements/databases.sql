-- The databases of the server by name, and whether this role may connect to each.
-- In: nothing. Out: name, may connect; templates are left out.
-- Takes no lock on anything but the catalogue table, as every reader does. PostgreSQL 13 and later.
SELECT d.datname::text,
       d.datallowconn AND has_database_privilege(d.oid, 'CONNECT')
FROM pg_database d
WHERE NOT d.datistemplate
ORDER BY d.datname
