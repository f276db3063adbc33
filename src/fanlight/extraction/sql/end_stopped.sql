-- End a run that was to stop and that nobody works on: it waits still, or its holder has died.
-- in: organization_id, run_id, stale_seconds, code, detail, remedy. out: integration_id. index: primary key.
UPDATE extraction_run
SET state = 'stopped', finished_at = now(), error_code = %(code)s, error_detail = %(detail)s, error_remedy = %(remedy)s
WHERE organization_id = %(organization_id)s AND id = (
  SELECT r.id FROM extraction_run r
  WHERE r.organization_id = %(organization_id)s AND r.id = %(run_id)s
    AND (r.state = 'queued'
      OR (r.state = 'running' AND r.heartbeat_at < now() - make_interval(secs => %(stale_seconds)s)))
  FOR NO KEY UPDATE SKIP LOCKED)
RETURNING integration_id
