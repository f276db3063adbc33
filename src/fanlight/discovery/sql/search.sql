-- Search, and read what is found: the function returns identifiers past row security, this reads them under it.
-- in: organization_id, typed, first (its first part, perhaps a source's name), rest (what follows that, or empty), most.
-- out: source, asset_id, kind, name, locator (of the asset), column (its name, or NULL), comment, score, instead; best
-- first. index: primary keys.
SELECT i.name, a.id, CASE WHEN k.id IS NULL THEN a.kind ELSE 'column' END, coalesce(k.name, a.name), a.locator,
  k.name, CASE WHEN k.id IS NULL THEN a.comment ELSE k.comment END, f.score, f.instead
FROM fanlight_search(
  CASE WHEN %(rest)s <> '' AND EXISTS (
    SELECT FROM integrations_integration n
    WHERE n.organization_id = %(organization_id)s AND lower(n.name) = lower(%(first)s) AND n.deleted_at IS NULL)
  THEN %(rest)s ELSE %(typed)s END, %(most)s) f
JOIN catalog_asset a ON a.organization_id = %(organization_id)s AND a.id = f.asset_id AND a.gone_at IS NULL
JOIN integrations_integration i ON i.organization_id = %(organization_id)s AND i.id = a.integration_id
  AND i.deleted_at IS NULL
LEFT JOIN catalog_column k ON f.id <> f.asset_id AND k.organization_id = %(organization_id)s AND k.id = f.id
WHERE f.id = f.asset_id OR k.gone_at IS NULL AND k.id IS NOT NULL
ORDER BY f.score DESC, length(coalesce(k.name, a.name)), coalesce(k.name, a.name), f.id
