-- Say what each typed word means to the organization of this transaction: itself; while it is being typed or unknown, the
-- beginning of words; else one with few typos. A word that means nothing is left out.
-- For fanlight_search alone and under its rules: the same role, the organization from the transaction's setting alone and
-- compared in every branch (docs/decisions/0005). Without a setting nothing means anything.
-- in: words, in small letters. out, an item for each word that means something:
--   meant: the word that it is taken for, the best one of several;
--   asked: the text query for it, wherever it stands; own, held: in a name, and in the name of what holds it. A word that was
--     typed before is not asked for in the name again;
--   entire: the query for it as a whole word, of those nearest to it;
--   found_by: the query to find columns by, empty where a short beginning would find too many; anchored_by: the same, but a
--     whole word, if it is one, instead of too short a beginning;
-- corrected: all that was meant, where a word was mistyped. is_common: one word that is in very many names. is_short: its
-- beginning would find too many assets, too.
CREATE OR REPLACE FUNCTION fanlight_search_words(
  tokens text[],
  OUT meant text[], OUT asked text[], OUT own text[], OUT held text[], OUT entire text[], OUT found_by text[], OUT anchored_by text[],
  OUT corrected text, OUT is_common boolean, OUT is_short boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER
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
  n constant integer := cardinality(tokens);
  -- Names that a beginning may be in, of columns and all, and words that may begin so.
  much constant integer := 20000;
  many_words constant integer := 2000;
  -- Beginnings in fewer names than this may as well be typos.
  few constant integer := 20;
  token text;
  known bigint;
  begun bigint;
  fitting text[];
  nearest text[];
  first_letter text;
  allowed integer;
  shortest integer;
  longest integer;
  ending text;
  swapped text[];
  tried integer := 0;
  is_again boolean;
  beginning text;
BEGIN
  meant := '{}'; asked := '{}'; own := '{}'; held := '{}'; entire := '{}'; found_by := '{}'; anchored_by := '{}';
  is_common := false; is_short := false;
  FOR i IN 1..n LOOP
    token := tokens[i];
    is_again := token = ANY (tokens[:i - 1]);
    begun := NULL;
    SELECT sum(w.names) INTO known
    FROM discovery_word w
    WHERE w.organization_id = the_organization AND w.word = token;
    IF i = n OR known IS NULL AND length(token) > 1 THEN
      SELECT CASE count(*) WHEN many_words THEN 20 * much ELSE sum(b.names) END INTO begun
      FROM (
        SELECT w.names
        FROM discovery_word w
        WHERE w.organization_id = the_organization AND w.word > token AND w.word < token || chr(1114111)
        LIMIT many_words) b;
    END IF;
    fitting := CASE WHEN known IS NOT NULL THEN ARRAY[token] END;
    nearest := fitting;
    -- What was typed before the last word is finished: if hardly anything begins so, it may be mistyped.
    IF known IS NULL AND length(token) > 2 AND tried < 3 AND (begun IS NULL OR i < n AND begun < few AND length(token) > 4) THEN
      tried := tried + 1;
      allowed := CASE WHEN length(token) < 5 THEN 1 ELSE 2 END;
      shortest := length(token) - allowed;
      longest := length(token) + allowed;
      ending := right(token, 2);
      swapped := ARRAY(
        SELECT left(token, s - 1) || substr(token, s + 1, 1) || substr(token, s, 1) || substr(token, s + 2)
        FROM generate_series(1, length(token) - 1) s);
      -- Few mistype the first letter: the words with the same one are compared first, then those with the same end.
      FOREACH first_letter IN ARRAY ARRAY[left(token, 1), ''] LOOP
        SELECT array_agg(b.word), array_agg(b.word) FILTER (WHERE b.distance = b.least)
        INTO fitting, nearest
        FROM (
          SELECT c.word, min(c.distance) AS distance, min(min(c.distance)) OVER () AS least
          FROM (
            -- Two letters swapped are one typo.
            SELECT s.word, 1 AS distance FROM unnest(swapped) s (word)
            UNION ALL
            SELECT u.word, levenshtein_less_equal(u.word, token, allowed)
            FROM (
              SELECT DISTINCT w.word
              FROM discovery_word w
              WHERE w.organization_id = the_organization
                AND w.word >= first_letter AND w.word < first_letter || chr(1114111)
                AND (first_letter <> '' OR right(w.word, 2) = ending)
                AND length(w.word) BETWEEN shortest AND longest
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
      IF fitting IS NULL AND i = n AND length(token) > 3 THEN
        SELECT array_agg(b.word) INTO fitting
        FROM (
          SELECT c.word
          FROM (
            SELECT w.word, w.names
            FROM discovery_word w
            WHERE w.organization_id = the_organization
              AND w.word >= left(token, 1) AND w.word < left(token, 1) || chr(1114111)
            LIMIT 100000) c
          WHERE levenshtein_less_equal(left(c.word, length(token)), token, 1) <= 1
            OR left(c.word, length(token)) = ANY (swapped)
          GROUP BY c.word
          ORDER BY sum(c.names) DESC, c.word
          LIMIT 4) b;
        nearest := fitting;
      END IF;
      IF begun IS NULL THEN
        corrected := coalesce(fitting[1], corrected);
      END IF;
    END IF;
    CONTINUE WHEN fitting IS NULL AND begun IS NULL;
    IF begun IS NOT NULL THEN
      beginning := format('''%s%s'':*', k, token);
      is_common := n = 1 AND coalesce(known, 0) + begun > much;
      is_short := is_short OR coalesce(known, 0) + begun > 10 * much;
      meant := meant || CASE WHEN known IS NULL AND fitting IS NOT NULL THEN fitting[1] ELSE token END;
      entire := entire || ('''' || k || array_to_string(coalesce(nearest, ARRAY[token]), '''|''' || k) || '''');
      IF known IS NULL AND fitting IS NOT NULL THEN
        beginning := beginning || '|''' || k || array_to_string(fitting, '''|''' || k) || '''';
        own := array_append(own, CASE WHEN NOT is_again
          THEN format('''%s%s'':*A|''', k, token) || k || array_to_string(fitting, ''':A|''' || k) || ''':A' END);
        held := held || (format('''%s%s'':*B|''', k, token) || k || array_to_string(fitting, ''':B|''' || k) || ''':B');
      ELSE
        own := array_append(own, CASE WHEN NOT is_again THEN beginning || 'A' END);
        held := held || (beginning || 'B');
      END IF;
      asked := asked || beginning;
      -- A short beginning fits half of all entries: the other words find them, and it only sifts.
      found_by := found_by || CASE WHEN n = 1 OR coalesce(known, 0) + begun <= much THEN beginning ELSE '' END;
      anchored_by := anchored_by || CASE WHEN n = 1 OR coalesce(known, 0) + begun <= much THEN beginning
        WHEN known IS NOT NULL THEN format('''%s%s''', k, token) ELSE '' END;
    ELSE
      is_common := n = 1 AND coalesce(known, 0) > much;
      meant := meant || fitting[1];
      asked := asked || ('''' || k || array_to_string(fitting, '''|''' || k) || '''');
      own := array_append(own, CASE WHEN NOT is_again THEN '''' || k || array_to_string(fitting, ''':A|''' || k) || ''':A' END);
      held := held || ('''' || k || array_to_string(fitting, ''':B|''' || k) || ''':B');
      entire := entire || ('''' || k || array_to_string(nearest, '''|''' || k) || '''');
      found_by := found_by || asked[cardinality(asked)];
      anchored_by := anchored_by || asked[cardinality(asked)];
    END IF;
  END LOOP;
  IF corrected IS NOT NULL THEN
    corrected := array_to_string(meant, ' ');
  END IF;
END
$$
