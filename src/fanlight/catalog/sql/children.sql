-- List the assets directly below another, by name, with their estimates.
-- in: organization_id, integration_id, parent, kinds (or NULL), containing (LIKE pattern or NULL), after (name or
-- NULL), most.
-- out: the columns of catalog.queries._asset. index: catalog_asset_children.
SELECT a.id, a.integration_id, a.kind, a.name, a.locator, a.parent, a.comment, '{}'::jsonb, a.column_count,
  s.row_estimate, s.size_bytes, a.not_seen, a.created_at, a.changed_at
FROM catalog_asset a
LEFT JOIN catalog_statistic s ON s.organization_id = %(organization_id)s AND s.asset_id = a.id
WHERE a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s AND a.parent = %(parent)s
  AND a.gone_at IS NULL
  AND (%(kinds)s::text[] IS NULL OR a.kind = ANY(%(kinds)s))
  AND (%(containing)s::text IS NULL OR lower(a.name) LIKE %(containing)s)
  AND (%(after)s::text IS NULL OR a.name > %(after)s)
ORDER BY a.name
LIMIT %(most)s
