-- List what a run proposes to remove, by locator.
-- in: organization_id, run_id, after (locator), most. out: locator, kind. index: departure's primary key.
SELECT a.locator, a.kind
FROM catalog_departure d
JOIN catalog_asset a ON a.organization_id = %(organization_id)s AND a.id = d.asset_id
WHERE d.organization_id = %(organization_id)s AND d.run_id = %(run_id)s AND a.locator > %(after)s
ORDER BY a.locator
LIMIT %(most)s
