-- Read what a page has to know of the member who asks for it, and of the session that it is asked in.
-- in: organization_id, person_id, digest, opened_since, used_since. out: role, email, name, password, organization's name,
-- session's id, used_at; no row for a stranger, a former member, a person who is not active, and a session that was
-- ended or is too old. index: organizations_membersession_digest, primary keys.
SELECT m.role, p.email, p.name, p.password, o.name, s.id, s.used_at
FROM organizations_membersession s
JOIN organizations_membership m ON m.organization_id = s.organization_id AND m.person_id = s.person_id
JOIN organizations_person p ON p.id = m.person_id
JOIN tenancy_organization o ON o.id = m.organization_id
WHERE s.organization_id = %(organization_id)s AND s.digest = %(digest)s AND s.person_id = %(person_id)s
  AND s.ended_at IS NULL AND s.opened_at > %(opened_since)s AND s.used_at > %(used_since)s AND p.is_active
