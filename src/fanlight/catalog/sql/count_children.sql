-- Count the assets directly below another, among those whose name contains something.
-- in: organization_id, integration_id, parent, kinds (or NULL), containing (LIKE pattern or NULL). out: count.
-- index: catalog_asset_children.
SELECT count(*)
FROM catalog_asset a
WHERE a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s AND a.parent = %(parent)s
  AND a.gone_at IS NULL
  AND (%(kinds)s::text[] IS NULL OR a.kind = ANY(%(kinds)s))
  AND (%(containing)s::text IS NULL OR lower(a.name) LIKE %(containing)s)
