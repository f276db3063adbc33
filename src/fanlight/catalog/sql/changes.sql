-- List what runs have changed, the newest run first, a page at a time. A run without lines (a source's first, or one
-- whose lines are not kept any more) gives one row whose number is NULL, where nothing narrows the list.
-- in: organization_id, integration_ids, asset_id (or NULL), below (locator, or NULL), actions (or NULL), since and until
-- (or NULL), after_run and after_number (or NULL), most. out: the columns of catalog.changes._run.
-- index: catalog_changeset_recent or catalog_changeset_source, change's primary key or catalog_change_asset, primary key.
SELECT s.run_id, s.integration_id, s.at, s.is_first, s.total, s.kept, s.counts, c.number, c.asset_id, c.locator, c.kind,
  c.is_present, c.part, c.name, c.field, c.action, c.before, c.after
FROM catalog_changeset s
LEFT JOIN (
  SELECT c.*, a.locator, a.kind, a.gone_at IS NULL AS is_present
  FROM catalog_change c
  JOIN catalog_asset a ON a.organization_id = %(organization_id)s AND a.id = c.asset_id
  WHERE c.organization_id = %(organization_id)s
    AND (%(asset_id)s::uuid IS NULL OR c.asset_id = %(asset_id)s)
    AND (%(below)s::text IS NULL OR a.locator = %(below)s OR starts_with(a.locator, %(below)s || '.'))
    AND (%(actions)s::text[] IS NULL OR c.action = ANY(%(actions)s))
) c ON c.run_id = s.run_id
WHERE s.organization_id = %(organization_id)s AND s.integration_id = ANY(%(integration_ids)s)
  AND (%(since)s::timestamptz IS NULL OR s.at >= %(since)s) AND (%(until)s::timestamptz IS NULL OR s.at < %(until)s)
  AND (c.number IS NOT NULL
    OR s.kept = 0 AND %(asset_id)s::uuid IS NULL AND %(below)s::text IS NULL AND %(actions)s::text[] IS NULL)
  AND (%(after_run)s::uuid IS NULL
    OR (s.at, s.run_id) < (SELECT l.at, l.run_id FROM catalog_changeset l
      WHERE l.organization_id = %(organization_id)s AND l.run_id = %(after_run)s)
    OR s.run_id = %(after_run)s AND c.number > %(after_number)s)
ORDER BY s.at DESC, s.run_id DESC, c.number
LIMIT %(most)s
