-- Note what a run is about to change, from what has arrived against what is stored: a line for each thing that came,
-- went or came back, and for each field that has another value. What was not seen is no change. Call it before the
-- merge writes. Beyond `most_lines` the lines about whole assets are kept first, then those about whole columns.
-- A value longer than `most_characters` is kept as its length and digest.
-- in: organization_id, integration_id, run_id, lease, now, most_lines, most_characters. out: how many lines are kept.
-- index: arrival's primary key, catalog_asset_locator, catalog_column_name, departure's primary key.
WITH former AS MATERIALIZED (
  SELECT a.id, a.locator, r.not_seen, w.is_whole, a.gone_at IS NOT NULL AS was_gone, a.kind AS kind_before, r.kind,
    a.comment AS comment_before, CASE WHEN w.is_whole THEN r.comment ELSE coalesce(r.comment, a.comment) END AS comment,
    a.facts AS facts_before, CASE WHEN w.is_whole THEN r.facts::jsonb ELSE a.facts || r.facts::jsonb END AS facts, r.columns
  FROM catalog_arrival r
  JOIN catalog_asset a ON a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s
    AND a.locator = r.locator
  CROSS JOIN LATERAL (SELECT r.not_seen = '' OR a.gone_at IS NOT NULL OR a.kind <> r.kind AS is_whole) w
  WHERE r.organization_id = %(organization_id)s AND r.lease = %(lease)s AND r.facts IS NOT NULL
    AND (a.gone_at IS NOT NULL OR (r.not_seen <> 'locked' AND a.digest <> r.digest))
),
fact AS MATERIALIZED (
  SELECT f.id, k.key, f.facts_before -> k.key AS before, f.facts -> k.key AS after,
    f.facts_before ->> (k.key || '_kind') = 'digest' AS is_digest_before,
    f.facts ->> (k.key || '_kind') = 'digest' AS is_digest,
    -- Of lists of things with a name, and of words, each thing has a line of its own.
    CASE WHEN jsonb_typeof(b.lists -> 0) <> 'array' OR jsonb_typeof(b.lists -> 1) <> 'array' THEN 'value'
      WHEN NOT jsonb_path_exists(b.lists, '$[*][*] ? (@.type() <> "object" || !exists(@.name) || @.name.type() <> "string")')
        THEN 'named'
      WHEN NOT jsonb_path_exists(b.lists, '$[*][*] ? (@.type() <> "string")') THEN 'words'
      ELSE 'value' END AS shape
  FROM former f
  CROSS JOIN LATERAL (
    SELECT jsonb_object_keys(f.facts_before) UNION SELECT jsonb_object_keys(f.facts)) AS k (key)
  CROSS JOIN LATERAL (SELECT jsonb_build_array(
    coalesce(f.facts_before -> k.key, '[]'), coalesce(f.facts -> k.key, '[]')) AS lists) b
  WHERE f.facts_before IS DISTINCT FROM f.facts AND f.facts_before -> k.key IS DISTINCT FROM f.facts -> k.key
    AND NOT (right(k.key, 5) = '_kind' AND (f.facts_before ? left(k.key, -5) OR f.facts ? left(k.key, -5)))
),
named AS MATERIALIZED (
  SELECT f.id, f.key, e.name, e.before, e.after
  FROM fact f
  CROSS JOIN LATERAL (
    SELECT coalesce(o.name, n.name) AS name, o.value AS before, n.value AS after
    FROM (SELECT DISTINCT ON (v ->> 'name') v ->> 'name' AS name, v AS value FROM jsonb_array_elements(f.before) v) o
    FULL JOIN (SELECT DISTINCT ON (v ->> 'name') v ->> 'name' AS name, v AS value FROM jsonb_array_elements(f.after) v) n
      ON n.name = o.name
    WHERE o.value IS DISTINCT FROM n.value) e
  WHERE f.shape = 'named'
),
word AS MATERIALIZED (
  SELECT f.id, f.key, w.name, w.is_before
  FROM fact f
  CROSS JOIN LATERAL (
    SELECT v AS name, bool_or(s.is_before) AS is_before
    FROM (SELECT true AS is_before, f.before AS value UNION ALL SELECT false, f.after) s
    CROSS JOIN LATERAL jsonb_array_elements_text(s.value) v
    GROUP BY v
    HAVING bool_and(s.is_before) OR NOT bool_or(s.is_before)) w
  WHERE f.shape = 'words'
),
pair AS MATERIALIZED (
  SELECT coalesce(n.id, k.asset_id) AS id, coalesce(n.name, k.name) AS name,
    k.asset_id IS NOT NULL AND k.gone_at IS NULL AS was_there, k.asset_id IS NOT NULL AS was_known, n.id IS NOT NULL AS is_there,
    k.position AS position_before, n.position, k.type AS type_before, n.type, k.is_nullable AS is_nullable_before,
    n.is_nullable, k.extra AS extra_before, n.extra, k."default" AS standard_before,
    CASE WHEN n.not_seen = '' THEN n.standard ELSE coalesce(n.standard, k."default") END AS standard,
    k.comment AS comment_before, CASE WHEN n.not_seen = '' THEN n.comment ELSE coalesce(n.comment, k.comment) END AS comment
  FROM (
    SELECT f.id, f.not_seen, c.value->>0 AS name, (c.value->>1)::integer AS position, c.value->>2 AS type,
      (c.value->>3)::boolean AS is_nullable, c.value->>4 AS standard, c.value->>5 AS comment,
      nullif((c.value->6)::text, 'null')::jsonb AS extra
    FROM former f
    CROSS JOIN LATERAL json_array_elements(f.columns) AS c (value)) n
  FULL JOIN (
    SELECT k.*
    FROM former f
    JOIN catalog_column k ON k.organization_id = %(organization_id)s AND k.asset_id = f.id) k
    ON k.asset_id = n.id AND k.name = n.name
  WHERE n.id IS NOT NULL OR k.gone_at IS NULL
),
line (asset_id, locator, kind, part, name, field, action, before, after) AS MATERIALIZED (
  -- By grouping: an anti join compares all with all where the server has no statistics yet.
  SELECT (array_agg(l.id))[1], l.locator, min(l.kind), '', '', '', 'added', NULL::jsonb, to_jsonb(min(l.kind))
  FROM (
    SELECT r.locator, r.id, r.kind, true AS is_new
    FROM catalog_arrival r
    WHERE r.organization_id = %(organization_id)s AND r.lease = %(lease)s AND r.facts IS NOT NULL
    UNION ALL
    SELECT a.locator, NULL, NULL, false
    FROM catalog_asset a
    WHERE a.organization_id = %(organization_id)s AND a.integration_id = %(integration_id)s
      AND EXISTS (
        SELECT FROM catalog_arrival r
        WHERE r.organization_id = %(organization_id)s AND r.lease = %(lease)s AND r.facts IS NOT NULL)) l
  GROUP BY l.locator
  HAVING bool_and(l.is_new)
  UNION ALL
  SELECT a.id, a.locator, a.kind, '', '', '', 'removed', to_jsonb(a.kind), NULL
  FROM catalog_departure d
  JOIN catalog_asset a ON a.organization_id = %(organization_id)s AND a.id = d.asset_id AND a.gone_at IS NULL
  WHERE d.organization_id = %(organization_id)s AND d.run_id = %(run_id)s
  UNION ALL
  SELECT f.id, f.locator, f.kind, '', '', '', 'returned', NULL, to_jsonb(f.kind)
  FROM former f
  WHERE f.was_gone
  UNION ALL
  SELECT f.id, f.locator, f.kind, '', '', v.field, 'changed', v.before, v.after
  FROM former f
  CROSS JOIN LATERAL (VALUES ('kind', to_jsonb(f.kind_before), to_jsonb(f.kind)),
    ('comment', to_jsonb(f.comment_before), to_jsonb(f.comment))) v (field, before, after)
  WHERE v.before IS DISTINCT FROM v.after
  UNION ALL
  SELECT f.id, f.locator, f.kind, l.part, l.name, l.field, l.action, l.before, l.after
  FROM (
    SELECT t.id, '' AS part, '' AS name, t.key AS field, 'changed' AS action,
      CASE WHEN t.is_digest_before THEN jsonb_build_object('digest', t.before) ELSE t.before END AS before,
      CASE WHEN t.is_digest THEN jsonb_build_object('digest', t.after) ELSE t.after END AS after
    FROM fact t
    WHERE t.shape = 'value'
      OR t.shape = 'words' AND NOT EXISTS (SELECT FROM word w WHERE w.id = t.id AND w.key = t.key)
    UNION ALL
    SELECT n.id, n.key, n.name, '', CASE WHEN n.before IS NULL THEN 'added' ELSE 'removed' END, n.before, n.after
    FROM named n
    WHERE n.before IS NULL OR n.after IS NULL
    UNION ALL
    SELECT n.id, n.key, n.name, k.key, 'changed',
      CASE WHEN n.before ->> (k.key || '_kind') = 'digest' THEN jsonb_build_object('digest', n.before -> k.key) ELSE n.before -> k.key END,
      CASE WHEN n.after ->> (k.key || '_kind') = 'digest' THEN jsonb_build_object('digest', n.after -> k.key) ELSE n.after -> k.key END
    FROM named n
    CROSS JOIN LATERAL (SELECT jsonb_object_keys(n.before) UNION SELECT jsonb_object_keys(n.after)) AS k (key)
    WHERE n.before IS NOT NULL AND n.after IS NOT NULL AND n.before -> k.key IS DISTINCT FROM n.after -> k.key
      AND NOT (right(k.key, 5) = '_kind' AND (n.before ? left(k.key, -5) OR n.after ? left(k.key, -5)))
    UNION ALL
    SELECT w.id, w.key, w.name, '', CASE WHEN w.is_before THEN 'removed' ELSE 'added' END, NULL, NULL
    FROM word w
    UNION ALL
    SELECT p.id, 'column', p.name, '',
      CASE WHEN NOT p.is_there THEN 'removed' WHEN p.was_known THEN 'returned' ELSE 'added' END,
      to_jsonb(CASE WHEN p.was_there THEN p.type_before END), to_jsonb(p.type)
    FROM pair p
    WHERE p.was_there <> p.is_there
    UNION ALL
    SELECT p.id, 'column', p.name, v.field, 'changed', v.before, v.after
    FROM pair p
    CROSS JOIN LATERAL (VALUES ('type', to_jsonb(p.type_before), to_jsonb(p.type)),
      ('is_nullable', to_jsonb(p.is_nullable_before), to_jsonb(p.is_nullable)),
      ('default',
        CASE WHEN p.extra_before ->> 'default_kind' = 'digest' THEN jsonb_build_object('digest', p.standard_before)
          ELSE to_jsonb(p.standard_before) END,
        CASE WHEN p.extra ->> 'default_kind' = 'digest' THEN jsonb_build_object('digest', p.standard)
          ELSE to_jsonb(p.standard) END),
      ('comment', to_jsonb(p.comment_before), to_jsonb(p.comment)),
      ('identity', p.extra_before -> 'identity', p.extra -> 'identity'),
      ('generated', p.extra_before -> 'generated', p.extra -> 'generated'),
      ('collation', p.extra_before -> 'collation', p.extra -> 'collation')) v (field, before, after)
    WHERE p.was_known AND p.is_there AND v.before IS DISTINCT FROM v.after
      AND (p.type_before, p.is_nullable_before, p.standard_before, p.comment_before, p.extra_before)
        IS DISTINCT FROM (p.type, p.is_nullable, p.standard, p.comment, p.extra)
    UNION ALL
    -- Columns that others came before or after are where they were: only their order among each other counts.
    SELECT p.id, '', '', 'columns', 'changed', to_jsonb(array_agg(p.name ORDER BY p.position_before)),
      to_jsonb(array_agg(p.name ORDER BY p.position))
    FROM pair p
    WHERE p.was_there AND p.is_there
    GROUP BY p.id
    HAVING bool_or(p.position_before <> p.position)
      AND array_agg(p.name ORDER BY p.position_before) <> array_agg(p.name ORDER BY p.position)
  ) l
  JOIN former f ON f.id = l.id
),
counted AS MATERIALIZED (
  SELECT t.action, t.what, count(*), sum(t.lines)::integer AS lines
  FROM (
    SELECT l.action, coalesce(nullif(l.part, ''), l.kind) AS what, count(*) AS lines
    FROM line l
    GROUP BY 1, 2, l.asset_id, l.part, l.name) t
  GROUP BY 1, 2
),
noted AS (
  INSERT INTO catalog_changeset (organization_id, run_id, integration_id, at, is_first, total, kept, counts)
  SELECT %(organization_id)s, %(run_id)s, %(integration_id)s, %(now)s, false, sum(c.lines),
    least(sum(c.lines), %(most_lines)s),
    jsonb_agg(jsonb_build_array(c.action, c.what, c.count) ORDER BY c.count DESC, c.action, c.what)
  FROM counted c
  HAVING count(*) > 0
)
INSERT INTO catalog_change (organization_id, run_id, number, asset_id, part, name, field, action, before, after)
SELECT %(organization_id)s, %(run_id)s, l.number, l.asset_id, l.part, l.name, l.field, l.action,
  CASE WHEN length(l.before::text) <= %(most_characters)s THEN l.before
    WHEN l.before IS NOT NULL THEN jsonb_build_object('characters', length(l.before #>> '{}'),
      'digest', 'sha256:' || encode(sha256(convert_to(l.before::text, 'UTF8')), 'hex')) END,
  CASE WHEN length(l.after::text) <= %(most_characters)s THEN l.after
    WHEN l.after IS NOT NULL THEN jsonb_build_object('characters', length(l.after #>> '{}'),
      'digest', 'sha256:' || encode(sha256(convert_to(l.after::text, 'UTF8')), 'hex')) END
FROM (
  SELECT o.*, row_number() OVER (ORDER BY o.weight, o.locator, o.part <> '', o.part, o.name, o.field) AS number
  FROM (
    SELECT l.*, CASE WHEN t.total <= %(most_lines)s THEN 0 ELSE (l.part <> '')::integer + 2 * (l.field <> '')::integer END AS weight
    FROM line l
    CROSS JOIN (SELECT sum(c.lines) AS total FROM counted c) t) o) l
WHERE l.number <= %(most_lines)s
