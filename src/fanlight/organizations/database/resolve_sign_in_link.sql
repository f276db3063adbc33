-- Doorway: the organization and the link behind a token's digest, before an organization is known. Identifiers only;
-- whether the link still opens anything is decided inside that organization's scope.
CREATE OR REPLACE FUNCTION fanlight_resolve_sign_in_link(the_digest bytea)
RETURNS TABLE (organization_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
  SELECT l.organization_id, l.id FROM public.organizations_signinlink l WHERE l.digest = the_digest
$$
