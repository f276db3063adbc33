-- Append one event.
-- in: organization_id, sequence, at, kind, encoded. out: nothing. index: primary key.
INSERT INTO audit_auditevent (organization_id, sequence, at, kind, encoded)
VALUES (%(organization_id)s, %(sequence)s, %(at)s, %(kind)s, %(encoded)s)
