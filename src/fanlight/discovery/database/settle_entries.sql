-- Sort what was entered into the indexes now; searches would go through it row by row until somebody does.
-- Only an index's owner may; the function reads and returns nothing.
CREATE OR REPLACE FUNCTION fanlight_settle_entries() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$ BEGIN
  PERFORM gin_clean_pending_list('public.discovery_entry_assets'), gin_clean_pending_list('public.discovery_entry_columns');
END $$
