-- What some roles may do with databases, schemas, tablespaces, foreign servers, foreign-data wrappers and large
-- objects: as owner, or by a grant to them or to every role. CONNECT, and USAGE of a schema, are no more than
-- reading the catalogue needs.
-- In: $1 oids of the roles, $2 how many to list.
-- Out: first sums by kind, level and holder (how many, how many owned, and a hash of all); then the weightiest:
-- path, rights, grantors other than the owner. Levels: 1 beyond reading, 2 data, 3 every role's by default (TEMPORARY).
-- CREATE on the schema public counts as beyond reading even where PostgreSQL 14 and earlier gave it to every
-- role: what is left there may be run by others.
-- Takes no lock on anything but the catalogue tables. PostgreSQL 13 and later.
WITH objects AS (
    SELECT 'database' AS kind, d.datname::text AS name, d.datdba AS owner, true AS may_be_owned,
           coalesce(d.datacl, acldefault('d', d.datdba)) AS acl, d.datname = current_database() AS is_here
    FROM pg_database d
    UNION ALL
    SELECT 'schema', n.nspname::text, n.nspowner,
           n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema', n.nspacl, true
    FROM pg_namespace n
    UNION ALL
    SELECT 'tablespace', t.spcname::text, t.spcowner, t.spcname NOT LIKE 'pg\_%', t.spcacl, true
    FROM pg_tablespace t
    UNION ALL
    SELECT 'foreign data wrapper', w.fdwname::text, w.fdwowner, true, w.fdwacl, true
    FROM pg_foreign_data_wrapper w
    UNION ALL
    SELECT 'foreign server', s.srvname::text, s.srvowner, true, s.srvacl, true
    FROM pg_foreign_server s
    UNION ALL
    SELECT 'large object', m.oid::text, m.lomowner, true, m.lomacl, true
    FROM pg_largeobject_metadata m
),
entries AS (
    SELECT o.kind, o.name AS object, o.owner AS holder, NULL::oid AS grantor, 'OWNER' AS name, 1 AS level
    FROM objects o
    WHERE o.may_be_owned AND o.owner = ANY ($1::_oid)
    UNION ALL
    SELECT o.kind, o.name, x.grantee, nullif(x.grantor, o.owner), r.name,
           CASE WHEN r.name = 'SELECT' THEN 2 WHEN r.name = 'TEMPORARY' AND x.grantee = 0 THEN 3 ELSE 1 END
    FROM objects o
    CROSS JOIN LATERAL aclexplode(o.acl) x
    CROSS JOIN LATERAL (
        VALUES (x.privilege_type, true), (x.privilege_type || ' WITH GRANT OPTION', x.is_grantable))
        AS r (name, is_held)
    WHERE (x.grantee = 0 OR x.grantee = ANY ($1::_oid)) AND x.grantee <> o.owner AND r.is_held
      AND r.name <> 'CONNECT'
      AND NOT (o.kind = 'schema' AND r.name = 'USAGE')
      AND (o.is_here OR r.name <> 'TEMPORARY')
),
held AS MATERIALIZED (
    SELECT e.kind, min(e.level) AS level, coalesce(h.rolname::text, 'public') AS holder, ARRAY[e.object] AS path,
           array_agg(DISTINCT e.name) AS rights,
           array_agg(DISTINCT g.rolname::text) FILTER (WHERE g.rolname IS NOT NULL) AS grantors
    FROM entries e
    LEFT JOIN pg_roles h ON h.oid = e.holder
    LEFT JOIN pg_roles g ON g.oid = e.grantor
    GROUP BY e.kind, e.object, h.rolname
)
SELECT answer.kind, answer.level, answer.holder, answer.sums, answer.path, answer.rights, answer.grantors
FROM (
    SELECT h.kind, h.level, h.holder,
           ARRAY[count(*)::text,
                 (count(*) FILTER (WHERE 'OWNER' = ANY (h.rights)))::text,
                 sum(hashtextextended(h.path::text || h.rights::text || coalesce(h.grantors::text, ''), 0))::text]
               AS sums,
           NULL::text[] AS path, NULL::text[] AS rights, NULL::text[] AS grantors
    FROM held h
    GROUP BY h.kind, h.level, h.holder
    UNION ALL
    (SELECT h.kind, h.level, h.holder, NULL::text[], h.path, h.rights, h.grantors
     FROM held h
     ORDER BY h.level, h.kind, h.path COLLATE "C", h.holder COLLATE "C"
     LIMIT $2)
) AS answer
