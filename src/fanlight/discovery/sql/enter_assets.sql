-- Make the entries of the assets that a run has made or changed. Words of the name weigh most, the comment's least.
-- A function is found by its name alone, without the types of its arguments.
-- Of a very long comment the beginning is searchable: a list of words has a limit.
-- in: organization_id, integration_id, run_id. out: count. index: catalog_asset_locator.
INSERT INTO discovery_entry (organization_id, id, asset_id, integration_id, kind, name, lower_name, locator,
  reversed, words)
SELECT a.organization_id, a.id, a.id, a.integration_id, a.kind, a.name, lower(n.called), a.locator,
  reverse(replace(lower(n.path), '"', '')),
  setweight(to_tsvector('simple', regexp_replace(
      regexp_replace(n.called, '([[:lower:]0-9])([[:upper:]])', '\1 \2', 'g'), '[^[:alnum:]]+', ' ', 'g')), 'A')
    || setweight(to_tsvector('simple', regexp_replace(coalesce(left(a.comment, 10000), ''), '[^[:alnum:]]+', ' ', 'g')), 'D')
FROM catalog_asset a
CROSS JOIN LATERAL (SELECT a.kind IN ('function', 'procedure', 'aggregate') AS is_called) k
CROSS JOIN LATERAL (SELECT
  CASE WHEN k.is_called THEN split_part(a.name, '(', 1) ELSE a.name END AS called,
  CASE WHEN k.is_called THEN a.parent || '.' || split_part(a.name, '(', 1) ELSE a.locator END AS path) n
WHERE a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s
  AND a.changed_run_id = %(run_id)s AND a.gone_at IS NULL
