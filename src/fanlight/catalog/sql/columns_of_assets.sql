-- List the columns of several relations in the source's order.
-- in: organization_id, ids. out: asset_id, then the fields of catalog.types.Column. index: catalog_column_name.
SELECT k.asset_id, k.name, k.position, k.type, k.is_nullable, k."default", k.comment, k.extra
FROM catalog_column k
WHERE k.organization_id = %(organization_id)s AND k.asset_id = ANY(%(ids)s) AND k.gone_at IS NULL
ORDER BY k.asset_id, k.position
