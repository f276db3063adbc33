-- Note of a source that was not known before how much there is: one line for all of it.
-- in: organization_id, integration_id, run_id, lease, now. out: 1 when it was not known, else 0.
-- index: catalog_asset_locator, arrival's primary key.
INSERT INTO catalog_changeset (organization_id, run_id, integration_id, at, is_first, total, kept, counts)
SELECT %(organization_id)s, %(run_id)s, %(integration_id)s, %(now)s, true, 0, 0,
  coalesce((
    SELECT jsonb_agg(jsonb_build_array('added', k.kind, k.count) ORDER BY k.count DESC, k.kind)
    FROM (
      SELECT r.kind, count(*)
      FROM catalog_arrival r
      WHERE r.organization_id = %(organization_id)s AND r.lease = %(lease)s
      GROUP BY r.kind) k), '[]')
WHERE NOT EXISTS (
  SELECT FROM catalog_asset a
  WHERE a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s)
