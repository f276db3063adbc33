-- Give the planner figures about what has just arrived, without which the merge's joins are planned blindly.
-- Only a table's owner may analyze it; the function reads and returns nothing.
CREATE OR REPLACE FUNCTION fanlight_analyze_arrival() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$ BEGIN ANALYZE public.catalog_arrival; END $$
