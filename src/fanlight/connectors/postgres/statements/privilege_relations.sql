-- What some roles may do with tables, views, sequences and their columns: as owner, or by a grant to them or to
-- every role. The system's own relations count only where more was granted than the product itself grants.
-- Of information_schema the server keeps no record of what it was made with: SELECT is every role's. Nobody but a
-- superuser changes the catalogue tables, whatever was granted.
-- In: $1 oids of the roles, $2 and $3 whether one of them may read, write every table there is, $4 how many
-- to list.
-- Out: first sums by kind, level and holder (how many, how many owned, and a hash of all); then the weightiest:
-- path, rights, grantors other than the owner. Levels: 1 beyond reading, 2 rows of data, 3 every role's by an
-- extension's own script. Last, of kind 'all': how many tables' rows could be read; changed; both; how many could be,
-- but for a schema that may not be entered; and on how many there are other rights beyond reading only.
-- Takes no lock on anything but the catalogue tables: nothing here opens the relations themselves.
-- PostgreSQL 13 and later. Index: pg_init_privs_o_c_o_index.
WITH relations AS (
    SELECT c.oid, c.relname, c.relkind, c.relowner, c.relacl, n.nspname,
           n.nspname LIKE 'pg\_%' OR n.nspname = 'information_schema' AS is_system,
           $2 OR $3 OR n.nspowner = ANY ($1::_oid)
               OR EXISTS (SELECT 1 FROM aclexplode(n.nspacl) x
                          WHERE x.privilege_type = 'USAGE' AND (x.grantee = 0 OR x.grantee = ANY ($1::_oid)))
               AS may_enter
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
),
granted AS (
    SELECT c.oid, 0 AS position, x.grantee, x.grantor, x.privilege_type, x.is_grantable
    FROM relations c CROSS JOIN LATERAL aclexplode(c.relacl) x
    WHERE x.grantee = 0 OR x.grantee = ANY ($1::_oid)
    UNION ALL
    SELECT a.attrelid, a.attnum, x.grantee, x.grantor, x.privilege_type, x.is_grantable
    FROM pg_attribute a CROSS JOIN LATERAL aclexplode(a.attacl) x
    WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND (x.grantee = 0 OR x.grantee = ANY ($1::_oid))
),
entries AS MATERIALIZED (
    SELECT c.oid, 0 AS position, c.relowner AS holder, NULL::oid AS grantor, 'OWNER' AS name, 1 AS level
    FROM relations c
    WHERE c.relowner = ANY ($1::_oid) AND NOT c.is_system
    UNION ALL
    SELECT g.oid, g.position, g.grantee, nullif(g.grantor, c.relowner), r.name,
           CASE WHEN r.name <> 'SELECT' THEN 1 WHEN i.is_initial THEN 3 ELSE 2 END
    FROM granted g
    JOIN relations c ON c.oid = g.oid
    CROSS JOIN LATERAL (
        SELECT c.nspname = 'information_schema' AND g.grantee = 0 AND g.privilege_type = 'SELECT'
               OR EXISTS (SELECT 1
                          FROM pg_init_privs p CROSS JOIN LATERAL aclexplode(p.initprivs) x
                          WHERE p.classoid = 'pg_class'::regclass AND p.objoid = g.oid AND p.objsubid = g.position
                            AND x.grantee = g.grantee AND x.privilege_type = g.privilege_type) AS is_initial) i
    CROSS JOIN LATERAL (
        VALUES (g.privilege_type, true), (g.privilege_type || ' WITH GRANT OPTION', g.is_grantable))
        AS r (name, is_held)
    WHERE r.is_held AND g.grantee <> c.relowner
      AND (NOT i.is_initial OR NOT c.is_system AND (g.grantee = 0 OR r.name <> 'SELECT'))
      AND (NOT (c.nspname = 'pg_catalog' AND c.relkind = 'r') OR r.name LIKE 'SELECT%')
),
held AS MATERIALIZED (
    SELECT CASE WHEN e.position <> 0 THEN 'column'
                WHEN c.relkind = 'S' THEN 'sequence'
                WHEN c.relkind IN ('v', 'm') THEN 'view'
                ELSE 'table' END AS kind,
           min(e.level) AS level,
           coalesce(h.rolname::text, 'public') AS holder,
           array_remove(ARRAY[c.nspname::text, c.relname::text, a.attname::text], NULL::text) AS path,
           array_agg(DISTINCT e.name) AS rights,
           array_agg(DISTINCT g.rolname::text) FILTER (WHERE g.rolname IS NOT NULL) AS grantors
    FROM entries e
    JOIN relations c ON c.oid = e.oid
    LEFT JOIN pg_attribute a ON a.attrelid = e.oid AND a.attnum = e.position AND e.position <> 0
    LEFT JOIN pg_roles h ON h.oid = e.holder
    LEFT JOIN pg_roles g ON g.oid = e.grantor
    GROUP BY e.oid, e.position, c.relkind, c.nspname, c.relname, a.attname, h.rolname
),
may AS (
    SELECT c.may_enter,
           $2 AND NOT c.is_system
               OR coalesce(bool_or(e.name IN ('OWNER', 'SELECT') AND e.level < 3), false) AS reads,
           $3 AND NOT c.is_system
               OR coalesce(bool_or(e.name IN ('OWNER', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')), false) AS writes,
           coalesce(bool_or(e.level = 1), false) AS is_excessive
    FROM relations c LEFT JOIN entries e ON e.oid = c.oid
    WHERE c.relkind <> 'S' AND (NOT c.is_system OR e.oid IS NOT NULL)
    GROUP BY c.oid, c.is_system, c.may_enter
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
     LIMIT $4)
    UNION ALL
    SELECT 'all', 0, '',
           ARRAY[(count(*) FILTER (WHERE m.may_enter AND m.reads))::text,
                 (count(*) FILTER (WHERE m.may_enter AND m.writes))::text,
                 (count(*) FILTER (WHERE m.may_enter AND m.reads AND m.writes))::text,
                 (count(*) FILTER (WHERE NOT m.may_enter AND (m.reads OR m.writes)))::text,
                 (count(*) FILTER (WHERE m.is_excessive AND NOT m.writes))::text],
           NULL::text[], NULL::text[], NULL::text[]
    FROM may m
) AS answer
