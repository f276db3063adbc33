-- Compare an integration at two moments, from the changes between them: what came and went again is not listed, nor a
-- field that has its first value again. Of what came or went as a whole nothing further is listed. A part that went and
-- came back is compared whole: what it was at first, with the fields put back that had changed before it went, and what
-- it is at last.
-- in: organization_id, integration_id, asset_id (or NULL), below (locator, or NULL), since, until, after (number), most.
-- out: number, the columns of catalog.changes._line. index: catalog_changeset_source, change's primary key, primary key.
WITH line AS (
  SELECT c.asset_id, c.part, c.name, c.field, c.action, c.before, c.after,
    row_number() OVER (PARTITION BY c.asset_id, c.part, c.name ORDER BY s.at, s.run_id, c.number) AS turn
  FROM catalog_changeset s
  JOIN catalog_change c ON c.organization_id = %(organization_id)s AND c.run_id = s.run_id
  WHERE s.organization_id = %(organization_id)s AND s.integration_id = %(integration_id)s
    AND s.at >= %(since)s AND s.at < %(until)s
    AND (%(asset_id)s::uuid IS NULL OR c.asset_id = %(asset_id)s)
),
placed AS (
  SELECT l.*, min(l.turn) FILTER (WHERE l.field = '') OVER part AS first_whole,
    max(l.turn) FILTER (WHERE l.field = '') OVER part AS last_whole
  FROM line l
  WINDOW part AS (PARTITION BY l.asset_id, l.part, l.name)
),
field AS MATERIALIZED (
  SELECT p.asset_id, p.part, p.name, p.field,
    (array_agg(p.before ORDER BY p.turn))[1] AS before, (array_agg(p.after ORDER BY p.turn DESC))[1] AS after,
    min(p.turn) < min(p.first_whole) AS is_early, max(p.turn) > max(p.last_whole) AS is_late
  FROM placed p
  WHERE p.field <> ''
  GROUP BY p.asset_id, p.part, p.name, p.field
),
whole AS (
  SELECT p.asset_id, p.part, p.name, (array_agg(p.action ORDER BY p.turn))[1] AS first_action,
    (array_agg(p.action ORDER BY p.turn DESC))[1] AS last_action,
    (array_agg(p.before ORDER BY p.turn))[1] AS before, (array_agg(p.after ORDER BY p.turn DESC))[1] AS after
  FROM placed p
  WHERE p.field = ''
  GROUP BY p.asset_id, p.part, p.name
),
kept AS (
  SELECT f.asset_id, f.part, f.name, coalesce(jsonb_object_agg(f.field, f.before) FILTER (WHERE f.is_early), '{}') AS early,
    coalesce(jsonb_object_agg(f.field, f.after) FILTER (WHERE f.is_late), '{}') AS late
  FROM field f
  WHERE f.is_early OR f.is_late
  GROUP BY f.asset_id, f.part, f.name
),
ends AS MATERIALIZED (
  SELECT w.asset_id, w.part, w.name, w.first_action,
    w.first_action = 'removed' AS was_there, w.last_action <> 'removed' AS is_there,
    CASE WHEN w.part = 'column' THEN coalesce(k.early->'type', w.before)
      WHEN jsonb_typeof(w.before) = 'object' THEN jsonb_strip_nulls(w.before || coalesce(k.early, '{}'))
      ELSE w.before END AS before,
    CASE WHEN w.part = 'column' THEN coalesce(k.late->'type', w.after)
      WHEN jsonb_typeof(w.after) = 'object' THEN jsonb_strip_nulls(w.after || coalesce(k.late, '{}'))
      ELSE w.after END AS after
  FROM whole w
  LEFT JOIN kept k ON k.asset_id = w.asset_id AND k.part = w.part AND k.name = w.name
),
net AS (
  SELECT e.asset_id, e.part, e.name, '' AS field, CASE WHEN e.was_there THEN 'removed' ELSE e.first_action END AS action,
    CASE WHEN e.was_there THEN e.before END AS before, CASE WHEN e.is_there THEN e.after END AS after
  FROM ends e
  WHERE e.was_there <> e.is_there
  UNION ALL
  SELECT e.asset_id, e.part, e.name, CASE WHEN e.part = 'column' THEN 'type' ELSE '' END, 'changed', e.before, e.after
  FROM ends e
  WHERE e.was_there AND e.is_there AND e.part <> '' AND e.before IS DISTINCT FROM e.after
  UNION ALL
  SELECT f.asset_id, f.part, f.name, f.field, 'changed', f.before, f.after
  FROM field f
  LEFT JOIN ends e ON e.asset_id = f.asset_id AND e.part = f.part AND e.name = f.name
  WHERE f.before IS DISTINCT FROM f.after
    AND (f.part = '' OR e.asset_id IS NULL
      OR f.part = 'column' AND f.field <> 'type' AND e.was_there AND e.is_there)
)
SELECT r.number, r.asset_id, r.locator, r.kind, r.is_present, r.part, r.name, r.field, r.action, r.before, r.after
FROM (
  SELECT n.*, a.locator, a.kind, a.gone_at IS NULL AS is_present,
    row_number() OVER (ORDER BY a.locator, n.part <> '', n.part, n.name, n.field) AS number
  FROM net n
  JOIN catalog_asset a ON a.organization_id = %(organization_id)s AND a.id = n.asset_id
  LEFT JOIN ends g ON g.asset_id = n.asset_id AND g.part = '' AND g.was_there <> g.is_there
  WHERE (%(below)s::text IS NULL OR a.locator = %(below)s OR starts_with(a.locator, %(below)s || '.'))
    AND (n.part = '' AND n.field = '' OR g.asset_id IS NULL)
) r
WHERE r.number > %(after)s
ORDER BY r.number
LIMIT %(most)s
