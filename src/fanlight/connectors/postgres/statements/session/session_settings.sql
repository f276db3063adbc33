-- Settle the session: read-only by default, names of the catalogue only (before any temporary thing that could
-- bear the same name), nothing waits for ever, no parallel workers. The same settings went along when
-- connecting; a role's own settings cannot undo them.
-- In: nothing. Out: the settings as they now are.
SELECT pg_catalog.set_config('search_path', 'pg_catalog,pg_temp', false),
       pg_catalog.set_config('default_transaction_read_only', 'on', false),
       pg_catalog.set_config('standard_conforming_strings', 'on', false),
       pg_catalog.set_config('statement_timeout', '60s', false),
       pg_catalog.set_config('lock_timeout', '5s', false),
       pg_catalog.set_config('idle_in_transaction_session_timeout', '10min', false),
       pg_catalog.set_config('max_parallel_workers_per_gather', '0', false),
       pg_catalog.set_config('jit', 'off', false)
