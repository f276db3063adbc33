-- Count what an attempt has brought, to compare with what it sent.
-- in: organization_id, lease. out: count. index: primary key.
SELECT count(*) FROM catalog_arrival WHERE organization_id = %(organization_id)s AND lease = %(lease)s
