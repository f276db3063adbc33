-- Every right on a relation of the schema, or on a column of one, that somebody has who does not own it.
-- in: nothing. out: relation, column or '', role or 'PUBLIC', privilege in lower case, whether it may be passed on.
-- index: pg_attribute's by relation
SELECT c.relname::text, '', coalesce(r.rolname::text, 'PUBLIC'), lower(a.privilege_type), a.is_grantable
FROM pg_class c, aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relnamespace = 'public'::regnamespace AND a.grantee <> c.relowner
UNION ALL
SELECT c.relname::text, t.attname::text, coalesce(r.rolname::text, 'PUBLIC'), lower(a.privilege_type), a.is_grantable
FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid AND NOT t.attisdropped,
  aclexplode(t.attacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relnamespace = 'public'::regnamespace AND a.grantee <> c.relowner
