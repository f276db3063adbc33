-- Insert the columns that assets changed by this run have gained.
-- in: organization_id, integration_id, run_id, lease. out: count. index: catalog_column_name.
INSERT INTO catalog_column (organization_id, id, asset_id, name, position, type, is_nullable, "default", comment,
  extra, created_run_id, changed_run_id, gone_at)
SELECT %(organization_id)s, c.id::uuid, a.id,
  c.value->>0, (c.value->1)::integer, c.value->>2, (c.value->3)::boolean, c.value->>4, c.value->>5,
  nullif(c.value->6, 'null'), %(run_id)s, %(run_id)s, NULL
FROM catalog_arrival r
JOIN catalog_asset a ON a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s
  AND a.locator = r.locator
CROSS JOIN LATERAL ROWS FROM (jsonb_array_elements(r.columns::jsonb), jsonb_array_elements_text(r.column_ids::jsonb))
  AS c (value, id)
WHERE r.organization_id = %(organization_id)s AND r.lease = %(lease)s
  AND r.columns IS NOT NULL AND a.changed_run_id = %(run_id)s AND a.created_run_id <> %(run_id)s
  AND NOT EXISTS (
    SELECT FROM catalog_column k
    WHERE k.organization_id = %(organization_id)s AND k.asset_id = a.id AND k.name = c.value->>0)
