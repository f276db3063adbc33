-- What the latest believed result of each promise holds for the operator alone. Not for the portal's role.
-- in: promises and roles, side by side. out: promise, findings.
-- index: trust_result_history
SELECT w.promise, r.findings::text
FROM unnest(%(promises)s::text[], %(roles)s::text[]) AS w (promise, role)
CROSS JOIN LATERAL (
  SELECT t.findings FROM trust_result t
  WHERE t.promise = w.promise AND t.recorded_by = w.role
  ORDER BY t.recorded_at DESC, t.id DESC LIMIT 1
) r
