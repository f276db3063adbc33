-- Note the present assets that a run did not bring, but for those of which it could not list what exists.
-- in: organization_id, integration_id, run_id, lease, unlisted_locators, unlisted_kinds ('' for all). out: count.
-- index: catalog_asset_locator, arrival's primary key.
INSERT INTO catalog_departure (organization_id, run_id, asset_id, integration_id)
SELECT a.organization_id, %(run_id)s, a.id, a.integration_id
FROM catalog_asset a
WHERE a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s AND a.gone_at IS NULL
  AND NOT EXISTS (
    SELECT FROM catalog_arrival r
    WHERE r.organization_id = %(organization_id)s AND r.lease = %(lease)s AND r.locator = a.locator)
  AND NOT EXISTS (
    SELECT FROM unnest(%(unlisted_locators)s::text[], %(unlisted_kinds)s::text[]) AS u (locator, kind)
    WHERE (a.locator = u.locator OR starts_with(a.locator, u.locator || '.')) AND u.kind IN ('', a.kind))
