-- List what the sources are called.
-- in: organization_id. out: id, name. index: primary key.
SELECT i.id, i.name
FROM integrations_integration i
WHERE i.organization_id = %(organization_id)s AND i.deleted_at IS NULL
