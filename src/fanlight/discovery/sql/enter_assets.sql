-- Make the entries of the assets that a run has made or changed; of all, without a run; but for spans of ids that
-- have theirs. Or, with a lease, of those that arrived under it in these spans and are new, ahead of the merge.
-- What the words mean: docs/decisions/0018. Long names and comments are searchable by their beginnings: a list of words has limits.
-- in: organization_id, integration_id, run_id (or NULL), lease (or NULL), firsts and lasts (of the spans). out: count.
-- index: catalog_asset_locator, its statistic's primary key, catalog_arrival_id.
WITH key AS MATERIALIZED (SELECT right(%(organization_id)s::text, 5) AS k),
asset AS (
  SELECT a.id, a.kind, a.name, a.parent, a.locator, a.comment, s.row_estimate
  FROM catalog_asset a
  LEFT JOIN catalog_statistic s ON s.organization_id = %(organization_id)s AND s.asset_id = a.id
  WHERE %(lease)s::uuid IS NULL AND a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s
    AND (%(run_id)s::uuid IS NULL OR a.changed_run_id = %(run_id)s) AND a.gone_at IS NULL
    AND NOT EXISTS (
      SELECT FROM unnest(%(firsts)s::uuid[], %(lasts)s::uuid[]) AS s (first, last) WHERE a.id BETWEEN s.first AND s.last)
  UNION ALL
  SELECT r.id, r.kind, r.name, r.parent, r.locator, r.comment, r.row_estimate
  FROM unnest(%(firsts)s::uuid[], %(lasts)s::uuid[]) AS s (first, last)
  JOIN catalog_arrival r ON r.organization_id = %(organization_id)s AND r.lease = %(lease)s::uuid
    AND r.id BETWEEN s.first AND s.last
  WHERE r.facts IS NOT NULL
    AND NOT EXISTS (
      SELECT FROM catalog_asset a
      WHERE a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s
        AND a.locator = r.locator)
),
changed AS MATERIALIZED (
  SELECT a.id, a.kind, a.comment, n.called, n.path, p.name AS parent, g.name AS grandparent, a.row_estimate
  FROM asset a
  CROSS JOIN LATERAL (SELECT a.kind IN ('function', 'procedure', 'aggregate') AS is_called) k
  CROSS JOIN LATERAL (SELECT
    CASE WHEN k.is_called THEN split_part(a.name, '(', 1) ELSE a.name END AS called,
    replace(lower(CASE WHEN k.is_called THEN a.parent || '.' || split_part(a.name, '(', 1) ELSE a.locator END),
      '"', '') AS path) n
  CROSS JOIN LATERAL (SELECT CASE WHEN position('"' IN a.parent) = 0 THEN split_part(a.parent, '.', -1)
    ELSE (regexp_match(a.parent, '(?:^|\.)((?:[^".]|"(?:[^"]|"")*")+)$'))[1] END AS name) p
  CROSS JOIN LATERAL (SELECT left(a.parent, greatest(length(a.parent) - length(p.name) - 1, 0)) AS path) u
  CROSS JOIN LATERAL (SELECT CASE WHEN position('"' IN u.path) = 0 THEN split_part(u.path, '.', -1)
    ELSE (regexp_match(u.path, '(?:^|\.)((?:[^".]|"(?:[^"]|"")*")+)$'))[1] END AS name) g
)
INSERT INTO discovery_entry (organization_id, asset_id, id, is_column, word_count, prior, name, path, words)
SELECT %(organization_id)s, c.id, c.id, false, least(w.number, 1000),
  CASE WHEN c.kind = 'sequence' THEN 0.1
    WHEN c.kind IN ('enum', 'domain', 'range', 'composite_type') THEN 0.2
    WHEN c.kind IN ('function', 'procedure', 'aggregate') THEN 0.5
    WHEN c.kind IN ('database', 'schema') THEN 0.6 ELSE 1 END
    + 0.1 * ln(1 + greatest(coalesce(c.row_estimate, 0), 0)),
  c.called, c.path,
  concat_ws(' ', w.own, m.marks, p.parents, d.comment)::tsvector
FROM changed c
CROSS JOIN key
CROSS JOIN LATERAL (
  SELECT string_agg(k || left(t.word, 64) || ':1A', ' ') AS own, count(*) AS number
  FROM regexp_split_to_table(lower(regexp_replace(left(c.called, 500), '([[:lower:]0-9])([[:upper:]])', '\1 \2', 'g')),
    '[^[:alnum:]]+') AS t (word)
  WHERE t.word <> '') w
CROSS JOIN LATERAL (
  SELECT string_agg('''' || k || t.mark || replace(replace(left(replace(lower(t.name), '"', ''), 200), '\', '\\'), '''', '''''')
    || ''':3C', ' ') AS marks
  FROM (VALUES ('=', c.called), ('<', c.parent), ('^', c.grandparent)) AS t (mark, name)
  WHERE t.name <> '') m
CROSS JOIN LATERAL (
  SELECT string_agg(k || left(t.word, 64) || CASE WHEN t.number = 0 THEN ':1A' ELSE ':2B' END, ' ') AS parents
  FROM (
    -- Camel case in one word, too: it is typed so.
    SELECT 0 AS number, regexp_replace(lower(left(c.called, 500)), '[^[:alnum:]]+', '', 'g')
    WHERE c.called ~ '[[:lower:]0-9][[:upper:]]'
    UNION ALL
    SELECT 1, t.word
    FROM regexp_split_to_table(lower(regexp_replace(left(c.parent, 500), '([[:lower:]0-9])([[:upper:]])', '\1 \2', 'g')),
      '[^[:alnum:]]+') AS t (word)) AS t (number, word)
  WHERE t.word <> '') p
CROSS JOIN LATERAL (
  SELECT string_agg(k || left(t.word, 64) || ':4', ' ') AS comment
  FROM regexp_split_to_table(lower(left(c.comment, 10000)), '[^[:alnum:]]+') AS t (word)
  WHERE t.word <> '') d
