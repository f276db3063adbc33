-- Take a run up: one that waits, or one whose holder has given no sign of life. One that is just being merged is held.
-- in: organization_id, run_id, lease, stale_seconds. out: attempt; no row when somebody else has it. index: primary key.
UPDATE extraction_run
SET state = 'running', lease = %(lease)s, heartbeat_at = now(), attempt = attempt + 1,
    started_at = coalesce(started_at, now()), phase = 'connecting', done = 0, total = NULL
WHERE organization_id = %(organization_id)s AND id = (
  SELECT r.id FROM extraction_run r
  WHERE r.organization_id = %(organization_id)s AND r.id = %(run_id)s AND r.purpose = 'extraction'
    AND (r.state = 'queued'
      OR (r.state = 'running' AND r.heartbeat_at < now() - make_interval(secs => %(stale_seconds)s)))
  FOR NO KEY UPDATE SKIP LOCKED)
RETURNING attempt
