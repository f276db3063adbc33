-- The languages of functions.
-- In: nothing. Out: oid, name.
-- Takes no lock on anything but the catalogue table, as every reader does. PostgreSQL 13 and later.
SELECT l.oid,
       l.lanname::text
FROM pg_language l
