-- Mark as gone what a run has proposed to remove.
-- in: organization_id, run_id, approved_run_id (or NULL), now. out: count. index: departure's primary key, primary key.
UPDATE catalog_asset a
SET gone_at = %(now)s, changed_at = %(now)s, changed_run_id = %(run_id)s,
    gone_approved = EXISTS (
      SELECT FROM catalog_departure p
      WHERE p.organization_id = %(organization_id)s AND p.run_id = %(approved_run_id)s AND p.asset_id = a.id)
FROM catalog_departure d
WHERE d.organization_id = %(organization_id)s AND d.run_id = %(run_id)s
  AND a.organization_id = %(organization_id)s AND a.id = d.asset_id AND a.gone_at IS NULL
