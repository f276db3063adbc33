-- Remove the entries whose asset is no more, or never came: after an erasure, or after a merge that failed. No key does it:
-- docs/decisions/0018. What has arrived and is not merged yet keeps its entries, which may be there a moment before it.
-- in: organization_id. out: count. index: primary keys.
DELETE FROM discovery_entry e
WHERE e.organization_id = %(organization_id)s
  AND NOT EXISTS (
    SELECT FROM catalog_asset a WHERE a.organization_id = %(organization_id)s AND a.id = e.asset_id)
  AND NOT EXISTS (
    SELECT FROM catalog_arrival r WHERE r.organization_id = %(organization_id)s AND r.id = e.asset_id)
