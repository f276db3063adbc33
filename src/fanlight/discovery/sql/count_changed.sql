-- Count what a run has made, changed or lost, tell whether any of it was there before, and how much of it is outside of
-- these spans of ids.
-- in: organization_id, integration_id, run_id, firsts, lasts. out: count, is_any_old, outside. index: catalog_asset_locator.
SELECT count(*), coalesce(bool_or(a.created_run_id <> %(run_id)s), false),
  count(*) FILTER (WHERE NOT EXISTS (
    SELECT FROM unnest(%(firsts)s::uuid[], %(lasts)s::uuid[]) AS s (first, last) WHERE a.id BETWEEN s.first AND s.last))
FROM catalog_asset a
WHERE a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s
  AND a.changed_run_id = %(run_id)s
