-- Remove the entries whose asset is no more, after an erasure. No key does it: docs/decisions/0018.
-- in: organization_id. out: count. index: primary keys.
DELETE FROM discovery_entry e
WHERE e.organization_id = %(organization_id)s
  AND NOT EXISTS (
    SELECT FROM catalog_asset a WHERE a.organization_id = %(organization_id)s AND a.id = e.asset_id)
