-- Say of an asset that the latest run could not read it whole, or no longer say so; what is stored of it stays.
-- in: organization_id, integration_id, lease. out: count. index: catalog_asset_locator, arrival's primary key.
UPDATE catalog_asset a
SET not_seen = r.not_seen
FROM catalog_arrival r
WHERE r.organization_id = %(organization_id)s AND r.lease = %(lease)s
  AND a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s AND a.locator = r.locator
  AND a.not_seen <> r.not_seen AND (r.not_seen <> '' OR a.digest = r.digest)
