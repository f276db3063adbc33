-- Make the entries of the columns of the assets that a run has made or changed.
-- The words of the table's name weigh less than the column's own, the comment's least. Most names are plain, and
-- those are spared the regular expressions, which cost more than all the rest.
-- Of a very long comment the beginning is searchable: a list of words has a limit.
-- in: organization_id, integration_id, run_id. out: count. index: catalog_asset_locator, catalog_column_name.
WITH changed AS MATERIALIZED (
  SELECT a.id, a.integration_id, a.locator, replace(lower(a.locator), '"', '') AS plain_locator,
    setweight(to_tsvector('simple', regexp_replace(
      regexp_replace(a.name, '([[:lower:]0-9])([[:upper:]])', '\1 \2', 'g'), '[^[:alnum:]]+', ' ', 'g')), 'B') AS words
  FROM catalog_asset a
  WHERE a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s
    AND a.changed_run_id = %(run_id)s AND a.gone_at IS NULL
)
INSERT INTO discovery_entry (organization_id, id, asset_id, integration_id, kind, name, lower_name, locator,
  reversed, words)
SELECT k.organization_id, k.id, k.asset_id, c.integration_id, 'column', k.name, lower(k.name),
  c.locator || '.' || CASE WHEN k.name ~ '^[a-z_][a-z0-9_$]*$' THEN k.name
    ELSE '"' || replace(k.name, '"', '""') || '"' END,
  reverse(c.plain_locator || '.' || replace(lower(k.name), '"', '')),
  setweight(to_tsvector('simple', CASE WHEN k.name ~ '^[a-z0-9_]*$' THEN replace(k.name, '_', ' ')
      ELSE regexp_replace(regexp_replace(k.name, '([[:lower:]0-9])([[:upper:]])', '\1 \2', 'g'),
        '[^[:alnum:]]+', ' ', 'g') END), 'A')
    || c.words
    || CASE WHEN k.comment IS NULL THEN ''::tsvector
      ELSE setweight(to_tsvector('simple', regexp_replace(left(k.comment, 10000), '[^[:alnum:]]+', ' ', 'g')), 'D') END
FROM changed c
JOIN catalog_column k ON k.organization_id = %(organization_id)s AND k.asset_id = c.id AND k.gone_at IS NULL
