-- Find the organization and the link behind a token's digest, through the doorway.
-- in: digest. out: organization_id, id; at most one row. index: organizations_signinlink_digest.
SELECT organization_id, id FROM fanlight_resolve_sign_in_link(%(digest)s)
