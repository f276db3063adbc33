-- Functions that some roles may run and that do more than the caller could: those that run with their owner's
-- rights (SECURITY DEFINER), those in languages that reach outside, those of the system or of extensions that are
-- not for everybody unless granted; and what writes although every role may run it from the start: large objects,
-- dblink, messages into the write-ahead log.
-- In: $1 oids of the roles, $2 whether one of them may enter every schema, $3 how many to list.
-- Out: first sums by kind, level and holder (how many, how many not the system's, and a hash of all); then the
-- weightiest: path, rights, grantors other than the owner, schemas and names of the argument types.
-- Levels: 1 granted beyond the product's defaults, 3 by those defaults to every role that may enter the schema.
-- Takes no lock on anything but the catalogue tables. PostgreSQL 13 and later. Index: pg_init_privs_o_c_o_index.
WITH granted AS (
    SELECT p.oid, x.grantee, nullif(x.grantor, p.proowner) AS grantor, x.is_grantable,
           EXISTS (SELECT 1
                   FROM aclexplode(coalesce((SELECT i.initprivs
                                             FROM pg_init_privs i
                                             WHERE i.classoid = 'pg_proc'::regclass AND i.objoid = p.oid
                                               AND i.objsubid = 0),
                                            acldefault('f', p.proowner))) d
                   WHERE d.grantee = x.grantee) AS is_initial,
           p.prosecdef OR l.lanispl AND NOT l.lanpltrusted
               OR p.pronamespace = 'pg_catalog'::regnamespace
                   AND p.proname IN ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_put', 'lo_truncate',
                                     'lo_truncate64', 'lo_unlink', 'lowrite', 'pg_logical_emit_message')
               OR l.lanname = 'c' AND p.proname LIKE 'dblink%' AS is_telling,
           p.prosecdef OR NOT l.lanpltrusted AS is_beyond,
           $2 OR n.nspowner = ANY ($1::_oid)
               OR EXISTS (SELECT 1 FROM aclexplode(n.nspacl) u
                          WHERE u.privilege_type = 'USAGE' AND (u.grantee = 0 OR u.grantee = ANY ($1::_oid)))
               AS may_enter
    FROM pg_proc p
    JOIN pg_namespace n ON n.oid = p.pronamespace
    JOIN pg_language l ON l.oid = p.prolang
    CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
    WHERE (x.grantee = 0 OR x.grantee = ANY ($1::_oid)) AND x.grantee <> p.proowner
),
entries AS (
    SELECT g.oid, g.grantee, g.grantor, r.name,
           CASE WHEN g.is_initial AND r.name = 'EXECUTE' THEN 3 ELSE 1 END AS level
    FROM granted g
    CROSS JOIN LATERAL (VALUES ('EXECUTE', true), ('EXECUTE WITH GRANT OPTION', g.is_grantable))
        AS r (name, is_held)
    WHERE r.is_held
      AND CASE WHEN NOT g.is_initial OR r.name <> 'EXECUTE' THEN g.is_beyond OR r.name <> 'EXECUTE'
               ELSE g.is_telling AND g.grantee = 0 AND g.may_enter END
),
held AS MATERIALIZED (
    SELECT CASE WHEN p.prokind = 'p' THEN 'procedure' ELSE 'function' END AS kind,
           min(e.level) AS level,
           coalesce(h.rolname::text, 'public') AS holder,
           ARRAY[n.nspname::text, p.proname::text] AS path,
           array_agg(DISTINCT e.name) AS rights,
           array_agg(DISTINCT g.rolname::text) FILTER (WHERE g.rolname IS NOT NULL) AS grantors,
           p.proargtypes::_oid AS arguments
    FROM entries e
    JOIN pg_proc p ON p.oid = e.oid
    JOIN pg_namespace n ON n.oid = p.pronamespace
    LEFT JOIN pg_roles h ON h.oid = e.grantee
    LEFT JOIN pg_roles g ON g.oid = e.grantor
    GROUP BY p.oid, p.prokind, n.nspname, p.proname, p.proargtypes, h.rolname
),
listed AS (
    SELECT h.kind, h.level, h.holder, h.path, h.rights, h.grantors, h.arguments
    FROM held h
    ORDER BY h.level, h.kind, h.path COLLATE "C", h.arguments, h.holder COLLATE "C"
    LIMIT $3
)
SELECT answer.kind, answer.level, answer.holder, answer.sums, answer.path, answer.rights, answer.grantors,
       answer.type_schemas, answer.type_names
FROM (
    SELECT h.kind, h.level, h.holder,
           ARRAY[count(*)::text,
                 (count(*) FILTER (WHERE h.path[1] <> 'pg_catalog'))::text,
                 sum(hashtextextended(h.path::text || h.arguments::text || h.rights::text
                                      || coalesce(h.grantors::text, ''), 0))::text] AS sums,
           NULL::text[] AS path, NULL::text[] AS rights, NULL::text[] AS grantors,
           NULL::text[] AS type_schemas, NULL::text[] AS type_names
    FROM held h
    GROUP BY h.kind, h.level, h.holder
    UNION ALL
    SELECT l.kind, l.level, l.holder, NULL::text[], l.path, l.rights, l.grantors,
           ARRAY(SELECT n.nspname::text
                 FROM unnest(l.arguments) WITH ORDINALITY AS u (oid, place)
                 JOIN pg_type t ON t.oid = u.oid
                 JOIN pg_namespace n ON n.oid = t.typnamespace
                 ORDER BY u.place),
           ARRAY(SELECT t.typname::text
                 FROM unnest(l.arguments) WITH ORDINALITY AS u (oid, place)
                 JOIN pg_type t ON t.oid = u.oid
                 ORDER BY u.place)
    FROM listed l
) AS answer
