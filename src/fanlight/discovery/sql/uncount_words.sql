-- Take the words of entries that are about to be removed out of the integration's vocabulary.
-- in: organization_id, integration_id, run_id. out: count. index: catalog_asset_locator, primary keys.
WITH entries AS MATERIALIZED (
  SELECT format('SELECT e.words FROM catalog_asset a JOIN discovery_entry e ON e.organization_id = %%1$L AND e.asset_id = a.id '
    'WHERE a.organization_id = %%1$L AND a.integration_id = %%2$L '
    'AND a.changed_run_id = %%3$L AND a.created_run_id <> %%3$L',
    %(organization_id)s::uuid, %(integration_id)s::uuid, %(run_id)s::uuid) AS statement
),
counted AS (
  SELECT substr(s.word, 6) AS word, s.ndoc AS names, 0 AS comments
  FROM entries CROSS JOIN LATERAL ts_stat(entries.statement, 'a') s
  UNION ALL
  SELECT substr(s.word, 6), 0, s.ndoc
  FROM entries CROSS JOIN LATERAL ts_stat(entries.statement, 'd') s
),
gone AS (SELECT c.word, sum(c.names) AS names, sum(c.comments) AS comments FROM counted c GROUP BY c.word)
UPDATE discovery_word w
SET names = w.names - g.names, comments = w.comments - g.comments
FROM gone g
WHERE w.organization_id = %(organization_id)s AND w.integration_id = %(integration_id)s AND w.word = g.word
