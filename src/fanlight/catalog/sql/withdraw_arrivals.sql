-- Remove what an attempt has brought below a locator, and that itself.
-- in: organization_id, lease, locator. out: count. index: primary key's first columns.
DELETE FROM catalog_arrival
WHERE organization_id = %(organization_id)s AND lease = %(lease)s
  AND (locator = %(locator)s OR starts_with(locator, %(locator)s || '.'))
