-- Take a run up: one that waits, or one whose holder has given no sign of life.
-- in: organization_id, run_id, lease, now, stale_before. out: attempt; no row when somebody else has it. index: primary key.
UPDATE extraction_run
SET state = 'running', lease = %(lease)s, heartbeat_at = %(now)s, attempt = attempt + 1,
    started_at = coalesce(started_at, %(now)s), phase = 'connecting', done = 0, total = NULL
WHERE organization_id = %(organization_id)s AND id = %(run_id)s
  AND (state = 'queued' OR (state = 'running' AND heartbeat_at < %(stale_before)s))
RETURNING attempt
