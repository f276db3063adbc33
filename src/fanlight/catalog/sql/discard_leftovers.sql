-- Remove what earlier attempts at an integration have left behind: they were killed or overtaken.
-- in: organization_id, integration_id, lease (the new attempt's own). out: count. index: primary key's first column.
DELETE FROM catalog_arrival
WHERE organization_id = %(organization_id)s AND integration_id = %(integration_id)s AND lease <> %(lease)s
