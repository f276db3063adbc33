-- Search the entries of the organization of this transaction, best first.
-- It runs as a role that is exempt from row security, because row security hides every index but equality's.
-- Therefore the organization comes from the transaction's setting alone, and each branch filters by it; without a
-- setting there are no rows, with garbage there is an error. It returns identifiers, scores and, where a typed word is
-- in no name or comment, the organization's own words that were taken instead.
-- in: what was typed; how many. The last word may be unfinished. What an entry's words are, and why the text indexes
-- are the only ones that a branch can use: docs/decisions/0018.
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
  n constant integer := cardinality(tokens);
  joined constant text := array_to_string(tokens, '_');
  much constant integer := 20000;
  limited constant integer := least(greatest(most, 1), 100);
  known bigint;
  begun bigint;
  fitting text[];
  first_letter text;
  allowed integer;
  swapped text[];
  parts_asked text[] := '{}';
  parts_narrow text[] := '{}';
  parts_whole text[] := '{}';
  meant text[] := '{}';
  corrected text;
  is_common boolean := false;
  asked tsquery;
  narrow tsquery;
  any_of tsquery;
  whole tsquery;
  exact tsquery;
  placed tsquery;
  sample constant tsquery := ('''' || k || '#''')::tsquery;
  per_word float8;
  tried integer := 0;
  -- How much a name made of nothing else matters, and each word found; in floating point, which numbers here are not.
  share constant float8 := 3 * n;
  weight constant float8 := 1.5;
