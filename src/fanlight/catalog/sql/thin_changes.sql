-- Let the oldest lines of an integration go, run by run, where there are more than may be kept; the figures stay.
-- in: organization_id, integration_id, most_lines. out: count. index: catalog_changeset_source, change's primary key.
WITH counted AS (
  SELECT s.run_id, sum(s.kept) OVER (ORDER BY s.at DESC, s.run_id DESC) AS lines
  FROM catalog_changeset s
  WHERE s.organization_id = %(organization_id)s AND s.integration_id = %(integration_id)s AND s.kept > 0
),
thinned AS (
  UPDATE catalog_changeset s
  SET kept = 0
  FROM counted c
  WHERE s.organization_id = %(organization_id)s AND s.run_id = c.run_id AND c.lines > %(most_lines)s
  RETURNING s.run_id
)
DELETE FROM catalog_change c
USING thinned t
WHERE c.organization_id = %(organization_id)s AND c.run_id = t.run_id
