-- Count what a run has made, changed or lost, and tell whether any of it was there before.
-- in: organization_id, integration_id, run_id. out: count, is_any_old. index: catalog_asset_locator.
SELECT count(*), coalesce(bool_or(a.created_run_id <> %(run_id)s), false)
FROM catalog_asset a
WHERE a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s
  AND a.changed_run_id = %(run_id)s
