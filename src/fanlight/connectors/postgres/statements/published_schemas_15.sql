-- Which publications take whole schemas.
-- In: nothing. Out: oid of the schema, name of the publication.
-- Takes no lock on anything but the catalogue tables, as every reader does. PostgreSQL 15 and later.
SELECT s.pnnspid,
       p.pubname::text
FROM pg_publication_namespace s
JOIN pg_publication p ON p.oid = s.pnpubid
