-- Search, and read what is found: the function returns identifiers past row security, this reads them under it.
-- in: typed, most. out: id, asset_id, integration_id, kind, name, locator, comment, score; best first.
-- index: primary keys.
SELECT e.id, e.asset_id, e.integration_id, e.kind, e.name, e.locator, coalesce(k.comment, a.comment), f.score
FROM fanlight_search(%(typed)s, %(most)s) f
JOIN discovery_entry e ON e.organization_id = %(organization_id)s AND e.id = f.id
LEFT JOIN catalog_column k ON e.kind = 'column' AND k.organization_id = %(organization_id)s AND k.id = e.id
LEFT JOIN catalog_asset a ON e.kind <> 'column' AND a.organization_id = %(organization_id)s AND a.id = e.id
ORDER BY f.score DESC, length(e.name), e.name, e.id
