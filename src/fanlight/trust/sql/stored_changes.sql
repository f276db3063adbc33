-- What is stored of an organization's changes: values before and after, of texts and of what holds them.
-- in: organization_id. out: asset, kind of source, part, field, before and after (JSON as text, or null).
-- index: the primary keys
SELECT c.asset_id, i.connector, c.part, c.field, c.before::text, c.after::text
FROM catalog_change c
JOIN catalog_changeset s ON s.organization_id = c.organization_id AND s.run_id = c.run_id
JOIN integrations_integration i ON i.organization_id = s.organization_id AND i.id = s.integration_id
WHERE c.organization_id = %(organization_id)s AND (c.before IS NOT NULL OR c.after IS NOT NULL)
