-- End a run that cannot be begun, whatever its row holds.
-- in: organization_id, run_id. out: count. index: primary key.
UPDATE extraction_run
SET state = 'failed', finished_at = now(), error_code = 'run.internal',
    error_detail = 'The run could not be begun.', error_remedy = 'Extract again; report it if it happens again.'
WHERE organization_id = %(organization_id)s AND id = %(run_id)s AND state IN ('queued', 'running')
