-- Count the words of the entries of what a run has changed into the integration's vocabulary, or out of it: before they are
-- removed with the sign -1, when they are made anew with 1; but for those in spans of ids. Of all entries, without a run;
-- or, with a lease, of those in the spans.
-- A list's first five letters are the organization's (docs/decisions/0018), the weights tell names from comments.
-- in: organization_id, integration_id, run_id (or NULL), lease (or NULL), firsts and lasts (of the spans), sign. out: count.
-- index: catalog_asset_locator, primary keys.
WITH entries AS MATERIALIZED (
  SELECT CASE WHEN %(lease)s::uuid IS NULL
    THEN format('SELECT e.words FROM catalog_asset a JOIN discovery_entry e ON e.organization_id = %%1$L AND e.asset_id = a.id '
      'WHERE a.organization_id = %%1$L AND a.integration_id = %%2$L AND (%%3$L::uuid IS NULL OR a.changed_run_id = %%3$L) '
      'AND NOT EXISTS (SELECT FROM unnest(%%4$L::uuid[], %%5$L::uuid[]) s (first, last) WHERE a.id BETWEEN s.first AND s.last)',
      %(organization_id)s::uuid, %(integration_id)s::uuid, %(run_id)s::uuid, %(firsts)s::uuid[], %(lasts)s::uuid[])
    ELSE format('SELECT e.words FROM unnest(%%2$L::uuid[], %%3$L::uuid[]) s (first, last) '
      'JOIN discovery_entry e ON e.organization_id = %%1$L AND e.asset_id BETWEEN s.first AND s.last',
      %(organization_id)s::uuid, %(firsts)s::uuid[], %(lasts)s::uuid[])
    END AS statement
),
counted AS (
  SELECT substr(s.word, 6) AS word, s.ndoc AS names, 0 AS comments
  FROM entries CROSS JOIN LATERAL ts_stat(entries.statement, 'a') s
  UNION ALL
  SELECT substr(s.word, 6), 0, s.ndoc
  FROM entries CROSS JOIN LATERAL ts_stat(entries.statement, 'd') s
)
INSERT INTO discovery_word AS w (organization_id, word, integration_id, names, comments)
SELECT %(organization_id)s, c.word, %(integration_id)s, %(sign)s * sum(c.names), %(sign)s * sum(c.comments)
FROM counted c
WHERE c.word <> ''
GROUP BY c.word
ORDER BY c.word COLLATE "C"
ON CONFLICT (organization_id, word, integration_id)
DO UPDATE SET names = w.names + excluded.names, comments = w.comments + excluded.comments
