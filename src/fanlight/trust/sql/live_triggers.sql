-- Triggers that somebody has made on tables, and rules beyond a view's own.
-- in: nothing. out: relation, trigger or rule.
-- index: pg_trigger's by relation
SELECT c.relname::text, t.tgname::text
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT c.relname::text, w.rulename::text
FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
