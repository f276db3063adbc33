-- Read one present asset, with its estimates and the name of its integration.
-- in: organization_id, asset_id. out: the columns of catalog.queries._asset, then the integration's name; at most one
-- row. index: primary keys.
SELECT a.id, a.integration_id, a.kind, a.name, a.locator, a.parent, a.comment, a.facts, a.column_count,
  s.row_estimate, s.size_bytes, a.not_seen, a.created_at, a.changed_at, i.name
FROM catalog_asset a
JOIN integrations_integration i ON i.organization_id = %(organization_id)s AND i.id = a.integration_id
LEFT JOIN catalog_statistic s ON s.organization_id = %(organization_id)s AND s.asset_id = a.id
WHERE a.organization_id = %(organization_id)s AND a.id = %(asset_id)s AND a.gone_at IS NULL AND i.deleted_at IS NULL
