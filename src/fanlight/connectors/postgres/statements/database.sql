-- The connected database itself: owner, encoding, comment.
-- In: nothing. Out: one row.
-- Takes no lock on anything but the catalogue tables, as every reader does. PostgreSQL 13 and later.
SELECT pg_get_userbyid(d.datdba)::text,
       pg_encoding_to_char(d.encoding)::text,
       left(s.description, 100001)
FROM pg_database d
LEFT JOIN pg_shdescription s ON s.objoid = d.oid AND s.classoid = 'pg_database'::regclass
WHERE d.datname = current_database()
