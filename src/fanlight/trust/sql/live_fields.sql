-- Every field of every relation of this database that is not the server's own or an extension's.
-- in: nothing. out: schema, relation, field, type as SQL spells it, the type's category (one letter), whether this role
-- may read it.
-- index: pg_attribute's by relation
SELECT n.nspname::text, c.relname::text, a.attname::text, format_type(a.atttypid, NULL), t.typcategory::text,
  has_column_privilege(c.oid, a.attnum, 'SELECT')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname !~ '^pg_(toast_)?temp_'
  AND NOT EXISTS (SELECT FROM pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1, 2, a.attnum
