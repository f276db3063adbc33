-- Make the entries of the columns of the assets that a run has made or changed.
-- The words of the table's name weigh less than the column's own, the comment's least.
-- in: organization_id, integration_id, run_id. out: count. index: catalog_column_name.
INSERT INTO discovery_entry (organization_id, id, asset_id, integration_id, kind, name, lower_name, locator,
  reversed, words)
SELECT k.organization_id, k.id, k.asset_id, a.integration_id, 'column', k.name, lower(k.name),
  a.locator || '.' || CASE WHEN k.name ~ '^[a-z_][a-z0-9_$]*$' THEN k.name
    ELSE '"' || replace(k.name, '"', '""') || '"' END,
  reverse(replace(lower(a.locator || '.' || k.name), '"', '')),
  setweight(to_tsvector('simple', regexp_replace(
      regexp_replace(k.name, '([[:lower:]0-9])([[:upper:]])', '\1 \2', 'g'), '[^[:alnum:]]+', ' ', 'g')), 'A')
    || setweight(to_tsvector('simple', regexp_replace(
      regexp_replace(a.name, '([[:lower:]0-9])([[:upper:]])', '\1 \2', 'g'), '[^[:alnum:]]+', ' ', 'g')), 'B')
    || setweight(to_tsvector('simple', regexp_replace(coalesce(k.comment, ''), '[^[:alnum:]]+', ' ', 'g')), 'D')
FROM catalog_asset a
JOIN catalog_column k ON k.organization_id = %(organization_id)s AND k.asset_id = a.id AND k.gone_at IS NULL
WHERE a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s
  AND a.changed_run_id = %(run_id)s AND a.gone_at IS NULL
