-- Since when each promise has stood as its latest believed result says, without a change and without a gap.
-- in: promises and roles, side by side; gap_seconds: how far apart two results may be. out: promise, moment.
-- index: trust_result_history
SELECT s.promise, max(s.recorded_at)
FROM (
  SELECT t.promise, t.recorded_at,
    t.state IS DISTINCT FROM lag(t.state) OVER earlier
      OR t.recorded_at - lag(t.recorded_at) OVER earlier > make_interval(secs => %(gap_seconds)s) AS is_beginning
  FROM unnest(%(promises)s::text[], %(roles)s::text[]) AS w (promise, role)
  JOIN trust_result t ON t.promise = w.promise AND t.recorded_by = w.role
  WINDOW earlier AS (PARTITION BY t.promise ORDER BY t.recorded_at, t.id)
) s
WHERE s.is_beginning
GROUP BY s.promise
