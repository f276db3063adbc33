-- Forget what the history does not need. Of what is older than `young`, the first and the last result of each day and
-- each change of state stay; of what is older than `oldest`, and of what is not believed, nothing.
-- in: promises and roles, side by side; young, oldest (moments). out: rows removed.
-- index: trust_result_history
DELETE FROM trust_result WHERE id IN (
  SELECT s.id
  FROM (
    SELECT t.id, t.recorded_at, w.promise IS NOT NULL AS is_believed,
      t.state IS DISTINCT FROM lag(t.state) OVER (PARTITION BY t.promise, t.recorded_by ORDER BY t.recorded_at, t.id)
        AS is_change,
      row_number() OVER (PARTITION BY t.promise, t.recorded_by, date_trunc('day', t.recorded_at, 'UTC')
        ORDER BY t.recorded_at, t.id) = 1 AS is_first,
      row_number() OVER (PARTITION BY t.promise, t.recorded_by, date_trunc('day', t.recorded_at, 'UTC')
        ORDER BY t.recorded_at DESC, t.id DESC) = 1 AS is_last
    FROM trust_result t
    LEFT JOIN unnest(%(promises)s::text[], %(roles)s::text[]) AS w (promise, role)
      ON w.promise = t.promise AND w.role = t.recorded_by
  ) s
  WHERE s.recorded_at < %(young)s
    AND (NOT s.is_believed OR s.recorded_at < %(oldest)s OR NOT (s.is_change OR s.is_first OR s.is_last))
)
