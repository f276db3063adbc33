"""Kinds of credential: what each is given, what it then may really do, and what it may not.

`given` runs as the superuser in a database that holds `BANK`; {role} is the credential, {group} and {other} are
further roles. `may` and `may_not` run as the credential itself, in a session that is not read-only. `by_hand`: what
a removal script leaves to a person, as kinds of right.
"""

from __future__ import annotations

from dataclasses import dataclass, field

# Names as bad as PostgreSQL allows. The credential's own comes through our settings, which take no control signs.
ROLE = "Odd \"role\" \\q :x 'y' $(id) `id` \u202eelor"
GROUP = 'gro"up\n:y; DROP TABLE sales.orders; --'
OTHER = "other\r\n\\! id '"
DATABASE = "host=nowhere.invalid \"d\" 'b' \\z :x"

ODD = '"od""d\n:x \\"'
ODD_TABLE = f'{ODD}."ta""ble; DROP TABLE sales.orders; --"'
ODD_TYPE = f'{ODD}."ty\'pe"'
ODD_FUNCTION = f'{ODD}."f(""unction"'
BANK = f"""
CREATE SCHEMA sales;
CREATE TABLE sales.customers (id bigint PRIMARY KEY, name text);
CREATE TABLE sales.orders (id bigint PRIMARY KEY, customer_id bigint, total numeric);
CREATE TABLE sales.audit (line text);
CREATE VIEW sales.totals AS SELECT customer_id, sum(total) AS total FROM sales.orders GROUP BY customer_id;
CREATE MATERIALIZED VIEW sales.kept AS SELECT 1 AS one;
CREATE SEQUENCE sales.numbers;
INSERT INTO sales.customers VALUES (1, 'Ada');
CREATE FUNCTION sales.note(line text) RETURNS void LANGUAGE sql SECURITY DEFINER
    AS $$INSERT INTO sales.audit VALUES (line)$$;
CREATE FUNCTION sales.plain(a integer) RETURNS integer LANGUAGE sql AS $$SELECT a$$;
CREATE FOREIGN DATA WRAPPER wrapper;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER wrapper;
SELECT lo_create(4711), lo_create(4712);
CREATE SCHEMA {ODD};
CREATE TYPE {ODD_TYPE} AS ENUM ('a');
CREATE TABLE {ODD_TABLE} ("co,l""umn)" integer, "\u202enmuloc" {ODD_TYPE});
CREATE SEQUENCE {ODD}."se:q";
CREATE FUNCTION {ODD_FUNCTION}(a {ODD_TYPE}, VARIADIC b {ODD_TYPE}[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER AS '';
CREATE PROCEDURE {ODD}."pro)cedure"(IN a integer, INOUT b integer) LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA sales, {ODD} FROM PUBLIC;
"""
TABLES = 6  # tables and views above


@dataclass(frozen=True)
class Credential:
    """One kind of credential, see the head of this file. title: what it was given, for the docs."""

    name: str
    title: str
    given: str = ""
    may: tuple[str, ...] = ()
    may_not: tuple[str, ...] = ()
    by_hand: frozenset[str] = field(default=frozenset())
    since: int = 13
    given_since_16: str = ""


_ALL_SCHEMAS = f"sales, {ODD}"
_READ_SALES = "GRANT USAGE ON SCHEMA sales TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA sales TO {role};"

