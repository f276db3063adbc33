-- List the organizations that a person belongs to, through the doorway.
-- in: person_id. out: organization_id. index: organizations_membership_person.
SELECT organization_id FROM fanlight_memberships_of(%(person_id)s)
