-- Start an organization's audit log.
-- in: organization_id. out: nothing. index: primary key.
INSERT INTO audit_audithead (organization_id, last_sequence)
VALUES (%(organization_id)s, 0)
