-- Ask the doorway whose turn it is.
-- in: most, most_of_one, stale_seconds. out: organization_id, run_id. index: extraction_run_waiting.
SELECT organization_id, run_id FROM fanlight_next_runs(%(most)s, %(most_of_one)s, %(stale_seconds)s)
