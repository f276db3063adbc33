-- The row security policies on the relations in a range of oids.
-- In: $1 and $2, the range (above $1, up to $2).
-- Out: oid of the relation, oid, name, command, whether permissive, roles ('public' for everybody), whether
-- it has expressions.
-- Takes no lock on anything but the catalogue table: no expression is asked for here.
-- PostgreSQL 13 and later. Index: pg_policy_polrelid_polname_index.
SELECT p.polrelid,
       p.oid,
       p.polname::text,
       p.polcmd::text,
       p.polpermissive,
       ARRAY(SELECT CASE WHEN u.role = 0 THEN 'public' ELSE pg_get_userbyid(u.role)::text END
             FROM unnest(p.polroles) WITH ORDINALITY AS u (role, place)
             ORDER BY u.place),
       p.polqual IS NOT NULL OR p.polwithcheck IS NOT NULL
FROM pg_policy p
WHERE p.polrelid > $1::oid AND p.polrelid <= $2::oid
