-- Count the assets directly below another by kind.
-- in: organization_id, integration_id, parent. out: kind, count. index: catalog_asset_children.
SELECT a.kind, count(*)
FROM catalog_asset a
WHERE a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s AND a.parent = %(parent)s
  AND a.gone_at IS NULL
GROUP BY a.kind
