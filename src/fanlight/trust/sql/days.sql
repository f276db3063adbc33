-- Each day's states of each promise, of believed results only.
-- in: promises and roles, side by side; since. out: promise, day in UTC, states.
-- index: trust_result_history
SELECT w.promise, (t.recorded_at AT TIME ZONE 'UTC')::date, array_agg(DISTINCT t.state)
FROM unnest(%(promises)s::text[], %(roles)s::text[]) AS w (promise, role)
JOIN trust_result t ON t.promise = w.promise AND t.recorded_by = w.role AND t.recorded_at >= %(since)s
GROUP BY 1, 2
