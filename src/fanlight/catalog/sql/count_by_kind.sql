-- Count an organization's present assets and columns by integration and kind.
-- in: organization_id. out: integration_id, kind, count, columns. index: primary key.
SELECT a.integration_id, a.kind, count(*), sum(a.column_count)::bigint
FROM catalog_asset a
WHERE a.organization_id = %(organization_id)s AND a.gone_at IS NULL
GROUP BY a.integration_id, a.kind
