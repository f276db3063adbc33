"""Where the evasions are tried: a server with everything on it that could be misused, and a look at what changed."""

from __future__ import annotations

import contextlib
import secrets
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.connectors.conftest import Source
from tests.connectors.evasions import Evasion
from tests.servers import ThrowawayServer, Version

# Of each kind one: the credential that a source may have been given.
ROLES: Mapping[str, str] = {"superuser": "postgres", "owner": "keeper", "reader": "reader"}
SETTINGS = {
    "wal_level": "logical", "max_wal_senders": "4", "max_replication_slots": "8",
    "max_prepared_transactions": "4", "logging_collector": "off", "log_statement": "none",
}  # fmt: skip
_TEMPLATE = "stage_template"
_WRITE = "INSERT INTO shop.audit VALUES ('evaded')"
_ROLES_SQL = """
CREATE ROLE keeper LOGIN;
CREATE ROLE reader LOGIN;
CREATE ROLE courier LOGIN PASSWORD '{password}' IN ROLE keeper;
"""
_STAGE_SQL = f"""
SET ROLE keeper;
CREATE SCHEMA shop;
GRANT USAGE ON SCHEMA shop TO PUBLIC;
CREATE TABLE shop.audit (what text);
INSERT INTO shop.audit VALUES ('first');
CREATE TABLE shop.customers (id integer PRIMARY KEY, name text NOT NULL DEFAULT 'nobody');
INSERT INTO shop.customers SELECT n, 'customer ' || n FROM generate_series(1, 100) n;
ALTER TABLE shop.customers ADD COLUMN country text DEFAULT 'kept in the catalogue';
CREATE INDEX customers_brin ON shop.customers USING brin (id) WITH (autosummarize = off);
ANALYZE shop.customers;
CREATE SEQUENCE shop.numbers;
CREATE VIEW shop.names AS SELECT name FROM shop.customers;
CREATE MATERIALIZED VIEW shop.totals AS SELECT count(*) FROM shop.audit;
CREATE FUNCTION shop.writes() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN {_WRITE}; RETURN 1; END $$;
CREATE FUNCTION shop.writes_as_owner() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
  AS $$ BEGIN {_WRITE}; RETURN 1; END $$;
CREATE FUNCTION shop.reads_as_owner() RETURNS text LANGUAGE sql SECURITY DEFINER
  AS 'SELECT name FROM shop.customers LIMIT 1';
CREATE FUNCTION shop.turns_off() RETURNS text LANGUAGE sql
  AS $$ SELECT set_config('transaction_read_only', 'off', false) $$;
CREATE PROCEDURE shop.writing() LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN {_WRITE}; END $$;
CREATE PROCEDURE shop.escaping() LANGUAGE plpgsql
  AS $$ BEGIN COMMIT; SET TRANSACTION READ WRITE; {_WRITE}; END $$;
CREATE FUNCTION shop.adds(a integer, b integer) RETURNS integer LANGUAGE sql AS 'SELECT shop.writes_as_owner()';
CREATE OPERATOR shop.@#@ (LEFTARG = integer, RIGHTARG = integer, FUNCTION = shop.adds);
CREATE AGGREGATE shop.writing_sum (integer) (SFUNC = shop.adds, STYPE = integer, INITCOND = '0');
CREATE DOMAIN shop.checked AS integer CHECK (shop.writes_as_owner() IS NOT NULL OR VALUE > 0);
CREATE DOMAIN shop.word AS text;
CREATE FUNCTION shop.format_type(a oid, b shop.word) RETURNS text LANGUAGE sql
  AS 'SELECT shop.writes_as_owner()::text';
CREATE TYPE shop.pair AS (a text);
CREATE TYPE shop.other_pair AS (a text);
CREATE FUNCTION shop.turn(a shop.pair) RETURNS shop.other_pair LANGUAGE sql
  AS $$ SELECT ROW(shop.writes_as_owner()::text)::shop.other_pair $$;
CREATE CAST (shop.pair AS shop.other_pair) WITH FUNCTION shop.turn(shop.pair);
CREATE FUNCTION shop.writes_for(a shop.customers) RETURNS integer LANGUAGE sql AS 'SELECT shop.writes_as_owner()';
CREATE FUNCTION shop.writes_for(a pg_catalog.pg_am) RETURNS integer LANGUAGE sql AS 'SELECT shop.writes_as_owner()';
CREATE VIEW shop.writer AS SELECT shop.writes_as_owner() AS a;
CREATE TABLE shop.guarded (a integer);
INSERT INTO shop.guarded VALUES (1);
ALTER TABLE shop.guarded ENABLE ROW LEVEL SECURITY;
CREATE POLICY one ON shop.guarded USING (shop.writes_as_owner() = 1);
SELECT lo_from_bytea(4711, 'a large object');
RESET ROLE;
CREATE EXTENSION dblink;
CREATE EXTENSION postgres_fdw;
CREATE EXTENSION file_fdw;
CREATE EXTENSION pg_surgery;
CREATE EXTENSION pg_prewarm;
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
"""
# What differs between the copies of the template: where they lie.
_COPY_SQL = """
CREATE FOREIGN TABLE shop.program (a text) SERVER files OPTIONS (program 'echo x | tee {scratch}/evaded');
CREATE SERVER back FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '{host}', port '{port}', dbname '{database}');
CREATE USER MAPPING FOR PUBLIC SERVER back OPTIONS (user 'courier', password '{password}');
CREATE FOREIGN TABLE shop.remote_writer (a integer) SERVER back OPTIONS (schema_name 'shop', table_name 'writer');
GRANT USAGE ON FOREIGN SERVER back TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA shop TO reader;
GRANT SELECT ON ALL TABLES IN SCHEMA shop TO keeper;
"""
_LOOK = {
    "relations": """SELECT oid, relname, relkind, relpersistence, relfilenode, relacl::text, reltuples, relnatts
        FROM pg_class WHERE oid >= 16384 AND relkind <> 't' AND relname NOT LIKE 'pg_toast%' ORDER BY oid""",
    "functions": "SELECT oid, proname, proacl::text FROM pg_proc WHERE oid >= 16384 ORDER BY oid",
    "schemas": "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp' ORDER BY 1",
    "extensions": "SELECT extname FROM pg_extension ORDER BY 1",
    "collations": "SELECT count(*) FROM pg_collation",
    "comments": "SELECT objoid, description FROM pg_description WHERE objoid >= 16384 ORDER BY 1",
    "statistics": "SELECT starelid, staattnum, xmin::text FROM pg_statistic WHERE starelid >= 16384 ORDER BY 1, 2",
    "objects": "SELECT oid, lomowner FROM pg_largeobject_metadata ORDER BY oid",
    "objects' data": "SELECT loid, pageno, data FROM pg_largeobject ORDER BY 1, 2",
    "roles": "SELECT rolname, rolsuper, rolpassword FROM pg_authid ORDER BY 1",
    "role settings": "SELECT setdatabase, setrole, setconfig FROM pg_db_role_setting ORDER BY 1, 2",
    "slots": "SELECT slot_name FROM pg_replication_slots ORDER BY 1",
    "origins": "SELECT roname FROM pg_replication_origin ORDER BY 1",
    "prepared": "SELECT gid FROM pg_prepared_xacts ORDER BY 1",
    "sequence": "SELECT last_value, is_called FROM shop.numbers",
    "audit": "SELECT what FROM shop.audit ORDER BY 1",
    "customers": "SELECT id, name FROM shop.customers ORDER BY 1",
    "view": "SELECT * FROM shop.totals",
    "configuration": "SELECT pg_read_file('postgresql.auto.conf'), pg_conf_load_time()",
    "counters": "SELECT stats_reset FROM pg_stat_database WHERE datname = current_database()",
}


