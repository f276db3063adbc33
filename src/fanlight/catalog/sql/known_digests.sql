-- List the digests of an integration's present assets, so that what is known already need not be sent again.
-- in: organization_id, integration_id. out: digest. index: catalog_asset_locator.
SELECT digest
FROM catalog_asset
WHERE organization_id = %(organization_id)s AND integration_id = %(integration_id)s AND gone_at IS NULL
