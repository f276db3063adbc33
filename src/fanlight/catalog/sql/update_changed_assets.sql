-- Update the assets whose digest differs, and bring back those that were gone. What could not be read whole keeps
-- what is stored of it; an unchanged asset costs no write.
-- in: organization_id, integration_id, run_id, now. out: count. index: catalog_asset_locator, arrival's primary key.
UPDATE catalog_asset a
SET kind = r.kind, comment = r.comment, facts = r.facts::jsonb, column_count = r.column_count, digest = r.digest,
    not_seen = r.not_seen, changed_at = %(now)s, changed_run_id = %(run_id)s, gone_at = NULL
FROM catalog_arrival r
WHERE r.organization_id = %(organization_id)s AND r.run_id = %(run_id)s
  AND a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s AND a.locator = r.locator
  AND r.facts IS NOT NULL
  AND (a.gone_at IS NOT NULL OR (r.not_seen = '' AND a.digest <> r.digest))
