-- Remove the entries of assets that a run has changed or found gone, and of their columns: those present are made anew.
-- in: organization_id, integration_id, run_id. out: count. index: catalog_asset_locator, primary key.
DELETE FROM discovery_entry e
USING catalog_asset a
WHERE a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s
  AND a.changed_run_id = %(run_id)s AND a.created_run_id <> %(run_id)s
  AND e.organization_id = %(organization_id)s AND e.asset_id = a.id