CREDENTIALS = (
    Credential(
        "metadata",
        "the script of `fanlight permissions postgres`",
        may=("SELECT count(*) FROM pg_catalog.pg_class",),
        may_not=(
            "SELECT * FROM sales.customers",
            "INSERT INTO sales.orders VALUES (1, 1, 1)",
            "CREATE TABLE public.mine (x integer)",
            "SELECT sales.note('x')",
            "SELECT nextval('sales.numbers')",
            "SELECT loread(lo_open(4711, 262144), 10)",
        ),
    ),
    Credential(
        "reader",
        "SELECT on every table of a schema",
        _READ_SALES,
        may=("SELECT * FROM sales.customers", "SELECT * FROM sales.totals", "SELECT * FROM sales.kept"),
        may_not=("INSERT INTO sales.orders VALUES (1, 1, 1)", f"SELECT * FROM {ODD_TABLE}"),
    ),
    Credential(
        "reader_of_everything",
        "membership in pg_read_all_data",
        "ALTER ROLE {role} INHERIT; GRANT pg_read_all_data TO {role};",
        may=("SELECT * FROM sales.customers", f"SELECT * FROM {ODD_TABLE}"),
        may_not=("INSERT INTO sales.orders VALUES (1, 1, 1)",),
        since=14,
    ),
    Credential(
        "monitor",
        "membership in pg_monitor",
        "ALTER ROLE {role} INHERIT; GRANT pg_monitor TO {role};",
        may=("SELECT * FROM pg_ls_waldir()",),
        may_not=("SELECT * FROM sales.customers", "SELECT pg_reload_conf()"),
    ),
    Credential(
        "column_and_sequence_writer",
        "UPDATE of one column, INSERT of another, SELECT of a third; USAGE and UPDATE of sequences",
        f"""GRANT USAGE ON SCHEMA {_ALL_SCHEMAS} TO {{role}};
        GRANT UPDATE (name), SELECT (id) ON sales.customers TO {{role}};
        GRANT INSERT ("co,l""umn)") ON {ODD_TABLE} TO {{role}};
        GRANT USAGE ON SEQUENCE sales.numbers TO {{role}}; GRANT UPDATE, SELECT ON SEQUENCE {ODD}."se:q" TO {{role}};""",
        may=(
            "UPDATE sales.customers SET name = 'B' WHERE id = 1",
            f'INSERT INTO {ODD_TABLE} ("co,l""umn)") VALUES (1)',
            "SELECT nextval('sales.numbers')",
            f"SELECT setval('{ODD}.\"se:q\"', 7)",
        ),
        may_not=("UPDATE sales.customers SET id = 2", "SELECT name FROM sales.customers"),
    ),
    Credential(
        "group_writer",
        "membership, not inherited, in a role that may INSERT into two tables",
        f"""GRANT {{group}} TO {{role}};
        GRANT USAGE ON SCHEMA {_ALL_SCHEMAS} TO {{group}};
        GRANT INSERT, SELECT ON sales.orders, {ODD_TABLE} TO {{group}};""",
        may=("SET ROLE {group}; INSERT INTO sales.orders VALUES (1, 1, 1)",),
        may_not=("INSERT INTO sales.orders VALUES (1, 1, 1)",),
    ),
    Credential(
        "writer_from_afar",
        "membership in a role whose member a second role is, which may TRUNCATE a table",
        """ALTER ROLE {role} INHERIT; GRANT {group} TO {role}; GRANT {other} TO {group}; GRANT USAGE ON SCHEMA sales TO {other};
        GRANT TRUNCATE ON sales.audit TO {other};""",
        may=("TRUNCATE sales.audit",),
        may_not=("SELECT * FROM sales.audit",),
    ),
    Credential(
        "administrator_of_a_group",
        "a role's ADMIN OPTION, and nothing of it inherited (before PostgreSQL 16, membership with it)",
        """GRANT {group} TO {role} WITH ADMIN OPTION; GRANT USAGE ON SCHEMA sales TO {group};
        GRANT DELETE ON sales.audit TO {group};""",
        given_since_16="GRANT {group} TO {role} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;",
        may=("GRANT {group} TO {role}; SET ROLE {group}; DELETE FROM sales.audit",),
    ),
    Credential(
        "grantor",
        "SELECT on a table with the right to grant it on",
        """GRANT USAGE ON SCHEMA sales TO {role}; GRANT SELECT ON sales.orders TO {role} WITH GRANT OPTION;
        SET ROLE {role}; GRANT SELECT ON sales.orders TO {other}; RESET ROLE;""",
        may=("SELECT * FROM sales.orders", "GRANT SELECT ON sales.orders TO {group}"),
        may_not=("DELETE FROM sales.orders",),
    ),
    Credential(
        "granted_by_another",
        "INSERT on a table, granted by somebody who is not its owner",
        """GRANT USAGE ON SCHEMA sales TO {role}, {other}; GRANT INSERT ON sales.orders TO {other} WITH GRANT OPTION;
        SET ROLE {other}; GRANT INSERT ON sales.orders TO {role}; RESET ROLE;""",
        may=("INSERT INTO sales.orders VALUES (1, 1, 1)",),
    ),
    Credential(
        "other_rights",
        "TRIGGER and REFERENCES on tables, CREATE in a schema and in the database",
        f"""GRANT TRIGGER, REFERENCES ON sales.orders, {ODD_TABLE} TO {{role}};
        GRANT USAGE, CREATE ON SCHEMA {ODD} TO {{role}}; GRANT USAGE ON SCHEMA sales TO {{role}};
        GRANT CREATE ON DATABASE {{database}} TO {{role}};""",
        may=(f"CREATE TABLE {ODD}.mine (x bigint REFERENCES sales.orders)", "CREATE SCHEMA mine"),
        may_not=("SELECT * FROM sales.orders",),
    ),
    Credential(
        "behind_a_closed_schema",
        "SELECT and INSERT on a table in a schema that it may not enter",
        "GRANT SELECT, INSERT ON sales.orders TO {role};",
        may_not=("SELECT * FROM sales.orders", "INSERT INTO sales.orders VALUES (1, 1, 1)"),
    ),
    Credential(
        "writer_as_everybody",
        "INSERT on a table, granted to PUBLIC",
        "GRANT USAGE ON SCHEMA sales TO PUBLIC; GRANT INSERT ON sales.audit TO PUBLIC;",
        may=("INSERT INTO sales.audit VALUES ('x')",),
        by_hand=frozenset({"table"}),
    ),
    Credential(
        "creator_in_public",
        "CREATE on the schema public, granted to PUBLIC (the default until PostgreSQL 14)",
        "GRANT CREATE ON SCHEMA public TO PUBLIC;",
        may=("CREATE TABLE public.mine (x integer)",),
        by_hand=frozenset({"schema"}),
    ),
    Credential(
        "owner",
        "a schema and what is in it, as its owner",
        f"""ALTER SCHEMA sales OWNER TO {{role}}; ALTER TABLE sales.orders OWNER TO {{role}};
        ALTER VIEW sales.totals OWNER TO {{role}}; ALTER SEQUENCE sales.numbers OWNER TO {{role}};
        ALTER FUNCTION sales.note(text) OWNER TO {{role}}; ALTER TYPE {ODD_TYPE} OWNER TO {{role}};
        ALTER LARGE OBJECT 4711 OWNER TO {{role}};""",
        may=(
            "DROP TABLE sales.customers",
            "ALTER TABLE sales.orders ADD extra text",
            "SELECT lo_unlink(4711)",
        ),
        may_not=("SELECT * FROM sales.customers",),
        by_hand=frozenset({"schema", "table", "view", "sequence", "function", "type", "large object"}),
    ),
    Credential(
        "owner_of_the_database",
        "the database, as its owner",
        "ALTER ROLE {role} INHERIT; ALTER DATABASE {database} OWNER TO {role};",
        may=("CREATE TABLE public.mine (x integer)", "CREATE SCHEMA mine"),
        may_not=("SELECT * FROM sales.customers",),
        by_hand=frozenset({"database", "schema"}),
        since=15,
    ),
    Credential(
        "superuser",
        "SUPERUSER",
        "ALTER ROLE {role} SUPERUSER;",
        may=("DROP TABLE sales.audit", "COPY sales.customers TO PROGRAM 'cat > /dev/null'"),
    ),
    Credential(
        "future_superuser",
        "membership in a superuser's role",
        "ALTER ROLE {group} SUPERUSER; GRANT {group} TO {role};",
        may=("SET ROLE {group}; DROP TABLE sales.audit",),
        may_not=("DROP TABLE sales.audit",),
    ),
    Credential(
        "attributes",
        "CREATEROLE, CREATEDB, REPLICATION and BYPASSRLS",
        "ALTER ROLE {role} CREATEROLE CREATEDB REPLICATION BYPASSRLS;",
        may=("CREATE ROLE made_by_it",),
        may_not=("SELECT * FROM sales.customers",),
    ),
    Credential(
        "writer_of_everything",
        "membership in pg_write_all_data and pg_read_all_data",
        "ALTER ROLE {role} INHERIT; GRANT pg_write_all_data, pg_read_all_data TO {role};",
        may=("UPDATE sales.customers SET name = 'B'", f"DELETE FROM {ODD_TABLE}"),
        may_not=("TRUNCATE sales.orders", "DROP TABLE sales.audit"),
        since=14,
    ),
    Credential(
        "servers_files",
        "membership in pg_execute_server_program, pg_read_server_files and pg_signal_backend",
        "ALTER ROLE {role} INHERIT; GRANT pg_execute_server_program, pg_read_server_files, pg_signal_backend TO {role};",
        may=(
            "COPY (SELECT 1) TO PROGRAM 'cat > /dev/null'",
            "CREATE TEMP TABLE lines (line text); COPY lines FROM '/etc/hostname'",
        ),
        may_not=("SELECT * FROM sales.customers", "COPY (SELECT 1) TO '/tmp/fanlight-never'"),
    ),
    Credential(
        "function_user",
        "EXECUTE on functions that run with their owner's rights, and on pg_read_file",
        f"""GRANT USAGE ON SCHEMA {_ALL_SCHEMAS} TO {{role}};
        GRANT EXECUTE ON FUNCTION sales.note(text), pg_read_file(text), sales.plain(integer) TO {{role}};
        GRANT EXECUTE ON ALL ROUTINES IN SCHEMA {ODD} TO {{role}};""",
        may=("SELECT sales.note('x')", f'CALL {ODD}."pro)cedure"(1, 2)', "SELECT pg_read_file('PG_VERSION')"),
        may_not=("INSERT INTO sales.audit VALUES ('x')", "SELECT pg_reload_conf()"),
    ),
    Credential(
        "function_user_as_everybody",
        "a function that runs with its owner's rights, in a schema open to every role",
        "GRANT USAGE ON SCHEMA sales TO PUBLIC; GRANT EXECUTE ON FUNCTION sales.note(text) TO PUBLIC;",
        may=("SELECT sales.note('x')",),
        may_not=("INSERT INTO sales.audit VALUES ('x')",),
    ),
    Credential(
        "large_objects",
        "UPDATE on a large object, SELECT on another",
        "GRANT UPDATE, SELECT ON LARGE OBJECT 4711 TO {role}; GRANT SELECT ON LARGE OBJECT 4712 TO {role};",
        may=("SELECT lo_put(4711, 0, 'x')", "SELECT lo_get(4712)"),
        may_not=("SELECT lo_put(4712, 0, 'x')",),
    ),
    Credential(
        "foreign_servers",
        "USAGE of a foreign-data wrapper and of a foreign server",
        "GRANT USAGE ON FOREIGN DATA WRAPPER wrapper TO {role}; GRANT USAGE ON FOREIGN SERVER elsewhere TO {role};",
        may=(
            "CREATE USER MAPPING FOR CURRENT_USER SERVER elsewhere",
            "CREATE SERVER mine FOREIGN DATA WRAPPER wrapper",
        ),
    ),
    Credential(
        "settings_of_the_server",
        "SET and ALTER SYSTEM of settings that are a superuser's",
        "GRANT SET ON PARAMETER log_statement TO {role}; GRANT ALTER SYSTEM ON PARAMETER work_mem TO {role};",
        may=("SET log_statement = 'none'",),
        may_not=("SET log_duration = off",),
        since=15,
    ),
    Credential(
        "reader_of_the_hashes",
        "SELECT on the catalogue table of password hashes",
        "GRANT SELECT ON pg_catalog.pg_authid TO {role};",
        may=("SELECT rolpassword FROM pg_authid",),
        may_not=("DELETE FROM pg_authid",),
    ),
    Credential(
        "writer_of_the_catalogue",
        "UPDATE of a column of pg_class, and of all of pg_description, which the server then refuses",
        "GRANT UPDATE (relhastriggers) ON pg_catalog.pg_class TO {role}; GRANT UPDATE ON pg_catalog.pg_description TO {role};",
        may=("UPDATE pg_class SET relhastriggers = relhastriggers WHERE oid = 1259",),
        may_not=("UPDATE pg_description SET description = ''", "SELECT * FROM sales.customers"),
    ),
)
