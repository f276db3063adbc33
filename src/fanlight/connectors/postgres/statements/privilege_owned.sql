-- Whatever else some roles own here: functions, types, operators, publications, event triggers and so on. What the
-- server was made with, and the role it was made by, are not on its list.
-- In: $1 oids of the roles, $2 how many to list.
-- Out: first sums by holder (how many, the same again, and a hash of all); then the first: kind, name as the
-- server writes it.
-- Tables, schemas, databases, tablespaces, foreign servers and large objects have statements of their own. Default
-- privileges and user mappings are settings for a role, which nobody owns.
-- Takes no lock on anything but the catalogue tables. PostgreSQL 13 and later.
-- Index: pg_shdepend_reference_index.
WITH held AS MATERIALIZED (
    SELECT s.classid, s.objid, r.rolname::text AS holder
    FROM pg_shdepend s
    JOIN pg_roles r ON r.oid = s.refobjid
    JOIN pg_class k ON k.oid = s.classid
    WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = ANY ($1::_oid) AND s.deptype = 'o'
      AND s.dbid IN (0, (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))
      AND k.relname NOT IN ('pg_class', 'pg_namespace', 'pg_database', 'pg_tablespace', 'pg_foreign_data_wrapper',
                            'pg_foreign_server', 'pg_largeobject', 'pg_default_acl', 'pg_user_mapping')
),
listed AS (
    SELECT h.classid, h.objid, h.holder
    FROM held h
    ORDER BY h.classid, h.objid
    LIMIT $2
)
SELECT answer.kind, 1 AS level, answer.holder, answer.sums, answer.path, answer.rights, NULL::text[] AS grantors
FROM (
    SELECT 'owned' AS kind, h.holder,
           ARRAY[count(*)::text, count(*)::text,
                 sum(hashint8extended(h.classid::bigint * 4294967296 + h.objid::bigint, 0))::text] AS sums,
           NULL::text[] AS path, NULL::text[] AS rights
    FROM held h
    GROUP BY h.holder
    UNION ALL
    SELECT i.type, l.holder, NULL::text[], ARRAY[i.identity], ARRAY['OWNER']
    FROM listed l CROSS JOIN LATERAL pg_identify_object(l.classid, l.objid, 0) AS i
) AS answer
