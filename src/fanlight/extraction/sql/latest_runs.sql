-- Find the latest runs of each integration.
-- in: organization_id, most (of each). out: the columns of extraction_run. index: extraction_run_recent.
SELECT r.*
FROM integrations_integration i
CROSS JOIN LATERAL (
  SELECT r.* FROM extraction_run r
  WHERE r.organization_id = %(organization_id)s AND r.integration_id = i.id
  ORDER BY r.requested_at DESC LIMIT %(most)s) r
WHERE i.organization_id = %(organization_id)s
ORDER BY r.requested_at DESC
