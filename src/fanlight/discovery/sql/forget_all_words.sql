-- Forget all words of an integration, to count them again.
-- in: organization_id, integration_id. out: count. index: primary key's first column.
DELETE FROM discovery_word
WHERE organization_id = %(organization_id)s AND integration_id = %(integration_id)s
