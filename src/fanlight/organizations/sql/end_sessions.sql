-- End the sessions of a member that are open: all, or all but one, or that one.
-- in: organization_id, person_id, but (a session's id, or NULL), only (the same), receipt_id (or NULL), now, opened_since,
-- used_since. out: id, way, device, address, opened_at, used_at. index: organizations_session_person.
UPDATE organizations_membersession s
SET ended_at = %(now)s, receipt_id = %(receipt_id)s
WHERE s.organization_id = %(organization_id)s AND s.person_id = %(person_id)s AND s.ended_at IS NULL
  AND s.opened_at > %(opened_since)s AND s.used_at > %(used_since)s
  AND (%(but)s::uuid IS NULL OR s.id <> %(but)s) AND (%(only)s::uuid IS NULL OR s.id = %(only)s)
RETURNING s.id, s.way, s.device, s.address, s.opened_at, s.used_at
