-- The publications of the database.
-- In: nothing.
-- Out: oid, name, owner, whether of all tables, whether inserts, updates, deletes and truncations go along,
-- whether partitions go as their table, whether generated columns go along.
-- Takes no lock on anything but the catalogue table, as every reader does. PostgreSQL 13 to 17.
SELECT p.oid,
       p.pubname::text,
       pg_get_userbyid(p.pubowner)::text,
       p.puballtables,
       p.pubinsert,
       p.pubupdate,
       p.pubdelete,
       p.pubtruncate,
       p.pubviaroot,
       'n'::text AS generated
FROM pg_publication p
