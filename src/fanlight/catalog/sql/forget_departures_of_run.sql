-- Forget what runs of an integration proposed to remove, since it is done.
-- in: organization_id, integration_id. out: count. index: primary key's first column.
DELETE FROM catalog_departure
WHERE organization_id = %(organization_id)s AND integration_id = %(integration_id)s
