-- Every function that runs as its owner, and is not the server's own or an extension's.
-- in: nothing. out: schema, signature, owner, its settings, its body, who may call it besides its owner, in order.
-- index: pg_depend's by object
SELECT n.nspname::text, p.proname || '(' || oidvectortypes(p.proargtypes) || ')', pg_get_userbyid(p.proowner)::text,
  coalesce(p.proconfig, '{}'), p.prosrc,
  ARRAY(SELECT coalesce(r.rolname::text, 'PUBLIC') FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
    LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE a.grantee <> p.proowner ORDER BY 1)
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND NOT EXISTS (SELECT FROM pg_depend d
    WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
