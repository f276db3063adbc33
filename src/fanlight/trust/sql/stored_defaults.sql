-- The defaults and further marks of an organization's columns, gone ones included, each once.
-- in: organization_id. out: kind of source, default or null, its kind ('sql' or 'digest'), the marks' names,
-- how many columns have it, one of them.
-- index: the primary keys
SELECT i.connector, c."default", coalesce(c.extra ->> 'default_kind', 'sql'),
  ARRAY(SELECT jsonb_object_keys(coalesce(c.extra, '{}')) ORDER BY 1), count(*), min(c.id::text)
FROM catalog_column c
JOIN catalog_asset a ON a.organization_id = c.organization_id AND a.id = c.asset_id
JOIN integrations_integration i ON i.organization_id = a.organization_id AND i.id = a.integration_id
WHERE c.organization_id = %(organization_id)s AND (c."default" IS NOT NULL OR c.extra IS NOT NULL)
GROUP BY 1, 2, 3, 4
