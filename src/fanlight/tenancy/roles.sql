-- The database roles of Fanlight, for a superuser or the owner role of a managed PostgreSQL to run once.
-- Passwords are set afterwards, with \password, so that none stands in a file or a history.
-- fanlight_owner: owns the schema, runs migrations only. NOINHERIT, so that it never has the exemptions of the roles it hands functions to.
CREATE ROLE fanlight_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOBYPASSRLS;
-- fanlight_portal, fanlight_worker: one for each kind of process.
CREATE ROLE fanlight_portal LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
CREATE ROLE fanlight_worker LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
-- fanlight_doorway, fanlight_search: nobody logs in as them; they own the few functions that see past a policy.
CREATE ROLE fanlight_doorway NOLOGIN NOSUPERUSER NOBYPASSRLS;
CREATE ROLE fanlight_search NOLOGIN NOSUPERUSER NOBYPASSRLS;
GRANT fanlight_doorway, fanlight_search TO fanlight_owner;
