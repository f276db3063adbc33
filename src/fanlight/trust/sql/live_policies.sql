-- Every policy of row security in this database.
-- in: nothing. out: schema, table, policy, roles in order joined by commas, command, whether it is permissive,
-- its condition for reading, its condition for writing.
-- index: none needed
SELECT schemaname::text, tablename::text, policyname::text,
  (SELECT string_agg(role::text, ',' ORDER BY role) FROM unnest(roles) AS role), cmd, permissive = 'PERMISSIVE',
  qual, with_check
FROM pg_policies
