-- What some roles may do with tables, views, sequences and their columns: as owner, or by a grant to them or to
-- every role. The system's own relations count only where more was granted than the product itself grants.
-- Of information_schema the server keeps no record of what it was made with: SELECT is every role's. Nobody but a
-- superuser changes a catalogue table by a right to all of it; by one to its columns, anybody does who has it.
-- In: $1 oids of the roles, $2 and $3 whether one of them may read, write every table there is, $4 how many
-- to list.
-- Out: first sums by kind, level and holder (how many, how many owned, and a hash of all); then the weightiest:
-- path, rights, grantors other than the owner. Levels: 1 beyond reading, 2 rows of data, 3 every role's by an
-- extension's own script. Last, of kind 'all': how many tables' rows could be read; changed; both; how many could be,
-- but for a schema that may not be entered; and on how many there are other rights beyond reading only.
-- Takes no lock on anything but the catalogue tables: nothing here opens the relations themselves.
-- PostgreSQL 13 and later. Index: pg_init_privs_o_c_o_index.
WITH schemas AS (
    SELECT n.oid, n.nspname, n.nspname LIKE 'pg\_%' OR n.nspname = 'information_schema' AS is_system,
           $2 OR $3 OR n.nspowner = ANY ($1::_oid)
               OR EXISTS (SELECT 1 FROM aclexplode(n.nspacl) x
                          WHERE x.privilege_type = 'USAGE' AND (x.grantee = 0 OR x.grantee = ANY ($1::_oid)))
               AS may_enter
    FROM pg_namespace n
),
things AS (
    SELECT c.oid, 0 AS position, NULL::name AS attname, c.relname, c.relkind, c.relnamespace, c.relowner,
           c.relacl AS acl
    FROM pg_class c
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND (c.relacl IS NOT NULL OR c.relowner = ANY ($1::_oid))
    UNION ALL
    SELECT c.oid, a.attnum, a.attname, c.relname, c.relkind, c.relnamespace, c.relowner, a.attacl
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
),
held AS MATERIALIZED (
    SELECT t.oid,
           CASE WHEN t.position <> 0 THEN 'column'
                WHEN t.relkind = 'S' THEN 'sequence'
                WHEN t.relkind IN ('v', 'm') THEN 'view'
                ELSE 'table' END AS kind,
           array_remove(ARRAY[s.nspname::text, t.relname::text, t.attname::text], NULL::text) AS path,
           g.holder, g.level, g.rights, g.grantors, g.reads, g.writes
    FROM things t
    JOIN schemas s ON s.oid = t.relnamespace
    LEFT JOIN pg_init_privs i
           ON i.classoid = 'pg_class'::regclass AND i.objoid = t.oid AND i.objsubid = t.position
    CROSS JOIN LATERAL (
        SELECT e.holder,
               min(e.level) AS level,
               array_agg(DISTINCT e.name) AS rights,
               array_agg(DISTINCT e.grantor) FILTER (WHERE e.grantor IS NOT NULL) AS grantors,
               bool_or(e.name IN ('OWNER', 'SELECT') AND e.level < 3) AS reads,
               bool_or(e.name IN ('OWNER', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')) AS writes
        FROM (
            SELECT t.relowner AS holder, NULL::oid AS grantor, 'OWNER' AS name, 1 AS level
            WHERE t.position = 0 AND NOT s.is_system AND t.relowner = ANY ($1::_oid)
            UNION ALL
            SELECT x.grantee, nullif(x.grantor, t.relowner), r.name,
                   CASE WHEN r.name <> 'SELECT' THEN 1 WHEN p.is_initial THEN 3 ELSE 2 END
            FROM aclexplode(t.acl) x
            CROSS JOIN LATERAL (
                SELECT s.nspname = 'information_schema' AND x.grantee = 0 AND x.privilege_type = 'SELECT'
                       OR i.initprivs IS NOT NULL
                           AND EXISTS (SELECT 1 FROM aclexplode(i.initprivs) y
                                       WHERE y.grantee = x.grantee AND y.privilege_type = x.privilege_type)
                       AS is_initial) p
            CROSS JOIN LATERAL (
                VALUES (x.privilege_type, true), (x.privilege_type || ' WITH GRANT OPTION', x.is_grantable))
                AS r (name, is_held)
            WHERE (x.grantee = 0 OR x.grantee = ANY ($1::_oid)) AND x.grantee <> t.relowner AND r.is_held
              AND (NOT p.is_initial OR NOT s.is_system AND (x.grantee = 0 OR r.name <> 'SELECT'))
              AND (NOT (s.nspname = 'pg_catalog' AND t.relkind = 'r' AND t.position = 0)
                   OR r.name NOT IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'))
        ) e
        GROUP BY e.holder) g
),
may AS (
    SELECT s.may_enter,
           $2 AND NOT s.is_system OR coalesce(h.reads, false) AS reads,
           $3 AND NOT s.is_system OR coalesce(h.writes, false) AS writes,
           coalesce(h.is_excessive, false) AS is_excessive
    FROM pg_class c
    JOIN schemas s ON s.oid = c.relnamespace
    LEFT JOIN (SELECT held.oid, bool_or(held.reads) AS reads, bool_or(held.writes) AS writes,
                      bool_or(held.level = 1) AS is_excessive
               FROM held
               GROUP BY held.oid) h ON h.oid = c.oid
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
)
SELECT answer.kind,
       answer.level,
       CASE WHEN answer.holder = 0 THEN 'public' ELSE r.rolname::text END,
       answer.sums,
       answer.path,
       answer.rights,
       ARRAY(SELECT g.rolname::text FROM pg_roles g WHERE g.oid = ANY (answer.grantors))
FROM (
    SELECT h.kind, h.level, h.holder,
           ARRAY[count(*)::text,
                 (count(*) FILTER (WHERE 'OWNER' = ANY (h.rights)))::text,
                 sum(hashtextextended(h.path::text || h.rights::text || coalesce(h.grantors::text, ''), 0))::text]
               AS sums,
           NULL::text[] AS path, NULL::text[] AS rights, NULL::_oid AS grantors
    FROM held h
    GROUP BY h.kind, h.level, h.holder
    UNION ALL
    (SELECT h.kind, h.level, h.holder, NULL::text[], h.path, h.rights, h.grantors
     FROM held h
     ORDER BY h.level, h.kind, h.path COLLATE "C", h.holder
     LIMIT $4)
    UNION ALL
    SELECT 'all', 0, 0::oid,
           ARRAY[(count(*) FILTER (WHERE m.may_enter AND m.reads))::text,
                 (count(*) FILTER (WHERE m.may_enter AND m.writes))::text,
                 (count(*) FILTER (WHERE m.may_enter AND m.reads AND m.writes))::text,
                 (count(*) FILTER (WHERE NOT m.may_enter AND (m.reads OR m.writes)))::text,
                 (count(*) FILTER (WHERE m.is_excessive AND NOT m.writes))::text],
           NULL::text[], NULL::text[], NULL::_oid
    FROM may m
) AS answer
LEFT JOIN pg_roles r ON r.oid = answer.holder
