-- What an organization's ledgers say was sent, against what may be sent.
-- in: organization_id; digests: those of the closed lists, today's and former ones. out: lines, lines of other digests,
-- one run that has such a line.
-- index: the primary key
SELECT count(*), count(*) FILTER (WHERE d.digest IS NULL), min(l.run_id::text) FILTER (WHERE d.digest IS NULL)
FROM extraction_ledgerline l
LEFT JOIN unnest(%(digests)s::text[]) AS d (digest) ON d.digest = l.digest
WHERE l.organization_id = %(organization_id)s
