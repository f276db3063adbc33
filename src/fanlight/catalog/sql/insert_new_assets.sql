-- Insert the assets that were not stored before.
-- in: organization_id, integration_id, run_id, lease, now. out: count. index: catalog_asset_locator.
INSERT INTO catalog_asset (organization_id, id, integration_id, kind, locator, parent, name, comment, facts,
  column_count, digest, not_seen, created_run_id, changed_run_id, created_at, changed_at, gone_at)
SELECT %(organization_id)s, r.id, %(integration_id)s, r.kind, r.locator, r.parent, r.name, r.comment, r.facts::jsonb,
  r.column_count, r.digest, r.not_seen, %(run_id)s, %(run_id)s, %(now)s, %(now)s, NULL
FROM catalog_arrival r
WHERE r.organization_id = %(organization_id)s AND r.lease = %(lease)s
  AND r.facts IS NOT NULL
  AND NOT EXISTS (
    SELECT FROM catalog_asset a
    WHERE a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s
      AND a.locator = r.locator)
