-- The attributes of our roles, and what they are members of.
-- in: roles. out: role, whether it has any attribute that sees or makes more than its grants say, memberships in order.
-- index: pg_auth_members' by member
SELECT r.rolname::text, r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication,
  ARRAY(SELECT pg_get_userbyid(m.roleid)::text FROM pg_auth_members m WHERE m.member = r.oid ORDER BY 1)
FROM pg_roles r
WHERE r.rolname = ANY(%(roles)s)
