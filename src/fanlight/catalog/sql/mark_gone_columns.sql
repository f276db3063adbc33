-- Mark as gone the columns that assets changed by this run have lost.
-- in: organization_id, integration_id, run_id, lease, now. out: count. index: catalog_column_name.
UPDATE catalog_column k
SET gone_at = %(now)s, changed_run_id = %(run_id)s
FROM catalog_arrival r
JOIN catalog_asset a ON a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s
  AND a.locator = r.locator
WHERE r.organization_id = %(organization_id)s AND r.lease = %(lease)s AND r.columns IS NOT NULL
  AND a.changed_run_id = %(run_id)s AND a.created_run_id <> %(run_id)s
  AND k.organization_id = %(organization_id)s AND k.asset_id = a.id AND k.gone_at IS NULL
  AND NOT EXISTS (
    SELECT FROM json_array_elements(r.columns) AS c (value) WHERE c.value->>0 = k.name)
