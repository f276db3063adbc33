-- How far the credentials of an organization's integrations reach whose latest extraction succeeded.
-- in: organization_id. out: integrations; of these, extracted by a credential that is known to be unable to write; of
-- these, by one that is unable to read any row.
-- index: extraction_run_recent, integrations_privileges
SELECT count(*), count(*) FILTER (WHERE r.state = 'succeeded' AND NOT p.is_excessive),
  count(*) FILTER (WHERE r.state = 'succeeded' AND NOT p.is_excessive AND p.readable = 0)
FROM integrations_integration i
LEFT JOIN LATERAL (
  SELECT x.state FROM extraction_run x
  WHERE x.organization_id = i.organization_id AND x.integration_id = i.id AND x.purpose = 'extraction'
    AND x.state IN ('succeeded', 'failed')
  ORDER BY x.requested_at DESC LIMIT 1
) r ON true
LEFT JOIN LATERAL (
  SELECT x.is_excessive,
    (SELECT coalesce(sum((one.value ->> 'readable')::bigint), 0) FROM jsonb_each(x.databases) AS one) AS readable
  FROM integrations_privilegereport x
  WHERE x.organization_id = i.organization_id AND x.integration_id = i.id AND x.databases <> '{}'
  ORDER BY x.found_at DESC LIMIT 1
) p ON true
WHERE i.organization_id = %(organization_id)s AND i.deleted_at IS NULL
