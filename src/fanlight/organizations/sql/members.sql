-- List the people of an organization, by name.
-- in: organization_id. out: person's id, email, name, role. index: primary keys.
SELECT m.person_id, p.email, p.name, m.role
FROM organizations_membership m
JOIN organizations_person p ON p.id = m.person_id
WHERE m.organization_id = %(organization_id)s
ORDER BY p.name, p.email
