-- Find what each integration's credential could do when it was last looked at.
-- in: organization_id. out: integration_id, sentence, is_excessive, checked_at, reads_data, is_known.
-- index: integrations_privileges.
SELECT i.id, p.sentence, p.is_excessive, p.checked_at,
  jsonb_path_exists(p.databases, '$.* ? (@.readable > 0
    || exists(@.rights[*] ? (@.level == "read" && @.kind != "membership")))'),
  NOT EXISTS (SELECT FROM jsonb_each(p.databases) d WHERE jsonb_array_length(d.value -> 'unknown') > 0)
FROM integrations_integration i
CROSS JOIN LATERAL (
  SELECT r.sentence, r.is_excessive, r.checked_at, r.databases
  FROM integrations_privilegereport r
  WHERE r.organization_id = %(organization_id)s AND r.integration_id = i.id
  ORDER BY r.found_at DESC LIMIT 1) p
WHERE i.organization_id = %(organization_id)s AND i.deleted_at IS NULL
