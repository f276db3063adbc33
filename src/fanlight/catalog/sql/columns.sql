-- List a relation's columns in the source's order.
-- in: organization_id, asset_id, after (position), most. out: the fields of catalog.types.Column.
-- index: catalog_column_name.
SELECT k.name, k.position, k.type, k.is_nullable, k."default", k.comment, k.extra
FROM catalog_column k
WHERE k.organization_id = %(organization_id)s AND k.asset_id = %(asset_id)s AND k.gone_at IS NULL
  AND k.position > %(after)s
ORDER BY k.position
LIMIT %(most)s
