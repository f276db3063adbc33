-- Count what a run has brought.
-- in: organization_id, run_id. out: count. index: primary key.
SELECT count(*) FROM catalog_arrival WHERE organization_id = %(organization_id)s AND run_id = %(run_id)s
