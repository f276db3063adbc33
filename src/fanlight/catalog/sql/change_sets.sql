-- List the runs of an integration between two moments that a comparison by lines cannot tell whole: the source's first,
-- and those of which not every line is kept.
-- in: organization_id, integration_id, since, until. out: the first columns of catalog.changes._run.
-- index: catalog_changeset_source.
SELECT s.run_id, s.integration_id, s.at, s.is_first, s.total, s.kept, s.counts
FROM catalog_changeset s
WHERE s.organization_id = %(organization_id)s AND s.integration_id = %(integration_id)s
  AND s.at >= %(since)s AND s.at < %(until)s AND (s.is_first OR s.kept < s.total)
ORDER BY s.at
