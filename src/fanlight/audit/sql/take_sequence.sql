-- Take the next number of an organization's log and keep its row locked until the transaction ends.
-- in: organization_id. out: the number. index: primary key.
UPDATE audit_audithead
SET last_sequence = last_sequence + 1
WHERE organization_id = %(organization_id)s
RETURNING last_sequence
