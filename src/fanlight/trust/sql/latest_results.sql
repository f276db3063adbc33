-- The latest result of each promise that was recorded by the role of its control's zone; others are not believed.
-- in: promises and roles, side by side. out: promise, state, recorded_at, milliseconds, evidence.
-- index: trust_result_history
SELECT w.promise, r.state, r.recorded_at, r.milliseconds, r.evidence::text
FROM unnest(%(promises)s::text[], %(roles)s::text[]) AS w (promise, role)
CROSS JOIN LATERAL (
  SELECT t.state, t.recorded_at, t.milliseconds, t.evidence FROM trust_result t
  WHERE t.promise = w.promise AND t.recorded_by = w.role
  ORDER BY t.recorded_at DESC, t.id DESC LIMIT 1
) r
