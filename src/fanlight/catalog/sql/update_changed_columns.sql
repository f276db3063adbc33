-- Update the columns that differ, of the assets that this run has changed and not made. What the role may not read
-- keeps what is stored of it.
-- in: organization_id, integration_id, run_id, lease. out: count. index: catalog_column_name.
UPDATE catalog_column k
SET position = n.position, type = n.type, is_nullable = n.is_nullable,
    "default" = CASE WHEN n.not_seen = '' THEN n.standard ELSE coalesce(n.standard, k."default") END,
    comment = CASE WHEN n.not_seen = '' THEN n.comment ELSE coalesce(n.comment, k.comment) END,
    extra = n.extra, changed_run_id = %(run_id)s, gone_at = NULL
FROM (
  SELECT a.id AS asset_id, r.not_seen, c.value->>0 AS name, (c.value->1)::integer AS position, c.value->>2 AS type,
    (c.value->3)::boolean AS is_nullable, c.value->>4 AS standard, c.value->>5 AS comment,
    nullif(c.value->6, 'null') AS extra
  FROM catalog_arrival r
  JOIN catalog_asset a ON a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s
    AND a.locator = r.locator
  CROSS JOIN LATERAL jsonb_array_elements(r.columns::jsonb) AS c (value)
  WHERE r.organization_id = %(organization_id)s AND r.lease = %(lease)s AND r.columns IS NOT NULL
    AND a.changed_run_id = %(run_id)s AND a.created_run_id <> %(run_id)s
) n
WHERE k.organization_id = %(organization_id)s AND k.asset_id = n.asset_id AND k.name = n.name
  AND (k.gone_at IS NOT NULL
    OR (k.position, k.type, k.is_nullable, k."default", k.comment, k.extra)
      IS DISTINCT FROM (n.position, n.type, n.is_nullable, n.standard, n.comment, n.extra))
