-- The subscriptions of the database. How they connect is a secret, which the source shows to superusers only
-- and which is never read.
-- In: nothing. Out: name, owner, whether enabled, names of the publications.
-- Takes no lock on anything but the catalogue tables, as every reader does. PostgreSQL 13 and later.
SELECT s.subname::text,
       pg_get_userbyid(s.subowner)::text,
       s.subenabled,
       s.subpublications
FROM pg_subscription s
JOIN pg_database d ON d.oid = s.subdbid
WHERE d.datname = current_database()
