-- List the present relations that name another as their parent (partitions, and tables that inherit), by locator.
-- in: organization_id, integration_id, parent (its path, a JSON list), after (locator), most.
-- out: the columns of catalog.queries._asset. index: catalog_asset_children, by its prefix.
SELECT a.id, a.integration_id, a.kind, a.name, a.locator, a.parent, a.comment, a.facts, a.column_count,
  s.row_estimate, s.size_bytes, a.not_seen, a.created_at, a.changed_at
FROM catalog_asset a
LEFT JOIN catalog_statistic s ON s.organization_id = %(organization_id)s AND s.asset_id = a.id
WHERE a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s AND a.gone_at IS NULL
  AND a.locator > %(after)s
  AND EXISTS (SELECT FROM jsonb_array_elements(a.facts -> 'parents') p (path) WHERE p.path = %(parent)s::jsonb)
ORDER BY a.locator
LIMIT %(most)s
