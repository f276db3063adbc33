-- Update the assets whose digest differs, and bring back those that were gone; an unchanged asset costs no write.
-- What stayed locked keeps all that is stored of it. What the role may not read keeps what is stored of just that:
-- the rest of the asset is as fresh as any. What was gone, or is of another kind now, inherits nothing.
-- in: organization_id, integration_id, run_id, lease, now. out: count. index: catalog_asset_locator, arrival's primary key.
UPDATE catalog_asset a
SET kind = r.kind, column_count = r.column_count, digest = r.digest,
    comment = CASE WHEN r.not_seen = '' OR a.gone_at IS NOT NULL OR a.kind <> r.kind THEN r.comment ELSE coalesce(r.comment, a.comment) END,
    facts = CASE WHEN r.not_seen = '' OR a.gone_at IS NOT NULL OR a.kind <> r.kind THEN r.facts::jsonb
      ELSE a.facts || r.facts::jsonb END,
    not_seen = r.not_seen, changed_at = %(now)s, changed_run_id = %(run_id)s, gone_at = NULL
FROM catalog_arrival r
WHERE r.organization_id = %(organization_id)s AND r.lease = %(lease)s
  AND a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s AND a.locator = r.locator
  AND r.facts IS NOT NULL
  AND (a.gone_at IS NOT NULL OR (r.not_seen <> 'locked' AND a.digest <> r.digest))
