-- Say that the holder of a run's lease lives, and how far it is.
-- in: organization_id, run_id, lease, phase, done, total. out: count (1: the lease is ours). index: primary key.
UPDATE extraction_run
SET heartbeat_at = now(), phase = %(phase)s, done = %(done)s, total = %(total)s
WHERE organization_id = %(organization_id)s AND id = %(run_id)s AND lease = %(lease)s AND state = 'running'
