-- Say of what is stored that the latest run could not even list it; all of it stays.
-- in: organization_id, integration_id, lease, unlisted_locators, unlisted_kinds ('' for all), unlisted_reasons.
-- out: count. index: catalog_asset_locator, arrival's primary key.
UPDATE catalog_asset a
SET not_seen = u.reason
FROM unnest(%(unlisted_locators)s::text[], %(unlisted_kinds)s::text[], %(unlisted_reasons)s::text[])
  AS u (locator, kind, reason)
WHERE a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s AND a.gone_at IS NULL
  AND (a.locator = u.locator OR starts_with(a.locator, u.locator || '.')) AND u.kind IN ('', a.kind)
  AND a.not_seen <> u.reason
  AND NOT EXISTS (
    SELECT FROM catalog_arrival r
    WHERE r.organization_id = %(organization_id)s AND r.lease = %(lease)s AND r.locator = a.locator)
