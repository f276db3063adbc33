-- Insert the estimates of assets that had none.
-- in: organization_id, integration_id, lease, now. out: count. index: catalog_asset_locator, statistic's primary key.
INSERT INTO catalog_statistic (organization_id, asset_id, row_estimate, size_bytes, measured_at)
SELECT %(organization_id)s, a.id, r.row_estimate, r.size_bytes, %(now)s
FROM catalog_arrival r
JOIN catalog_asset a ON a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s
  AND a.locator = r.locator
WHERE r.organization_id = %(organization_id)s AND r.lease = %(lease)s
  AND (r.row_estimate IS NOT NULL OR r.size_bytes IS NOT NULL)
  AND NOT EXISTS (
    SELECT FROM catalog_statistic s WHERE s.organization_id = %(organization_id)s AND s.asset_id = a.id)
