-- Search the entries of the organization of this transaction, best first.
-- It runs as a role that is exempt from row security, because row security hides every index but equality's.
-- Therefore the organization comes from the transaction's setting alone, and each branch filters by it; without a
-- setting there are no rows, with garbage there is an error. It returns identifiers and scores, nothing else.
-- in: what was typed; how many. Words may be unfinished.
CREATE OR REPLACE FUNCTION fanlight_search(typed text, most integer)
RETURNS TABLE (id uuid, score real)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_custom_plan
SET jit = off
AS $$
DECLARE
  the_organization constant uuid := nullif(current_setting('fanlight.organization_id', true), '')::uuid;
  plain constant text := replace(lower(btrim(typed)), '"', '');
  tokens constant text[] := array_remove(regexp_split_to_array(
    lower(regexp_replace(typed, '([[:lower:]0-9])([[:upper:]])', '\1 \2', 'g')), '[^[:alnum:]]+'), '');
  asked tsquery;
  whole tsquery;
  limited constant integer := least(greatest(most, 1), 100);
BEGIN
  IF the_organization IS NULL OR coalesce(cardinality(tokens), 0) = 0 OR length(typed) > 500 THEN
    RETURN;
  END IF;
  -- Every word may be the beginning of one; whole ones rank higher.
  SELECT string_agg(quote_literal(t.token) || ':*', ' & ')::tsquery, string_agg(quote_literal(t.token), ' & ')::tsquery
  INTO asked, whole FROM unnest(tokens) AS t (token);
  RETURN QUERY
  WITH found AS (
    (SELECT e.id, e.kind, e.name, e.words, 4.0::real AS bonus
     FROM discovery_entry e
     WHERE e.organization_id = the_organization AND e.lower_name = plain
     LIMIT 200)
    UNION ALL
    (SELECT e.id, e.kind, e.name, e.words, CASE WHEN e.reversed = reverse(plain) THEN 6.0 ELSE 3.0 END::real
     FROM discovery_entry e
     WHERE e.organization_id = the_organization AND position('.' IN plain) > 0
       AND (e.reversed = reverse(plain)
            OR e.reversed LIKE replace(replace(replace(reverse(plain), '\', '\\'), '_', '\_'), '%', '\%') || '.%')
     ORDER BY length(e.reversed)
     LIMIT 200)
    UNION ALL
    (SELECT e.id, e.kind, e.name, e.words, 1.5::real
     FROM discovery_entry e
     WHERE e.organization_id = the_organization
       AND e.lower_name LIKE replace(replace(replace(plain, '\', '\\'), '_', '\_'), '%', '\%') || '%'
     ORDER BY e.lower_name
     LIMIT 200)
    UNION ALL
    -- One letter begins half of all words: the names that begin with it are enough.
    (SELECT e.id, e.kind, e.name, e.words, 0.0::real
     FROM discovery_entry e
     WHERE e.organization_id = the_organization AND length(plain) > 1 AND e.words @@ asked
     LIMIT 1000)
  ),
  best AS (
    SELECT DISTINCT ON (f.id) f.id, f.name, f.kind,
      (f.bonus + ts_rank('{0.01,0.1,0.4,1}'::real[], f.words, asked)
        + ts_rank('{0.01,0.1,0.4,1}'::real[], f.words, whole)
        + CASE WHEN starts_with(lower(f.name), plain) THEN length(plain)::real / length(f.name) ELSE 0 END
        + CASE WHEN f.kind = 'column' THEN 0 WHEN f.kind = 'sequence' THEN 0.1
            WHEN f.kind IN ('enum', 'domain', 'range', 'composite_type') THEN 0.2
            WHEN f.kind IN ('function', 'procedure', 'aggregate') THEN 0.5
            WHEN f.kind IN ('database', 'schema') THEN 0.6 ELSE 1 END)::real AS total
    FROM found f
    ORDER BY f.id, f.bonus DESC
  )
  SELECT b.id, b.total FROM best b
  ORDER BY b.total DESC, length(b.name), b.name, b.id
  LIMIT limited;
END
$$
