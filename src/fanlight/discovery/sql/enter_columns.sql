-- Make the entries of the columns of the assets that a run has made or changed; of all, without a run; but for spans of
-- ids that have theirs. Or, with a lease, of those that arrived under it in these spans and are new, ahead of the merge.
-- What the words mean: docs/decisions/0018. Most names are plain snake case, and those are spared the regular
-- expressions, which cost more than all the rest. Long names and comments are searchable by their beginnings.
-- in: organization_id, integration_id, run_id (or NULL), lease (or NULL), firsts and lasts (of the spans). out: count.
-- index: catalog_asset_locator, catalog_column_name, catalog_arrival_id.
WITH key AS MATERIALIZED (SELECT right(%(organization_id)s::text, 5) AS k),
relation AS (
  SELECT a.id, a.name, a.parent, NULL::json AS columns, NULL::json AS column_ids
  FROM catalog_asset a
  WHERE %(lease)s::uuid IS NULL AND a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s
    AND (%(run_id)s::uuid IS NULL OR a.changed_run_id = %(run_id)s) AND a.gone_at IS NULL
    AND NOT EXISTS (
      SELECT FROM unnest(%(firsts)s::uuid[], %(lasts)s::uuid[]) AS s (first, last) WHERE a.id BETWEEN s.first AND s.last)
  UNION ALL
  SELECT r.id, r.name, r.parent, r.columns, r.column_ids
  FROM unnest(%(firsts)s::uuid[], %(lasts)s::uuid[]) AS s (first, last)
  JOIN catalog_arrival r ON r.organization_id = %(organization_id)s AND r.lease = %(lease)s::uuid
    AND r.id BETWEEN s.first AND s.last
  WHERE r.columns IS NOT NULL
    AND NOT EXISTS (
      SELECT FROM catalog_asset a
      WHERE a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s
        AND a.locator = r.locator)
),
changed AS MATERIALIZED (
  SELECT a.id, k, concat_ws(' ', m.marks, p.parents) AS words, a.columns, a.column_ids
  FROM relation a
  CROSS JOIN key
  CROSS JOIN LATERAL (SELECT CASE WHEN position('"' IN a.parent) = 0 THEN split_part(a.parent, '.', -1)
    ELSE (regexp_match(a.parent, '(?:^|\.)((?:[^".]|"(?:[^"]|"")*")+)$'))[1] END AS name) s
  CROSS JOIN LATERAL (
    -- '#': of one relation in 64, to sample what half of all columns are called.
    SELECT concat(CASE WHEN uuid_hash(a.id) & 63 = 0 THEN k || '#:3C ' END,
      string_agg('''' || k || t.mark || replace(replace(left(replace(lower(t.name), '"', ''), 200), '\', '\\'), '''', '''''')
        || ''':3C', ' ')) AS marks
    FROM (VALUES ('<', a.name), ('^', s.name)) AS t (mark, name)
    WHERE t.name <> '') m
  CROSS JOIN LATERAL (
    SELECT string_agg(k || left(t.word, 64) || ':2B', ' ') AS parents
    FROM regexp_split_to_table(lower(regexp_replace(left(a.name, 500), '([[:lower:]0-9])([[:upper:]])', '\1 \2', 'g')),
      '[^[:alnum:]]+') AS t (word)
    WHERE t.word <> '') p
),
part AS (
  SELECT r.id AS asset_id, c.id, c.name, c.comment, r.k, r.words
  FROM changed r
  JOIN catalog_column c ON c.organization_id = %(organization_id)s AND c.asset_id = r.id AND c.gone_at IS NULL
  WHERE %(lease)s::uuid IS NULL
  UNION ALL
  SELECT r.id, c.id::uuid, c.value->>0, c.value->>5, r.k, r.words
  FROM changed r
  CROSS JOIN LATERAL ROWS FROM (jsonb_array_elements(r.columns::jsonb), jsonb_array_elements_text(r.column_ids::jsonb))
    AS c (value, id)
  WHERE %(lease)s::uuid IS NOT NULL
)
INSERT INTO discovery_entry (organization_id, asset_id, id, is_column, word_count, prior, name, path, words)
SELECT %(organization_id)s, n.asset_id, n.id, true, least(1 + length(n.plain) - length(replace(n.plain, '_', '')), 1000), 0,
  n.name, NULL,
  (CASE WHEN n.plain !~ '[^a-z0-9_]' AND length(n.plain) <= 100
    THEN n.k || replace(n.plain, '_', ':1A ' || n.k) || ':1A ' || n.k || '=' || n.plain || ':3C '
    ELSE (
      SELECT concat(string_agg(n.k || left(t.word, 64) || ':1A', ' '), ' ''' || n.k || '='
        || replace(replace(left(replace(lower(n.name), '"', ''), 200), '\', '\\'), '''', '''''') || ''':3C ')
      FROM (
        SELECT regexp_split_to_table(lower(n.plain), '[^[:alnum:]]+')
        UNION ALL
        -- Camel case in one word, too: it is typed so.
        SELECT regexp_replace(lower(n.plain), '[^[:alnum:]]+', '', 'g')
        WHERE n.name ~ '[[:lower:]0-9][[:upper:]]') AS t (word)
      WHERE t.word <> '')
    END
    || n.words
    || CASE WHEN n.comment IS NULL THEN ''
      WHEN length(n.comment) <= 250
      THEN ' ' || n.k || regexp_replace(lower(n.comment), '[^[:alnum:]]+', ':4 ' || n.k, 'g') || ':4'
      ELSE (
        SELECT concat(' ', string_agg(n.k || left(t.word, 64) || ':4', ' '))
        FROM regexp_split_to_table(lower(left(n.comment, 10000)), '[^[:alnum:]]+') AS t (word)
        WHERE t.word <> '')
      END)::tsvector
FROM (
  -- What is all capitals is plain, and camel case is cut where it turns. Once a row, hence the OFFSET.
  SELECT c.asset_id, c.id, c.name, c.comment, c.k, c.words, CASE WHEN c.name !~ '[^a-z0-9_]' THEN c.name
    WHEN c.name !~ '[^A-Z0-9_]' THEN lower(c.name)
    ELSE regexp_replace(left(c.name, 500), '([[:lower:]0-9])([[:upper:]])', '\1_\2', 'g') END AS plain
  FROM part c
  OFFSET 0) AS n
