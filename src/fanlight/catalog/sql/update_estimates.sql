-- Update the estimates that moved by 10 % or more, or came and went. They never make an asset 'changed'.
-- in: organization_id, integration_id, lease, now. out: count. index: catalog_asset_locator, statistic's primary key.
UPDATE catalog_statistic s
SET row_estimate = r.row_estimate, size_bytes = r.size_bytes, measured_at = %(now)s
FROM catalog_arrival r
JOIN catalog_asset a ON a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s
  AND a.locator = r.locator
WHERE r.organization_id = %(organization_id)s AND r.lease = %(lease)s
  AND s.organization_id = %(organization_id)s AND s.asset_id = a.id
  AND ((s.row_estimate IS NULL) <> (r.row_estimate IS NULL) OR (s.size_bytes IS NULL) <> (r.size_bytes IS NULL)
    OR abs(r.row_estimate::numeric - s.row_estimate) * 10 >= greatest(s.row_estimate, 1)
    OR abs(r.size_bytes::numeric - s.size_bytes) * 10 >= greatest(s.size_bytes, 1))
