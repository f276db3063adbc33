-- Doorway: the integrations that were deleted and whose rows still lie there, longest first. Identifiers only.
CREATE OR REPLACE FUNCTION fanlight_to_erase(most integer)
RETURNS TABLE (organization_id uuid, integration_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
  SELECT i.organization_id, i.id
  FROM public.integrations_integration i
  WHERE i.deleted_at IS NOT NULL
  ORDER BY i.deleted_at
  LIMIT least(greatest(most, 0), 1000)
$$
