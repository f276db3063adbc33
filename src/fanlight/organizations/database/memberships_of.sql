-- Doorway: the organizations that a person belongs to, before one is chosen. Identifiers only.
CREATE OR REPLACE FUNCTION fanlight_memberships_of(the_person uuid)
RETURNS TABLE (organization_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
  SELECT m.organization_id FROM public.organizations_membership m WHERE m.person_id = the_person
$$
