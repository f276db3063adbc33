-- Count what a run would remove, what it could list of what is present, and whether that is much: of the whole, or of one
-- root (a database), more than a quarter that nobody has approved; what went since a moment, and not by an approval,
-- counts along.
-- in: organization_id, integration_id, run_id, approved_run_id (or NULL), since, unlisted_locators, unlisted_kinds.
-- out: removed, present, is_much. index: primary key, catalog_asset_locator.
WITH roots AS MATERIALIZED (
  SELECT r.locator FROM catalog_asset r
  WHERE r.organization_id = %(organization_id)s AND r.integration_id = %(integration_id)s AND r.parent = ''
),
known AS MATERIALIZED (
  SELECT a.id, a.gone_at IS NULL AS is_present, r.locator AS root
  FROM catalog_asset a
  LEFT JOIN roots r ON a.locator = r.locator OR starts_with(a.locator, r.locator || '.')
  WHERE a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s
    AND (a.gone_at IS NULL OR (a.gone_at >= %(since)s AND NOT a.gone_approved))
    AND NOT EXISTS (
      SELECT FROM unnest(%(unlisted_locators)s::text[], %(unlisted_kinds)s::text[]) AS u (locator, kind)
      WHERE (a.locator = u.locator OR starts_with(a.locator, u.locator || '.')) AND u.kind IN ('', a.kind))
),
counted AS (
  SELECT k.root, count(*) AS known, count(*) FILTER (WHERE k.is_present) AS present,
    count(d.asset_id) AS removed,
    count(*) FILTER (WHERE NOT k.is_present OR (d.asset_id IS NOT NULL AND p.asset_id IS NULL)) AS unapproved
  FROM known k
  LEFT JOIN catalog_departure d ON d.organization_id = %(organization_id)s AND d.run_id = %(run_id)s AND d.asset_id = k.id
  LEFT JOIN catalog_departure p ON p.organization_id = %(organization_id)s AND p.run_id = %(approved_run_id)s
    AND p.asset_id = k.id
  GROUP BY k.root
)
SELECT coalesce(sum(c.removed), 0)::bigint, coalesce(sum(c.present), 0)::bigint,
  coalesce(sum(c.removed) > 0
    AND (sum(c.unapproved) * 4 > sum(c.known) OR bool_or(c.removed > 0 AND c.unapproved * 4 > c.known)), false)
FROM counted c
