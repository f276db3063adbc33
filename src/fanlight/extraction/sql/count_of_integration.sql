-- Count what is stored of an integration, and its runs that somebody still works on.
-- in: organization_id, integration_id, stale_seconds. out: running, assets, columns, runs. index: extraction_run_recent,
-- catalog_asset_locator, catalog_column_name.
SELECT
  (SELECT count(*) FROM extraction_run r
   WHERE r.organization_id = %(organization_id)s AND r.integration_id = %(integration_id)s
     AND r.state = 'running' AND r.heartbeat_at >= now() - make_interval(secs => %(stale_seconds)s)),
  (SELECT count(*) FROM catalog_asset a
   WHERE a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s),
  (SELECT count(*) FROM catalog_asset a JOIN catalog_column k ON k.organization_id = %(organization_id)s AND k.asset_id = a.id
   WHERE a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s),
  (SELECT count(*) FROM extraction_run r
   WHERE r.organization_id = %(organization_id)s AND r.integration_id = %(integration_id)s)
