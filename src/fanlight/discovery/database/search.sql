-- Search the entries of the organization of this transaction, best first.
-- It runs as a role that is exempt from row security, because row security hides every index but equality's.
-- Therefore the organization comes from the transaction's setting alone, and each branch filters by it; without a
-- setting there are no rows, with garbage there is an error. It returns identifiers, scores and, where a typed word is
-- in no name or comment, the organization's own words that were taken instead.
-- in: what was typed; how many. The last word may be unfinished. What an entry's words are, and why the text indexes
-- are the only ones that a branch can use: docs/decisions/0018. What is looked at and how it is rated: 0022.
CREATE OR REPLACE FUNCTION fanlight_search(typed text, most integer)
RETURNS TABLE (asset_id uuid, id uuid, score real, instead text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50
SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET max_parallel_workers_per_gather = 0
SET jit = off
AS $$
DECLARE
  the_organization constant uuid := nullif(current_setting('fanlight.organization_id', true), '')::uuid;
  -- Every word of an entry begins with the last letters of its organization, so that its lists are its own.
  k constant text := right(the_organization::text, 5);
  plain constant text := replace(lower(btrim(typed)), '"', '');
  -- The parts of a path, the last one first.
  parts constant text[] := ARRAY(
    SELECT replace(lower(coalesce(p.found[1], btrim(p.found[2]))), '"', '')
    FROM regexp_matches(left(typed, 500), '"((?:[^"]|"")+)"|([^."]+)', 'g') WITH ORDINALITY AS p (found, number)
    ORDER BY p.number DESC LIMIT 3);
  is_path constant boolean := position('.' IN plain) > 0 AND cardinality(parts) > 1;
  tokens constant text[] := (ARRAY(
    SELECT left(t.word, 60)
    FROM regexp_split_to_table(lower(regexp_replace(left(typed, 500), '([[:lower:]0-9])([[:upper:]])', '\1 \2', 'g')),
      '[^[:alnum:]]+') WITH ORDINALITY AS t (word, number)
    WHERE t.word <> '' ORDER BY t.number))[1:12];
  limited constant integer := least(greatest(most, 1), 100);
  words record;
  m integer;
  joined text;
  run_together text;
  asked tsquery;
  found_by tsquery;
  assets_by tsquery;
  in_name tsquery;
  any_of tsquery;
  own_each tsquery[];
  held_each tsquery[];
  asked_each tsquery[];
  entire_each tsquery[];
  exact tsquery;
  of_table tsquery[];
  of_words tsquery[];
  at_path tsquery;
  sample constant tsquery := ('''' || k || '#''')::tsquery;
BEGIN
  IF the_organization IS NULL OR plain = '' OR length(typed) > 500 THEN
    RETURN;
  END IF;
  SELECT * INTO words FROM fanlight_search_words(tokens);
  m := cardinality(words.meant);
  joined := array_to_string(words.meant, '_');
  run_together := array_to_string(words.meant, '');
  own_each := words.own::tsquery[];
  held_each := words.held::tsquery[];
  asked_each := words.asked::tsquery[];
  entire_each := words.entire::tsquery[];
  asked := nullif('(' || array_to_string(words.asked, ')&(') || ')', '()')::tsquery;
  found_by := coalesce(nullif('(' || array_to_string(array_remove(words.found_by, ''), ')&(') || ')', '()')::tsquery, asked);
  assets_by := CASE WHEN words.is_short THEN found_by ELSE asked END;
  in_name := nullif('(' || array_to_string(words.own, ')&(') || ')', '()')::tsquery;
  any_of := array_to_string(words.asked, '|')::tsquery;
  -- Names that are exactly what was typed; of two or three words, in whatever order.
  exact := format('''%s=%s''', k, replace(replace(left(plain, 200), '\', '\\'), '''', ''''''))::tsquery;
  IF m BETWEEN 2 AND 3 THEN
    exact := exact || (
      SELECT string_agg(format('''%s=%s''', k, concat_ws(s.mark, words.meant[a], words.meant[b], words.meant[c])), '|')
      FROM (VALUES ('_'), ('')) s (mark)
      CROSS JOIN generate_series(1, m) a
      JOIN generate_series(1, m) b ON b <> a
      LEFT JOIN generate_series(1, m) c ON m = 3
      WHERE c IS NULL OR c <> a AND c <> b)::tsquery;
  ELSIF m > 3 THEN
    exact := exact || format('''%s=%s''|''%s=%s''', k, joined, k, run_together)::tsquery;
  END IF;
  -- Columns whose name is some of the words, of a table whose name is the others, and of one that has the others.
  IF m BETWEEN 2 AND 5 THEN
    SELECT
      array_agg(format('%s&(''%s<%s''|''%s<%s'')', o.own, k, array_to_string(d.others, '_'), k, array_to_string(d.others, ''))::tsquery),
      array_agg((o.own || '&(' || array_to_string(d.anchored_by, ')&(') || ')')::tsquery) FILTER (WHERE '' <> ALL (d.anchored_by))
    INTO of_table, of_words
    FROM (
      SELECT words.meant[s + 1:] AS own, words.meant[:s] AS others, words.anchored_by[:s] AS anchored_by
      FROM generate_series(1, m - 1) s
      UNION ALL
      SELECT words.meant[:s], words.meant[s + 1:], words.anchored_by[s + 1:]
      FROM generate_series(1, m - 1) s) d
    CROSS JOIN LATERAL (
      SELECT format('(''%s=%s''|''%s=%s'')', k, array_to_string(d.own, '_'), k, array_to_string(d.own, ''))) o (own);
  END IF;
  IF is_path THEN
    SELECT string_agg(format('''%s%s%s''', k, substr('=<^', p.number::integer, 1),
      replace(replace(left(p.part, 200), '\', '\\'), '''', '''''')), ' & ')::tsquery
    INTO at_path FROM unnest(parts) WITH ORDINALITY AS p (part, number);
  END IF;
  FOR attempt IN 1..3 LOOP
    RETURN QUERY
    WITH placed AS MATERIALIZED (
      (SELECT e.asset_id, e.id, e.name, e.word_count, e.prior, e.words, CASE WHEN e.path = plain THEN 60 ELSE 40 END::float8 AS place
       FROM discovery_entry e
       WHERE e.organization_id IS NOT DISTINCT FROM the_organization AND NOT e.is_column
         AND is_path AND e.words @@ at_path AND (e.path = plain OR right(e.path, length(plain) + 1) = '.' || plain)
       LIMIT 200)
      UNION ALL
      (SELECT e.asset_id, e.id, e.name, e.word_count, e.prior, e.words, CASE WHEN p.path = plain THEN 60 ELSE 40 END::float8
       FROM discovery_entry e
       JOIN discovery_entry r ON r.organization_id = the_organization AND r.asset_id = e.asset_id AND r.id = e.asset_id
       CROSS JOIN LATERAL (SELECT r.path || '.' || replace(lower(e.name), '"', '')) AS p (path)
       WHERE e.organization_id IS NOT DISTINCT FROM the_organization AND e.is_column
         AND is_path AND e.words @@ at_path AND (p.path = plain OR right(p.path, length(plain) + 1) = '.' || plain)
       LIMIT 200)
    ),
    -- Read only as far as what is below asks for: to 250 with all the words in their names, or to the end of it.
    assets AS MATERIALIZED (
      SELECT e.asset_id, e.id, e.name, e.word_count, e.prior, e.words, (e.words @@ in_name) IS TRUE AS is_named
      FROM discovery_entry e
      WHERE e.organization_id IS NOT DISTINCT FROM the_organization AND NOT e.is_column
        AND e.words @@ assets_by AND (e.words @@ asked) IS TRUE
      LIMIT 3000
    ),
    columns AS MATERIALIZED (
      SELECT e.asset_id, e.id, e.name, e.word_count, e.prior, e.words, (e.words @@ in_name) IS TRUE AS is_named
      FROM discovery_entry e
      WHERE e.organization_id IS NOT DISTINCT FROM the_organization AND e.is_column
        AND NOT EXISTS (SELECT FROM assets OFFSET 49) AND NOT EXISTS (SELECT FROM placed)
        AND e.words @@ CASE WHEN words.is_common THEN found_by && sample ELSE found_by END AND (e.words @@ asked) IS TRUE
      LIMIT 1000
    ),
    named AS MATERIALIZED (
      SELECT e.asset_id, e.id, e.name, e.word_count, e.prior, e.words FROM assets e WHERE e.is_named LIMIT 250
    ),
    found AS (
      SELECT * FROM placed
      UNION ALL
      SELECT n.*, 0::float8 FROM named n
      UNION ALL
      (SELECT e.asset_id, e.id, e.name, e.word_count, e.prior, e.words, 0::float8 FROM assets e WHERE NOT e.is_named AND (SELECT count(*) FROM named) < limited LIMIT 200)
      UNION ALL
      (SELECT e.asset_id, e.id, e.name, e.word_count, e.prior, e.words, 0::float8 FROM columns e WHERE e.is_named LIMIT 200)
      UNION ALL
      (SELECT e.asset_id, e.id, e.name, e.word_count, e.prior, e.words, 0::float8 FROM columns e WHERE NOT e.is_named LIMIT 200)
      UNION ALL
      (SELECT e.asset_id, e.id, e.name, e.word_count, e.prior, e.words, 0::float8
       FROM discovery_entry e
       WHERE e.organization_id IS NOT DISTINCT FROM the_organization AND NOT e.is_column AND e.words @@ exact
       LIMIT 200)
      UNION ALL
      (SELECT e.asset_id, e.id, e.name, e.word_count, e.prior, e.words, 0::float8
       FROM discovery_entry e
       WHERE e.organization_id IS NOT DISTINCT FROM the_organization AND e.is_column
         AND e.words @@ CASE WHEN words.is_common THEN exact && sample ELSE exact END
       LIMIT 100)
      UNION ALL
      -- Where not all columns were looked at, those that fit best come by their marks, way by way.
      (SELECT e.*, 0::float8
       FROM unnest(CASE
         WHEN EXISTS (SELECT FROM columns OFFSET 200)
           OR EXISTS (SELECT FROM assets OFFSET 49) AND (SELECT count(*) FROM named) < limited AND NOT EXISTS (SELECT FROM placed)
         THEN of_table || of_words
         WHEN EXISTS (SELECT FROM assets OFFSET 49) THEN of_table END) AS w (way)
       CROSS JOIN LATERAL (
         SELECT e.asset_id, e.id, e.name, e.word_count, e.prior, e.words
         FROM discovery_entry e
         WHERE e.organization_id IS NOT DISTINCT FROM the_organization AND e.is_column AND e.words @@ w.way AND (e.words @@ asked) IS TRUE
         LIMIT 50) e)
    ),
    rated AS (
      SELECT f.asset_id, f.id, f.name,
        f.place
          + CASE WHEN replace(l.name, '"', '') = plain THEN CASE WHEN f.name = btrim(typed) THEN 21 ELSE 20 END
              -- Of one word only its ending is left: `customers` before `customer_value` for `customer`.
              WHEN m = 1 AND f.word_count = 1 AND starts_with(l.name, joined) THEN 0.8
              WHEN starts_with(l.name, joined) OR l.name = run_together THEN 0.3 ELSE 0 END::float8
          + 3 * least(g.named / greatest(f.word_count, 1), 1::float8) * (g.named + 0.5 * g.held) / greatest(m, 1)
          + (3 * g.named + 1.2 * g.held + 0.15 * g.told) / greatest(m, 1)
          + 0.6 * g.held / greatest(length(ts_filter(f.words, '{b}')), 1)
          + f.prior / 2 AS score
      FROM found f
      CROSS JOIN LATERAL (SELECT lower(f.name)) AS l (name)
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(w.value) FILTER (WHERE w.place = 1), 0::float8) AS named,
          coalesce(sum(w.value) FILTER (WHERE w.place = 2), 0::float8) AS held,
          coalesce(sum(w.value) FILTER (WHERE w.place = 3), 0::float8) AS told
        FROM (
          SELECT CASE WHEN f.words @@ q.own THEN 1 WHEN f.words @@ q.held THEN 2 WHEN f.words @@ q.asked THEN 3 END AS place,
            CASE WHEN f.words @@ q.entire THEN 1 ELSE 0.8 END::float8 AS value
          FROM unnest(own_each, held_each, asked_each, entire_each) q (own, held, asked, entire)) w) g
    )
    SELECT r.asset_id, r.id, max(r.score)::real, words.corrected
    FROM rated r
    GROUP BY r.asset_id, r.id, r.name
    ORDER BY max(r.score) DESC, length(r.name), r.name, r.id
    LIMIT limited;
    EXIT WHEN FOUND OR m < 2;
    -- Nothing has all the words: all but one, then any of them.
    asked := CASE WHEN attempt = 1 AND m BETWEEN 3 AND 6 THEN (
      SELECT string_agg('(' || (
        SELECT string_agg('(' || words.asked[o] || ')', '&') FROM generate_series(1, m) o WHERE o <> l) || ')', '|')
      FROM generate_series(1, m) l)::tsquery ELSE any_of END;
    found_by := asked;
    assets_by := asked;
    in_name := array_to_string(words.own, '|')::tsquery;
  END LOOP;
END
$$
