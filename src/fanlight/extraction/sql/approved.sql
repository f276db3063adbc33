-- Find the approval of what a run has proposed: of a run that stopped to ask, of the same integration.
-- in: organization_id, integration_id, run_id. out: one row, or none. index: primary keys.
SELECT 1
FROM extraction_approval p
JOIN extraction_run r ON r.organization_id = %(organization_id)s AND r.id = p.run_id
WHERE p.organization_id = %(organization_id)s AND p.run_id = %(run_id)s
  AND r.integration_id = %(integration_id)s AND r.state = 'held'
