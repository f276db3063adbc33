-- Count what a run would remove, how much of that nobody has approved, and what is present.
-- in: organization_id, integration_id, run_id, approved_run_id (or NULL). out: the three counts.
-- index: primary key, catalog_asset_locator.
SELECT
  (SELECT count(*) FROM catalog_departure d
   WHERE d.organization_id = %(organization_id)s AND d.run_id = %(run_id)s),
  (SELECT count(*) FROM catalog_departure d
   WHERE d.organization_id = %(organization_id)s AND d.run_id = %(run_id)s
     AND NOT EXISTS (
       SELECT FROM catalog_departure p
       WHERE p.organization_id = %(organization_id)s AND p.run_id = %(approved_run_id)s
         AND p.asset_id = d.asset_id)),
  (SELECT count(*) FROM catalog_asset a
   WHERE a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s AND a.gone_at IS NULL)
