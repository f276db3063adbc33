-- Read assets by id, with their estimates.
-- in: organization_id, ids. out: the columns of catalog.queries._asset. index: primary key.
SELECT a.id, a.integration_id, a.kind, a.name, a.locator, a.parent, a.comment, a.facts, a.column_count,
  s.row_estimate, s.size_bytes, a.not_seen, a.created_at, a.changed_at
FROM catalog_asset a
LEFT JOIN catalog_statistic s ON s.organization_id = %(organization_id)s AND s.asset_id = a.id
WHERE a.organization_id = %(organization_id)s AND a.id = ANY(%(ids)s) AND a.gone_at IS NULL
