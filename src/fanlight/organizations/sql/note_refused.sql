-- Note the first time that a session is tried which a revocation has ended.
-- in: organization_id, digest, now. out: count. index: organizations_membersession_digest, receipt's primary key.
UPDATE organizations_receipt r
SET refused_at = %(now)s
FROM organizations_membersession s
WHERE s.organization_id = %(organization_id)s AND s.digest = %(digest)s
  AND r.organization_id = %(organization_id)s AND r.id = s.receipt_id AND r.refused_at IS NULL
