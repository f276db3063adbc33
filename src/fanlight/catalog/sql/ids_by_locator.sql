-- Find assets by their locators.
-- in: organization_id, integration_id, locators. out: locator, id, name. index: catalog_asset_locator.
SELECT a.locator, a.id, a.name
FROM catalog_asset a
WHERE a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s
  AND a.locator = ANY(%(locators)s) AND a.gone_at IS NULL
