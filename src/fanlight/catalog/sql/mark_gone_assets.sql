-- Mark as gone what a run has proposed to remove.
-- in: organization_id, integration_id, run_id, now. out: count. index: departure's primary key, primary key.
UPDATE catalog_asset a
SET gone_at = %(now)s, changed_at = %(now)s, changed_run_id = %(run_id)s
FROM catalog_departure d
WHERE d.organization_id = %(organization_id)s AND d.run_id = %(run_id)s
  AND a.organization_id = %(organization_id)s AND a.id = d.asset_id AND a.gone_at IS NULL
