-- The roles whose rights this credential could use: its own, and those that it is a member of, near or far.
-- In: nothing. Out: oid, name, whether it is the credential's own, the memberships of its own that lead there
-- (none for those it holds directly), how it holds it, who granted it, attributes, whether it may act as it.
-- Since PostgreSQL 16 each membership says whether the member inherits the role's rights, may become it (SET
-- ROLE), and may grant it, also to itself (a superuser's role only a superuser may grant). What is only inherited
-- leads on by inheritance alone.
-- The owner of a database is a member of pg_database_owner, which no grant says.
-- Takes no lock on anything but the catalogue tables, as every reader does. PostgreSQL 16 and later.
-- Index: pg_authid_rolname_index, pg_auth_members_member_role_index.
WITH RECURSIVE edges AS (
    SELECT m.member, m.roleid AS role, m.admin_option AND NOT r.rolsuper AS may_grant, m.inherit_option AS inherits,
           m.set_option AS may_become, m.grantor
    FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
    UNION ALL
    SELECT d.datdba, o.oid, false, true, true, NULL::oid
    FROM pg_database d CROSS JOIN pg_roles o
    WHERE d.datname = current_database() AND o.rolname = 'pg_database_owner'
),
reach AS (
    SELECT e.role, e.role AS hop, e.may_become OR e.may_grant AS may_act
    FROM edges e JOIN pg_roles r ON r.oid = e.member
    WHERE r.rolname = session_user AND (e.inherits OR e.may_become OR e.may_grant)
    UNION
    SELECT e.role, reach.hop, reach.may_act AND e.may_become OR e.may_grant
    FROM reach JOIN edges e ON e.member = reach.role
    WHERE e.inherits OR e.may_grant OR reach.may_act AND e.may_become
),
found AS (
    SELECT r.oid AS role, NULL::text AS hop, NULL::text AS held, NULL::text AS grantor, true AS is_own,
           true AS may_act
    FROM pg_roles r
    WHERE r.rolname = session_user
    UNION ALL
    SELECT reach.role, CASE WHEN reach.hop <> reach.role THEN h.rolname::text END, NULL::text, NULL::text, false,
           reach.may_act
    FROM reach JOIN pg_roles h ON h.oid = reach.hop
    UNION ALL
    SELECT e.role, NULL::text, held.name, g.rolname::text, false, false
    FROM edges e
    JOIN pg_roles r ON r.oid = e.member
    LEFT JOIN pg_roles g ON g.oid = e.grantor
    CROSS JOIN LATERAL (VALUES ('ADMIN', e.may_grant), ('INHERIT', e.inherits), ('SET', e.may_become))
        AS held (name, is_held)
    WHERE r.rolname = session_user AND held.is_held
)
SELECT r.oid,
       r.rolname::text,
       bool_or(f.is_own),
       array_agg(DISTINCT f.hop) FILTER (WHERE f.hop IS NOT NULL),
       array_agg(DISTINCT f.held) FILTER (WHERE f.held IS NOT NULL),
       array_agg(DISTINCT f.grantor) FILTER (WHERE f.grantor IS NOT NULL),
       ARRAY[r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolreplication, r.rolbypassrls],
       bool_or(f.may_act)
FROM found f JOIN pg_roles r ON r.oid = f.role
GROUP BY r.oid, r.rolname, r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolreplication, r.rolbypassrls
ORDER BY r.rolname