class Stage:
    """One server for one version of PostgreSQL, on which evasions may do what they can."""

    def __init__(self, version: Version, folder: Path) -> None:
        self.server = ThrowawayServer(
            version, folder, hba=["local all courier scram-sha-256"], settings=SETTINGS
        )
        self._password = secrets.token_hex(8)
        self._copies = 0
        self.source: Source
        self._scratch: Path
        self._eye: psycopg.Connection[Any]
        self._victim: psycopg.Connection[Any]

    def __enter__(self) -> Stage:
        self.server.start()
        self._scratch = self.server.data_folder.parent / "scratch"
        with self.server.connect() as admin:
            admin.execute(_ROLES_SQL.format(password=self._password))
            admin.execute(f"CREATE DATABASE {_TEMPLATE} OWNER keeper")
        with self.server.connect(_TEMPLATE) as admin:
            admin.execute(_STAGE_SQL)
            if self.server.version == "15":
                admin.execute("CREATE EXTENSION adminpack")
        self._copy()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()

    def _copy(self) -> None:
        self._copies += 1
        name = f"stage_{self._copies}"
        self.source = Source(self.server, name)
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir()
        self._scratch.chmod(0o777)
        (self._scratch / "input").write_text("evaded\n")
        with self.server.connect() as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} OWNER keeper")
        self.source.execute(
            _COPY_SQL.format(
                scratch=self._scratch, host=self.server.socket_folder, port=self.server.port,
                database=name, password=self._password,
            )
        )  # fmt: skip
        self._eye = self.source.superuser()
        self._victim = self.server.connect()

    def restore(self) -> None:
        """Make everything as it was before an evasion got through."""
        for (gid,) in self._eye.execute(_LOOK["prepared"]).fetchall():
            self._eye.execute(sql.SQL("ROLLBACK PREPARED {}").format(gid))
        self._eye.close()
        self._victim.close()
        with contextlib.suppress(FileNotFoundError):
            (self.server.data_folder / "evaded").unlink()
        with self.server.connect() as admin:
            admin.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")
            admin.execute("SELECT pg_replication_origin_drop(roname) FROM pg_replication_origin")
            admin.execute("ALTER SYSTEM RESET ALL")
            admin.execute("SELECT pg_reload_conf()")
            admin.execute("DROP ROLE IF EXISTS evaded")
            for role in ROLES.values():
                admin.execute(sql.SQL("ALTER ROLE {} RESET ALL").format(sql.Identifier(role)))
            admin.execute(
                sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(self.source.database))
            )
        self._copy()

    def filled(self, step: str) -> bytes:
        """Return a step as it is sent, with this server's places in it."""
        known = {
            "{scratch}": str(self._scratch),
            "{data}": str(self.server.data_folder),
            "{database}": self.source.database,
            "{conninfo}": f"{self._place} user=courier password={self._password}",
            "{trusted}": f"{self._place} user=postgres",
            "{victim}": str(self._victim.info.backend_pid),
        }
        for name, value in known.items():
            step = step.replace(name, value)
        return step.encode()

    @property
    def _place(self) -> str:
        return f"host={self.server.socket_folder} port={self.server.port} dbname={self.source.database}"

    def look(self) -> dict[str, Any]:
        """Return everything that an evasion could have changed, seen from outside."""
        found = {name: self._eye.execute(query).fetchall() for name, query in _LOOK.items()}
        return found | {
            "files": sorted(path.name for path in self._scratch.iterdir()),
            "data folder": (self.server.data_folder / "evaded").exists(),
            "victim": self._eye.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [self._victim.info.backend_pid]
            ).fetchall(),
        }

    def attempt(self, evasion: Evasion, role: str) -> str:
        """Send an evasion over the very session that the connector opens, past its guard; return how it ended.

        That is a SQLSTATE where the source refused it, 'driver' where the driver did, 'nothing' where nothing came
        of it, and 'NOT' where it was not stopped.
        """
        if any("{victim}" in step for step in evasion.steps):
            self._victim.close()  # the one before may be dying still
            self._victim = self.server.connect()
        before = self.look()
        with self.source.open(ROLES[role]) as session:
            for name in ("begin_read_only", "hold_read_only", "savepoint"):
                session._guard.run(name)
            connection = session._guard._connection
            state = ""
            for step in (*map(self.filled, evasion.steps), b"COMMIT"):
                try:
                    connection.execute(step, (), binary=True)
                except psycopg.Error as error:
                    state = error.sqlstate or "driver"
                    break
            after = self.look()
        is_changed = after != before
        if is_changed:
            # Most of what gets through are large objects, which are removed sooner than all is made anew.
            self._eye.execute("SELECT lo_unlink(oid) FROM pg_largeobject_metadata WHERE oid <> 4711")
            if self.look() != before:
                self.restore()
            return "NOT"
        return state or ("nothing" if evasion.kind == "write" else "NOT")


@contextlib.contextmanager
def stage(version: Version, folder: Path) -> Iterator[Stage]:
    """Set a stage up for the length of a block."""
    with Stage(version, folder) as made:
        yield made