BEGIN
  IF the_organization IS NULL OR plain = '' OR length(typed) > 500 THEN
    RETURN;
  END IF;
  -- What each word means: itself; while it is being typed or unknown, the beginning of words; else one with few typos.
  FOR i IN 1..n LOOP
    SELECT sum(w.names) FILTER (WHERE w.word = tokens[i]), sum(w.names) FILTER (WHERE w.word <> tokens[i])
    INTO known, begun
    FROM discovery_word w
    WHERE w.organization_id = the_organization AND w.word >= tokens[i] AND w.word < tokens[i] || chr(1114111);
    is_common := n = 1 AND coalesce(known, 0) + coalesce(begun, 0) > much;
    IF begun IS NOT NULL AND (i = n OR known IS NULL AND length(tokens[i]) > 1) THEN
      parts_asked := parts_asked || format('''%s%s'':*', k, tokens[i]);
      -- A short beginning fits half of all entries: the other words find them, and it only sifts.
      IF n = 1 OR coalesce(known, 0) + begun <= much THEN
        parts_narrow := parts_narrow || format('''%s%s'':*', k, tokens[i]);
      END IF;
      parts_whole := parts_whole || format('''%s%s''', k, tokens[i]);
      meant := meant || tokens[i];
      CONTINUE;
    END IF;
    fitting := CASE WHEN known IS NOT NULL THEN ARRAY[tokens[i]] ELSE '{}' END;
    IF fitting = '{}' AND length(tokens[i]) > 2 AND tried < 3 THEN
      tried := tried + 1;
      allowed := CASE WHEN length(tokens[i]) < 5 THEN 1 ELSE 2 END;
      swapped := ARRAY(
        SELECT left(tokens[i], s - 1) || substr(tokens[i], s + 1, 1) || substr(tokens[i], s, 1) || substr(tokens[i], s + 2)
        FROM generate_series(1, length(tokens[i]) - 1) s);
      -- Few mistype the first letter: the words with the same one are compared first, then those with the same end.
      FOREACH first_letter IN ARRAY ARRAY[left(tokens[i], 1), ''] LOOP
        SELECT array_agg(b.word) INTO fitting
        FROM (
          SELECT c.word
          FROM (
            SELECT u.word, CASE WHEN u.word = ANY (swapped) THEN 1
              ELSE levenshtein_less_equal(u.word, tokens[i], allowed) END AS distance
            FROM (
              SELECT DISTINCT w.word
              FROM discovery_word w
              WHERE w.organization_id = the_organization
                AND w.word >= first_letter AND w.word < first_letter || chr(1114111)
                AND w.word LIKE CASE WHEN first_letter <> '' THEN '%' ELSE '%' || right(tokens[i], 2) END
                AND length(w.word) BETWEEN length(tokens[i]) - allowed AND length(tokens[i]) + allowed
              -- A source that fills comments with words that are none must not make a search long.
              LIMIT 100000) u
            OFFSET 0) c
          JOIN discovery_word w ON w.organization_id = the_organization AND w.word = c.word
          WHERE c.distance <= allowed
          GROUP BY c.word
          ORDER BY min(c.distance), sum(w.names) DESC, c.word
          LIMIT 4) b;
        EXIT WHEN fitting IS NOT NULL;
      END LOOP;
      IF fitting IS NULL AND i = n AND length(tokens[i]) > 3 THEN
        SELECT array_agg(c.word) INTO fitting
        FROM (
          SELECT w.word
          FROM discovery_word w
          WHERE w.organization_id = the_organization
            AND w.word >= left(tokens[i], 1) AND w.word < left(tokens[i], 1) || chr(1114111)
            AND (levenshtein_less_equal(left(w.word, length(tokens[i])), tokens[i], 1) <= 1
              OR left(w.word, length(tokens[i])) = ANY (swapped))
          GROUP BY w.word
          ORDER BY sum(w.names) DESC, w.word
          LIMIT 4) c;
      END IF;
      corrected := coalesce(fitting[1], corrected);
    END IF;
    IF fitting <> '{}' THEN
      parts_asked := parts_asked || ('(' || (SELECT string_agg(format('''%s%s''', k, f), '|') FROM unnest(fitting) f) || ')');
      parts_narrow := parts_narrow || parts_asked[cardinality(parts_asked)];
      parts_whole := parts_whole || parts_asked[cardinality(parts_asked)];
      meant := meant || fitting[1];
    END IF;
  END LOOP;
  IF corrected IS NOT NULL THEN
    corrected := array_to_string(meant, ' ');
  END IF;
  asked := nullif(array_to_string(parts_asked, ' & '), '')::tsquery;
  narrow := coalesce(nullif(array_to_string(parts_narrow, ' & '), '')::tsquery, asked);
  any_of := array_to_string(parts_asked, '|')::tsquery;
  whole := array_to_string(parts_whole, '|')::tsquery;
  per_word := 1.645 * (numnode(any_of) + 1) / 2 / greatest(cardinality(parts_asked), 1);
  exact := format('''%s=%s''', k, replace(replace(left(plain, 200), '\', '\\'), '''', ''''''))::tsquery;
  IF n > 1 THEN
    exact := exact || format('''%s=%s''', k, joined)::tsquery;
  END IF;
  IF is_path THEN
    SELECT string_agg(format('''%s%s%s''', k, substr('=<^', p.number::integer, 1),
      replace(replace(left(p.part, 200), '\', '\\'), '''', '''''')), ' & ')::tsquery
    INTO placed FROM unnest(parts) WITH ORDINALITY AS p (part, number);
  END IF;
  FOR attempt IN 1..2 LOOP
    RETURN QUERY
    WITH tops AS MATERIALIZED (
      SELECT e.asset_id, e.id, e.name, e.word_count, e.prior, e.words
      FROM discovery_entry e
      WHERE e.organization_id IS NOT DISTINCT FROM the_organization AND NOT e.is_column
        AND e.words @@ narrow AND (e.words @@ asked) IS TRUE
      LIMIT 300
    ),
    found AS (
      SELECT t.*, 0::float8 AS place FROM tops t
      UNION ALL
      (SELECT e.asset_id, e.id, e.name, e.word_count, e.prior, e.words, 0::float8
       FROM discovery_entry e
       WHERE e.organization_id IS NOT DISTINCT FROM the_organization AND NOT e.is_column AND e.words @@ exact
       LIMIT 200)
      UNION ALL
      (SELECT e.asset_id, e.id, e.name, e.word_count, e.prior, e.words, 0::float8
       FROM discovery_entry e
       WHERE e.organization_id IS NOT DISTINCT FROM the_organization AND e.is_column
         AND e.words @@ CASE WHEN is_common THEN exact && sample ELSE exact END
       LIMIT 200)
      UNION ALL
      (SELECT e.asset_id, e.id, e.name, e.word_count, e.prior, e.words, 0::float8
       FROM discovery_entry e
       WHERE e.organization_id IS NOT DISTINCT FROM the_organization AND e.is_column
         AND (SELECT count(*) FROM tops) < 50
         AND e.words @@ CASE WHEN is_common THEN narrow && sample ELSE narrow END AND (e.words @@ asked) IS TRUE
       LIMIT 200)
      UNION ALL
      (SELECT e.asset_id, e.id, e.name, e.word_count, e.prior, e.words, CASE WHEN e.path = plain THEN 60 ELSE 40 END::float8
       FROM discovery_entry e
       WHERE e.organization_id IS NOT DISTINCT FROM the_organization AND NOT e.is_column
         AND is_path AND e.words @@ placed AND (e.path = plain OR right(e.path, length(plain) + 1) = '.' || plain)
       LIMIT 200)
      UNION ALL
      (SELECT e.asset_id, e.id, e.name, e.word_count, e.prior, e.words, CASE WHEN p.path = plain THEN 60 ELSE 40 END::float8
       FROM discovery_entry e
       JOIN discovery_entry r ON r.organization_id = the_organization AND r.asset_id = e.asset_id AND r.id = e.asset_id
       CROSS JOIN LATERAL (SELECT r.path || '.' || replace(lower(e.name), '"', '')) AS p (path)
       WHERE e.organization_id IS NOT DISTINCT FROM the_organization AND e.is_column
         AND is_path AND e.words @@ placed AND (p.path = plain OR right(p.path, length(plain) + 1) = '.' || plain)
       LIMIT 200)
    ),
    rated AS (
      SELECT f.asset_id, f.id, f.name,
        f.place
          + CASE WHEN replace(l.name, '"', '') = plain THEN CASE WHEN f.name = btrim(typed) THEN 21 ELSE 20 END
              WHEN l.name = joined THEN 3 WHEN starts_with(l.name, joined) THEN 0.5 ELSE 0 END::float8
          + share * least(per_word * ts_rank('{0,0,0,1}', f.words, any_of), 1::float8) / greatest(f.word_count, n, 1)
          + weight * least(per_word * ts_rank('{0.05,0,0.4,1}', f.words, any_of), 1::float8)
          + weight * least(per_word * ts_rank('{0.05,0,0.4,1}', f.words, whole), 1::float8)
          + f.prior / 2 AS score
      FROM found f
      CROSS JOIN LATERAL (SELECT lower(f.name)) AS l (name)
    )
    SELECT r.asset_id, r.id, max(r.score)::real, corrected
    FROM rated r
    GROUP BY r.asset_id, r.id, r.name
    ORDER BY max(r.score) DESC, length(r.name), r.name, r.id
    LIMIT limited;
    EXIT WHEN FOUND OR cardinality(parts_asked) < 2;
    -- Nothing has all the words: any of them, best first.
    asked := any_of;
    narrow := any_of;
  END LOOP;
END
$$
