-- Settings of the server that some roles may set or alter although only a superuser may by default.
-- In: $1 oids of the roles, $2 how many to list.
-- Out: first sums by kind, level and holder (how many, zero, and a hash of all); then the first: path, rights,
-- grantors other than the role that the server was made by.
-- Takes no lock on anything but the catalogue table. PostgreSQL 15 and later.
WITH held AS MATERIALIZED (
    SELECT coalesce(h.rolname::text, 'public') AS holder,
           ARRAY[p.parname] AS path,
           array_agg(DISTINCT r.name) AS rights,
           array_agg(DISTINCT g.rolname::text) FILTER (WHERE g.rolname IS NOT NULL) AS grantors
    FROM pg_parameter_acl p
    CROSS JOIN LATERAL aclexplode(p.paracl) x
    CROSS JOIN LATERAL (
        VALUES (x.privilege_type, true), (x.privilege_type || ' WITH GRANT OPTION', x.is_grantable))
        AS r (name, is_held)
    LEFT JOIN pg_roles h ON h.oid = x.grantee
    LEFT JOIN pg_roles g ON g.oid = x.grantor AND g.oid <> 10
    WHERE (x.grantee = 0 OR x.grantee = ANY ($1::_oid)) AND x.grantee <> 10 AND r.is_held
    GROUP BY p.oid, p.parname, h.rolname
)
SELECT 'parameter' AS kind, 1 AS level, answer.holder, answer.sums, answer.path, answer.rights, answer.grantors
FROM (
    SELECT h.holder,
           ARRAY[count(*)::text,
                 '0',
                 sum(hashtextextended(h.path::text || h.rights::text || coalesce(h.grantors::text, ''), 0))::text]
               AS sums,
           NULL::text[] AS path, NULL::text[] AS rights, NULL::text[] AS grantors
    FROM held h
    GROUP BY h.holder
    UNION ALL
    (SELECT h.holder, NULL::text[], h.path, h.rights, h.grantors
     FROM held h
     ORDER BY h.path COLLATE "C", h.holder COLLATE "C"
     LIMIT $2)
) AS answer
