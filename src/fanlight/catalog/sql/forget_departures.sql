-- Forget what earlier runs of an integration proposed to remove, but for the one that was approved.
-- in: organization_id, integration_id, approved_run_id (or NULL). out: count. index: primary key's first column.
DELETE FROM catalog_departure
WHERE organization_id = %(organization_id)s AND integration_id = %(integration_id)s
  AND run_id IS DISTINCT FROM %(approved_run_id)s
