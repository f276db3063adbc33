-- Doorway: the runs that wait, or whose holder is silent, the organizations in turn: first those for whom fewest run.
-- One organization has at most so many at once, so that another's never waits for all of them. Identifiers only.
CREATE OR REPLACE FUNCTION fanlight_next_runs(most integer, most_of_one integer, stale_seconds integer)
RETURNS TABLE (organization_id uuid, run_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
  WITH known AS MATERIALIZED (
    SELECT r.organization_id, r.id, r.requested_at,
      r.state = 'running' AND r.heartbeat_at >= now() - make_interval(secs => stale_seconds) AS is_alive
    FROM public.extraction_run r
    WHERE r.state IN ('queued', 'running') AND r.purpose = 'extraction'
  ),
  turns AS (
    SELECT k.organization_id, k.id, k.requested_at,
      (SELECT count(*) FROM known a WHERE a.organization_id = k.organization_id AND a.is_alive)
        + row_number() OVER (PARTITION BY k.organization_id ORDER BY k.requested_at) AS turn
    FROM known k
    WHERE NOT k.is_alive
  )
  SELECT t.organization_id, t.id
  FROM turns t
  WHERE t.turn <= most_of_one
  ORDER BY t.turn, t.requested_at
  LIMIT least(greatest(most, 0), 1000)
$$
