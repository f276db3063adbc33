"""Real input: Apache Airflow's own database, as its migrations make it, on PostgreSQL 15 and 18."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from fanlight.connectors.types import AssetKind
from tests.connectors.conftest import Source
from tests.connectors.oracle import Oracle, described, differences
from tests.servers import ThrowawayServer

pytestmark = pytest.mark.airflow

_ROOT = Path(__file__).parents[2]
_LOCK_FILE = Path(__file__).with_name("airflow.lock")
_VENV = _ROOT / ".venv-airflow"
_DATABASE = "airflow"


def _run(command: list[str | Path], **environment: str) -> None:
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command} failed: {done.stdout[-2000:]}{done.stderr[-2000:]}"


def _install(uv: Path, python: Path) -> None:
    # Where uv does not know the index that pip is configured for, pip does it, more slowly.
    locked = ["--quiet", "--require-hashes", "-r", str(_LOCK_FILE)]
    tried = subprocess.run(
        [uv, "pip", "install", "--system-certs", "--python", python, *locked],
        capture_output=True,
        check=False,
    )
    if tried.returncode != 0:
        _run([python, "-m", "ensurepip", "--upgrade"])
        _run([python, "-m", "pip", "install", *locked])


def _airflow() -> Path:
    """Return the program, installed first into an environment of its own when the lock file has changed."""
    done = _VENV / "fanlight-lock"
    digest = hashlib.sha256(_LOCK_FILE.read_bytes()).hexdigest()
    with _LOCK_FILE.open() as lock:  # one process at a time builds it
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (done.exists() and done.read_text() == digest):
            uv = Path(sys.executable).with_name("uv")
            python = _VENV / "bin" / "python"
            _run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, _VENV])
            _install(uv, python)
            done.write_text(digest)
    return _VENV / "bin" / "airflow"


@pytest.fixture(scope="module")
def airflow(server: ThrowawayServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    home = tmp_path_factory.mktemp("airflow")
    with server.connect() as connection:
        connection.execute(f"CREATE DATABASE {_DATABASE}")
    url = f"postgresql+psycopg2://postgres@:{server.port}/{_DATABASE}?host={server.socket_folder}"
    _run(
        [_airflow(), "db", "migrate"],
        AIRFLOW_HOME=str(home),
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=url,
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
    )
    yield Source(server, _DATABASE)
    with server.connect() as connection:
        connection.execute(f"DROP DATABASE {_DATABASE} WITH (FORCE)")


def test_airflows_database_equals_what_its_owner_reads(airflow: Source) -> None:
    found = described(airflow.read())
    with airflow.superuser() as connection:
        expected = Oracle(connection).read()
    assert differences(found, expected) == []
    assert airflow.not_seen == []


def test_airflows_database_is_not_trivial(airflow: Source) -> None:
    assets = airflow.read()
    kinds = Counter(asset.kind for asset in assets)
    keys = Counter(key["kind"] for asset in assets for key in asset.facts.get("keys", []))
    indexes = [index for asset in assets for index in asset.facts.get("indexes", [])]
    columns = [column for asset in assets for column in asset.columns]
    assert kinds[AssetKind.TABLE] >= 40
    assert len(columns) >= 300
    assert keys["primary"] >= 40
    assert keys["foreign"] >= 40
    assert keys["unique"] >= 10
    assert len(indexes) >= 100
    assert sum(column[4] is not None for column in columns) >= 10


def test_a_change_to_airflows_database_is_a_difference(airflow: Source) -> None:
    before = described(airflow.read())
    airflow.execute("ALTER TABLE public.dag ALTER COLUMN fileloc TYPE varchar(1999)")
    with airflow.superuser() as connection:
        found = differences(before, Oracle(connection).read())
    assert len(found) == 1
    assert "varchar(1999)" in found[0].replace("character varying", "varchar")
