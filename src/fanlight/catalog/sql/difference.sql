-- Compare an integration at two moments, from the changes between them: what came and went again is not listed, nor a
-- field that has its first value again. Of what came or went as a whole nothing further is listed.
-- in: organization_id, integration_id, asset_id (or NULL), below (locator, or NULL), since, until, after (number), most.
-- out: number, the columns of catalog.changes._line. index: catalog_changeset_source, change's primary key, primary key.
WITH line AS (
  SELECT c.asset_id, c.part, c.name, c.field,
    (array_agg(c.action ORDER BY s.at, s.run_id))[1] AS first_action,
    (array_agg(c.before ORDER BY s.at, s.run_id))[1] AS before,
    (array_agg(c.action ORDER BY s.at DESC, s.run_id DESC))[1] AS last_action,
    (array_agg(c.after ORDER BY s.at DESC, s.run_id DESC))[1] AS after
  FROM catalog_changeset s
  JOIN catalog_change c ON c.organization_id = %(organization_id)s AND c.run_id = s.run_id
  WHERE s.organization_id = %(organization_id)s AND s.integration_id = %(integration_id)s
    AND s.at >= %(since)s AND s.at < %(until)s
    AND (%(asset_id)s::uuid IS NULL OR c.asset_id = %(asset_id)s)
  GROUP BY c.asset_id, c.part, c.name, c.field
),
whole AS MATERIALIZED (
  SELECT l.*, l.first_action = 'removed' AS was_there, l.last_action <> 'removed' AS is_there
  FROM line l
  WHERE l.field = ''
),
net AS (
  SELECT w.asset_id, w.part, w.name, '' AS field,
    CASE WHEN w.was_there AND w.is_there THEN 'changed' WHEN w.was_there THEN 'removed' ELSE w.first_action END AS action,
    CASE WHEN w.was_there THEN w.before END AS before,
    CASE WHEN w.is_there THEN
      -- The type that an added column has by now.
      coalesce((SELECT t.after FROM line t
        WHERE w.part = 'column' AND t.asset_id = w.asset_id AND t.part = 'column' AND t.name = w.name AND t.field = 'type'),
        w.after) END AS after
  FROM whole w
  WHERE w.was_there <> w.is_there
    OR w.was_there AND w.part NOT IN ('', 'column') AND w.before IS DISTINCT FROM w.after
  UNION ALL
  SELECT l.asset_id, l.part, l.name, l.field, 'changed', l.before, l.after
  FROM line l
  WHERE l.field <> '' AND l.before IS DISTINCT FROM l.after
    AND NOT EXISTS (
      SELECT FROM whole w
      WHERE w.asset_id = l.asset_id AND w.part = l.part AND w.name = l.name AND l.part <> ''
        AND (l.part <> 'column' OR NOT (w.was_there AND w.is_there)))
)
SELECT r.number, r.asset_id, r.locator, r.kind, r.is_present, r.part, r.name, r.field, r.action, r.before, r.after
FROM (
  SELECT n.*, a.locator, a.kind, a.gone_at IS NULL AS is_present,
    row_number() OVER (ORDER BY a.locator, n.part <> '', n.part, n.name, n.field) AS number
  FROM net n
  JOIN catalog_asset a ON a.organization_id = %(organization_id)s AND a.id = n.asset_id
  WHERE (%(below)s::text IS NULL OR a.locator = %(below)s OR starts_with(a.locator, %(below)s || '.'))
    AND (n.part = '' AND n.field = '' OR NOT EXISTS (
      SELECT FROM whole w
      WHERE w.asset_id = n.asset_id AND w.part = '' AND NOT (w.was_there AND w.is_there)))
) r
WHERE r.number > %(after)s
ORDER BY r.number
LIMIT %(most)s
