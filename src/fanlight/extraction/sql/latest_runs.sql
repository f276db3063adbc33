-- Find the latest extractions of each integration.
-- in: organization_id, most (of each). out: id. index: extraction_run_recent.
SELECT r.id
FROM integrations_integration i
CROSS JOIN LATERAL (
  SELECT r.id FROM extraction_run r
  WHERE r.organization_id = %(organization_id)s AND r.integration_id = i.id AND r.purpose = 'extraction'
  ORDER BY r.requested_at DESC LIMIT %(most)s) r
WHERE i.organization_id = %(organization_id)s AND i.deleted_at IS NULL
