-- Read what a page has to know of the member who asks for it.
-- in: organization_id, person_id. out: role, email, name, password, organization's name; no row for a stranger, a former
-- member, and a person who is not active. index: primary keys.
SELECT m.role, p.email, p.name, p.password, o.name
FROM organizations_membership m
JOIN organizations_person p ON p.id = m.person_id
JOIN tenancy_organization o ON o.id = m.organization_id
WHERE m.organization_id = %(organization_id)s AND m.person_id = %(person_id)s AND p.is_active
