-- Doorway: the integrations whose time has come, the organizations in turn. Identifiers only.
CREATE OR REPLACE FUNCTION fanlight_due_now(most integer)
RETURNS TABLE (organization_id uuid, integration_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
  SELECT d.organization_id, d.integration_id
  FROM (
    SELECT s.organization_id, s.integration_id, s.next_at,
      row_number() OVER (PARTITION BY s.organization_id ORDER BY s.next_at) AS turn
    FROM public.integrations_schedule s
    WHERE s.next_at <= now()
  ) d
  ORDER BY d.turn, d.next_at
  LIMIT least(greatest(most, 0), 1000)
$$
