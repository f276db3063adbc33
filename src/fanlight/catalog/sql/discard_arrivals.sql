-- Remove what a run has brought: at the end of its merge, or the leftovers of a killed attempt before the next.
-- in: organization_id, run_ids. out: nothing. index: primary key.
DELETE FROM catalog_arrival
WHERE organization_id = %(organization_id)s AND run_id = ANY(%(run_ids)s)
