"""Every state that a page can be in, made for real in a running demo: sources that fail, ask, pause, run, or hold very much."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from psycopg import sql

from tests.journeys.demo import Demo, environment

ADMINISTRATOR, VIEWER, NEWCOMER = "alice@harbour.example", "bob@harbour.example", "nora@empty.example"
VAST_TABLES, WIDEST = 100_000, 1_600
SMALL = """
CREATE SCHEMA clinic;
CREATE TABLE clinic.patients (patient_id bigint PRIMARY KEY, born_on date NOT NULL, note text);
CREATE TABLE clinic.visits (visit_id bigint PRIMARY KEY, patient_id bigint REFERENCES clinic.patients, at timestamptz);
CREATE TABLE clinic.rooms (room_id int PRIMARY KEY); CREATE TABLE clinic.beds (bed_id int PRIMARY KEY);
CREATE VIEW clinic.today AS SELECT visit_id FROM clinic.visits WHERE at > current_date;
COMMENT ON TABLE clinic.patients IS 'Everyone who was ever seen here.';
"""
CHANGED = (
    (
        "ALTER TABLE clinic.rooms ADD COLUMN floor smallint; DROP TABLE clinic.beds;"
        "CREATE INDEX visits_at ON clinic.visits (at DESC); COMMENT ON TABLE clinic.visits IS 'Who came when.'"
    ),
    (
        "CREATE TABLE clinic.beds (bed_id bigint PRIMARY KEY); ALTER TABLE clinic.rooms ALTER COLUMN floor SET NOT NULL;"
        "CREATE OR REPLACE VIEW clinic.today AS SELECT visit_id FROM clinic.visits WHERE at > current_date - 1"
    ),
)


@dataclass(frozen=True)
class States:
    """What was made. ids: of integrations by name; runs: the latest extraction's id by integration; assets: by path."""

    demo: Demo
    ids: dict[str, str]
    runs: dict[str, str]
    assets: dict[str, str]


def make_states(demo: Demo, *, tables: int = VAST_TABLES) -> States:
    """Fill a demo with a source in each state. tables: how many its largest holds; 0 for none such."""
    _small_source(demo, "rested")
    for changed in CHANGED:
        with demo.connect("demo-source", "rested") as owner:
            owner.execute(changed.encode())
        demo.verb("extract", "rested")
    demo.verb("pause", "rested")
    _small_source(demo, "shrinking")
    with demo.connect("demo-source", "shrinking") as owner:
        owner.execute("DROP SCHEMA clinic CASCADE; CREATE SCHEMA clinic")
    _fails(demo, "extract", "shrinking")
    _small_source(demo, "locked-out", is_extracted=False, password="not-its-password")
    for _ in range(3):
        _fails(demo, "extract", "locked-out")
    away = "postgresql://reader@127.0.0.1:1/warehouse?sslmode=disable"
    for name in ("away", "vast"):
        demo.verb("connect", away, "--name", name, "--no-extract", "--password-stdin", stdin="pw\n")
    _fails(demo, "extract", "away")
    _small_source(demo, "fresh", is_extracted=False)
    with demo.connect("demo-source", "postgres") as admin:
        admin.execute("CREATE DATABASE mighty")
    password = (demo.home / "secrets" / "demo-source-superuser.password").read_text()
    _connect(demo, "mighty", "fanlight_root", password.strip(), is_extracted=True)
    fill(demo, tables)
    return known(demo)


def _small_source(demo: Demo, name: str, *, is_extracted: bool = True, password: str = "") -> None:
    """Make a database with a role that may connect and nothing else, and connect it."""
    right = secrets.token_urlsafe(12)
    with demo.connect("demo-source", "postgres") as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        made = sql.SQL("CREATE ROLE {} LOGIN NOINHERIT PASSWORD {}")
        admin.execute(made.format(sql.Identifier(name), sql.Literal(right)))
    with demo.connect("demo-source", name) as owner:
        owner.execute(SMALL)
    _connect(demo, name, name, password or right, is_extracted=is_extracted)


def _connect(demo: Demo, name: str, role: str, password: str, *, is_extracted: bool) -> None:
    url = f"postgresql://{role}@/{name}?host={demo.socket_folder('demo-source')}&port=5432"
    more = () if is_extracted else ("--no-extract",)
    demo.verb("connect", url, "--name", name, "--password-stdin", *more, stdin=f"{password}\n")


def _fails(demo: Demo, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fanlight.cli.main", "--home", str(demo.home), *arguments],
        env=environment(),
        capture_output=True,
        check=False,
    )
    assert done.returncode, arguments


def fill(demo: Demo, tables: int) -> None:
    """Add a viewer, an organization with nothing, and so many tables to the source `vast`."""
    subprocess.run(
        [sys.executable, "-m", "tests.journeys.filling", str(tables)],
        env={**environment(), "FANLIGHT_HOME": str(demo.home)},
        check=True,
    )


def known(demo: Demo) -> States:
    """Look up what is there."""
    with demo.connect("catalogue", "fanlight") as session:

        def by(statement: str) -> dict[str, str]:
            return {name: str(ident) for name, ident in session.execute(statement.encode())}

        return States(
            demo,
            ids=by("SELECT name, id FROM integrations_integration"),
            runs=by(
                "SELECT i.name, r.id FROM extraction_run r JOIN integrations_integration i ON i.id = r.integration_id"
                " WHERE r.purpose = 'extraction' ORDER BY r.requested_at"
            ),
            assets=by(
                "SELECT i.name || '.' || a.locator, a.id FROM catalog_asset a"
                " JOIN integrations_integration i ON i.id = a.integration_id"
                " WHERE i.name <> 'vast' OR a.name IN ('crm', 'public', 'lake', 'events', 'widest')"
            ),
        )


@contextmanager
def running(demo: Demo, name: str) -> Iterator[Callable[[], None]]:
    """Let runs of a source begin and not end; yields what to call once one has begun.

    A lock makes it wait at the source, where it would be given up after five seconds; so its server process is halted.
    """
    halted: list[int] = []
    with demo.connect("demo-source", name) as owner:
        owner.execute("BEGIN; LOCK TABLE pg_catalog.pg_description IN ACCESS EXCLUSIVE MODE")

        def halt() -> None:
            waiting = owner.execute("SELECT pid FROM pg_locks WHERE NOT granted").fetchall()
            while not waiting:
                time.sleep(0.05)
                waiting = owner.execute("SELECT pid FROM pg_locks WHERE NOT granted").fetchall()
            for (pid,) in waiting:
                os.kill(pid, signal.SIGSTOP)
                halted.append(pid)

        try:
            yield halt
        finally:
            for pid in halted:
                os.kill(pid, signal.SIGCONT)
            owner.execute("ROLLBACK")
