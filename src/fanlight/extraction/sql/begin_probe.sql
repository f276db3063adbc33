-- Begin a test of a connection or a look by a control; those before it whose worker died end here.
-- in: organization_id, integration_id, run_id, purpose, lease, stale_seconds. out: count. index: extraction_run_recent.
WITH silent AS (
  UPDATE extraction_run
  SET state = 'failed', finished_at = now(), error_code = 'run.abandoned', error_detail = 'Its worker died over it.'
  WHERE organization_id = %(organization_id)s AND integration_id = %(integration_id)s
    AND purpose <> 'extraction' AND state = 'running'
    AND heartbeat_at < now() - make_interval(secs => %(stale_seconds)s)
)
INSERT INTO extraction_run (organization_id, id, integration_id, purpose, "trigger", state, requested_at, started_at,
  heartbeat_at, lease, attempt)
VALUES (%(organization_id)s, %(run_id)s, %(integration_id)s, %(purpose)s, 'person', 'running', now(), now(), now(),
  %(lease)s, 1)
