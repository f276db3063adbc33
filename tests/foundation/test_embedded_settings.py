"""What the server refuses to everybody, and what it keeps to itself."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import psycopg
import pytest

from fanlight.foundation.embedded.settings import shared_buffers_mb
from tests.foundation.conftest import Site, connect, processes_with


def _setting(connection: psycopg.Connection[tuple[object, ...]], name: str) -> object:
    row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row is not None
    return row[0]


def test_a_wrong_password_is_refused(shared_site: Site) -> None:
    address = shared_site.server().start()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(address, password="wrong")


def test_a_missing_password_is_refused_even_to_the_servers_own_account(shared_site: Site) -> None:
    address = shared_site.server().start()
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        connect(address, password="")


def test_no_process_of_the_server_listens_on_tcp(shared_site: Site) -> None:
    shared_site.server().start()
    pid = shared_site.server().status().pid
    held = {Path(f"/proc/{pid}/fd", fd).readlink().name for fd in _names(Path(f"/proc/{pid}/fd"))}
    tcp = "".join(
        path.read_text() for path in map(Path, ("/proc/net/tcp", "/proc/net/tcp6")) if path.exists()
    )
    sockets = {match.group(1) for name in held if (match := re.fullmatch(r"socket:\[(\d+)\]", name))}
    assert sockets, "the Unix socket itself must be seen, else this test sees nothing"
    assert not [line for line in tcp.splitlines()[1:] if line.split()[9] in sockets]


def test_checksums_scram_and_utf8_are_on(shared_site: Site) -> None:
    with connect(shared_site.server().start()) as connection:
        wanted = {
            "data_checksums": "on",
            "listen_addresses": "",
            "password_encryption": "scram-sha-256",
            "server_encoding": "UTF8",
            "unix_socket_permissions": "0770",
            "max_connections": "60",
            "jit": "off",
            "max_wal_senders": "0",
        }
        assert {name: _setting(connection, name) for name in wanted} == wanted
        assert connection.execute("SELECT 'Ü' ILIKE 'ü' COLLATE pg_c_utf8").fetchone() == (True,)


def test_statement_statistics_and_trigrams_can_be_had(shared_site: Site) -> None:
    with connect(shared_site.server().start()) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        connection.execute("SELECT 1")
        assert connection.execute("SELECT count(*) > 0 FROM pg_stat_statements").fetchone() == (True,)


def test_no_statement_reaches_the_log_or_the_statistics_with_its_secret(shared_site: Site) -> None:
    secret = "canary-7d1f"
    with connect(shared_site.server().start()) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        connection.execute(f"CREATE ROLE reader PASSWORD '{secret}'".encode())
        for failing in (
            f"CREATE ROLE reader PASSWORD '{secret}'",
            f"SELECT 1/0, '{secret}'",
            f"SELEC '{secret}'",
        ):
            with pytest.raises(psycopg.Error):
                connection.execute(failing.encode())
        connection.execute("CREATE TABLE t (a text PRIMARY KEY)")
        for _ in range(2):
            try:
                connection.execute("INSERT INTO t VALUES (%s)", [secret])
            except psycopg.errors.UniqueViolation:
                continue
        kept = connection.execute("SELECT query FROM pg_stat_statements").fetchall()
    log = "".join(path.read_text() for path in (shared_site.server_folder / "data" / "log").iterdir())
    assert "division by zero" in log, "the errors themselves are logged"
    assert secret not in log
    assert secret not in str(kept)


def test_the_database_superuser_may_not_change_the_settings_file(shared_site: Site) -> None:
    with (
        connect(shared_site.server().start()) as connection,
        pytest.raises(psycopg.Error, match="ALTER SYSTEM is not allowed"),
    ):
        connection.execute("ALTER SYSTEM SET listen_addresses = '*'")


def test_the_superusers_password_is_long_private_and_in_no_process_list(shared_site: Site) -> None:
    with shared_site.server().in_use("a test", idle_seconds=1) as address:
        password = address.superuser_password_file.read_text()
        assert len(password) >= 43  # 32 random bytes
        assert stat.S_IMODE(address.superuser_password_file.stat().st_mode) == 0o600
        assert stat.S_IMODE(address.superuser_password_file.parent.stat().st_mode) == 0o700
        assert not processes_with(password)
        assert password not in repr(address)


@pytest.mark.parametrize(("memory_gb", "buffers_mb"), [(0.5, 128), (1, 128), (2, 256), (4, 512), (64, 512)])
def test_shared_buffers_are_an_eighth_of_the_memory_within_limits(memory_gb: float, buffers_mb: int) -> None:
    assert shared_buffers_mb(int(memory_gb * 1024**3)) == buffers_mb


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]
