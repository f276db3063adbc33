-- Find the integrations that somebody should see to. While one is paused, its runs and its schedule are no news.
-- in: organization_id, paused_before. out: id, name, paused_at, stopped_reason, run_id, run_state, detail, excess.
-- index: extraction_run_recent, integrations_privileges, primary keys.
SELECT i.id, i.name,
  CASE WHEN i.paused_at < %(paused_before)s THEN i.paused_at END,
  CASE WHEN i.paused_at IS NULL THEN s.stopped_reason ELSE '' END,
  CASE WHEN i.paused_at IS NULL THEN r.id END,
  CASE WHEN i.paused_at IS NULL THEN coalesce(r.state, '') ELSE '' END,
  CASE WHEN i.paused_at IS NULL THEN coalesce(r.error_detail, '') ELSE '' END,
  CASE WHEN p.is_excessive THEN p.sentence ELSE '' END
FROM integrations_integration i
JOIN integrations_schedule s ON s.organization_id = %(organization_id)s AND s.integration_id = i.id
LEFT JOIN LATERAL (
  SELECT r.id, r.state, r.error_detail
  FROM extraction_run r
  WHERE r.organization_id = %(organization_id)s AND r.integration_id = i.id AND r.purpose = 'extraction'
  ORDER BY r.requested_at DESC LIMIT 1) r ON r.state IN ('failed', 'held')
LEFT JOIN LATERAL (
  SELECT p.sentence, p.is_excessive
  FROM integrations_privilegereport p
  WHERE p.organization_id = %(organization_id)s AND p.integration_id = i.id
  ORDER BY p.found_at DESC LIMIT 1) p ON true
WHERE i.organization_id = %(organization_id)s AND i.deleted_at IS NULL
  AND (i.paused_at < %(paused_before)s OR p.is_excessive
    OR (i.paused_at IS NULL AND (s.stopped_reason <> '' OR r.id IS NOT NULL)))
ORDER BY i.name
