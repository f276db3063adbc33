-- What is stored of an organization's assets beyond their names, gone ones included.
-- in: organization_id. out: asset, kind of source, facts (JSON as text).
-- index: the primary keys
SELECT a.id, i.connector, a.facts::text
FROM catalog_asset a
JOIN integrations_integration i ON i.organization_id = a.organization_id AND i.id = a.integration_id
WHERE a.organization_id = %(organization_id)s AND a.facts <> '{}'
