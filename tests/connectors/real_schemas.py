"""Real input: the databases that Airflow, Superset and MLflow make for themselves, by their own migrations.

Each program lives in an environment of its own, `.venv-<name>`, installed from a lock file with hashes when that has
changed. It migrates one database in a run of the tests; any other server gets that one by `pg_dump`.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.connectors.conftest import Source
from tests.servers import ThrowawayServer

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Program:
    """A program with a database of its own.

    arguments, environment: how it migrates; they are given the database's URL and an empty folder. least: how many
    of each thing the migrated database holds at the least. change: of one fact of it, as SQL.
    """

    name: str
    arguments: Callable[[str], list[str]]
    environment: Callable[[str, Path], Mapping[str, str]]
    least: Mapping[str, int]
    change: str
    changed: str

    def install(self) -> Path:
        """Return the program, installed first when its lock file has changed."""
        lock_file = Path(__file__).with_name(f"{self.name}.lock")
        venv = _ROOT / f".venv-{self.name}"
        done, python = venv / "fanlight-lock", venv / "bin" / "python"
        digest = hashlib.sha256(lock_file.read_bytes()).hexdigest()
        with lock_file.open() as lock:  # one process at a time builds it
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (done.exists() and done.read_text() == digest):
                uv = Path(sys.executable).with_name("uv")
                _run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, venv])
                _install(uv, python, lock_file)
                done.write_text(digest)
        return venv / "bin" / self.name

    def make(self, server: ThrowawayServer, shared: Path) -> Source:
        """Make the program's database at a server. shared: a folder of this run of the tests, for all its processes."""
        dump = shared / f"{self.name}.sql"
        with server.connect() as connection:
            connection.execute(f"CREATE DATABASE {self.name}")
        with (shared / f"{self.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if dump.exists():
                server.run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.name, stdin=_restorable(dump))
            else:
                folder = shared / self.name
                folder.mkdir()
                url = f"postgresql+psycopg2://postgres@:{server.port}/{self.name}?host={server.socket_folder}"
                _run([self.install(), *self.arguments(url)], **self.environment(url, folder))
                dump.write_text(server.run("pg_dump", "--schema-only", "-d", self.name))
        return Source(server, self.name)

    def drop(self, server: ThrowawayServer) -> None:
        """Drop the program's database."""
        with server.connect() as connection:
            connection.execute(f"DROP DATABASE {self.name} WITH (FORCE)")


def _restorable(dump: Path) -> str:
    # A newer server's dump sets what an older one does not know; psql of the older knows no \restrict.
    lines = dump.read_text().splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(("SET transaction_timeout", "\\")))


def _run(command: list[str | Path], **environment: str) -> None:
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command} failed: {done.stdout[-2000:]}{done.stderr[-2000:]}"


def _install(uv: Path, python: Path, lock_file: Path) -> None:
    # Where uv does not know the index that pip is configured for, pip does it, more slowly.
    locked = ["--quiet", "--require-hashes", "-r", lock_file]
    with suppress(AssertionError):
        _run([uv, "pip", "install", "--system-certs", "--python", python, *locked])
        return
    _run([python, "-m", "ensurepip", "--upgrade"])
    _run([python, "-m", "pip", "install", *locked])


PROGRAMS = (
    Program(
        name="airflow",
        arguments=lambda url: ["db", "migrate"],
        environment=lambda url, folder: {
            "AIRFLOW_HOME": str(folder),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url,
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        },
        least={
            "table": 40,
            "column": 300,
            "primary": 40,
            "foreign": 40,
            "unique": 10,
            "index": 100,
            "default": 10,
        },
        change="ALTER TABLE public.dag ALTER COLUMN fileloc TYPE varchar(1999)",
        changed="varying(1999)",
    ),
    Program(
        name="superset",
        arguments=lambda url: ["db", "upgrade"],
        environment=lambda url, folder: {
            "SUPERSET_HOME": str(folder),
            "SUPERSET_SECRET_KEY": "a key that guards nothing: the database goes with the tests",
            "SUPERSET__SQLALCHEMY_DATABASE_URI": url,
            "FLASK_APP": "superset",
        },
        least={
            "table": 50,
            "column": 500,
            "primary": 50,
            "foreign": 60,
            "unique": 20,
            "index": 100,
            "sequence": 40,
        },
        change="ALTER TABLE public.dashboards ALTER COLUMN dashboard_title TYPE varchar(499)",
        changed="varying(499)",
    ),
    Program(
        name="mlflow",
        arguments=lambda url: ["db", "upgrade", url],
        environment=lambda url, folder: {"MLFLOW_HOME": str(folder)},
        least={
            "table": 50,
            "column": 300,
            "primary": 50,
            "foreign": 30,
            "check": 3,
            "index": 100,
            "sequence": 1,
        },
        change="ALTER TABLE public.experiments ALTER COLUMN artifact_location TYPE varchar(255)",
        changed="varying(255)",
    ),
)
