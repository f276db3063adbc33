-- Mark as gone what a complete run did not bring.
-- in: organization_id, integration_id, run_id, lease, now. out: count. index: catalog_asset_locator, arrival's primary key.
UPDATE catalog_asset a
SET gone_at = %(now)s, changed_at = %(now)s, changed_run_id = %(run_id)s
WHERE a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s AND a.gone_at IS NULL
  AND NOT EXISTS (
    SELECT FROM catalog_arrival r
    WHERE r.organization_id = %(organization_id)s AND r.lease = %(lease)s AND r.locator = a.locator)
