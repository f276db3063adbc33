-- Ask for a run. It waits: all else about it has its beginning as the default, and the portal could not write more.
-- in: organization_id, run_id, integration_id, trigger, now, requested_by, approval_of. out: count.
-- index: extraction_run_one_at_a_time.
INSERT INTO extraction_run (organization_id, id, integration_id, "trigger", requested_at, requested_by, approval_of)
VALUES (%(organization_id)s, %(run_id)s, %(integration_id)s, %(trigger)s, %(now)s, %(requested_by)s, %(approval_of)s)
