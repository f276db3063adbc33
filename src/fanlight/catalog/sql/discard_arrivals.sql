-- Remove what an attempt has brought, at the end of its merge or of itself.
-- in: organization_id, lease. out: count. index: primary key.
DELETE FROM catalog_arrival
WHERE organization_id = %(organization_id)s AND lease = %(lease)s
