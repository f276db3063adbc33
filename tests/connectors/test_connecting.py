"""Why a connection fails is told in words with a remedy, and never with the password."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fanlight.connectors.postgres import connecting
from fanlight.connectors.postgres.connector import PostgresConnector
from fanlight.connectors.postgres.failures import connect_failure
from fanlight.connectors.types import Secret, SourceReport
from fanlight.core.errors import SourceFailure
from tests.connectors.conftest import Source, now
from tests.servers import ThrowawayServer

PASSWORD = "correct horse battery"
WRONG = "wrong-secret-7f3a"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThrowawayServer]:
    """PostgreSQL 15 that wants passwords and speaks TLS with a certificate of its own authority."""
    folder = tmp_path_factory.mktemp("guarded")
    server = ThrowawayServer(
        "15",
        folder,
        tcp=True,
        hba=[
            "local all scrammed,limited scram-sha-256",
            "hostssl all scrammed all scram-sha-256",
            "local all rejected reject",
        ],
    )
    with server:
        _make_certificates(server)
        with server.connect() as connection:
            connection.execute(f"CREATE ROLE scrammed LOGIN PASSWORD '{PASSWORD}'")
            connection.execute(f"CREATE ROLE limited LOGIN CONNECTION LIMIT 1 PASSWORD '{PASSWORD}'")
            connection.execute("CREATE ROLE rejected LOGIN")
            connection.execute("CREATE ROLE no_login")
            connection.execute("CREATE DATABASE closed")
            connection.execute("REVOKE CONNECT ON DATABASE closed FROM PUBLIC")
            connection.execute('CREATE DATABASE "a=b user=postgres"')
            connection.execute("ALTER SYSTEM SET ssl = on")
            connection.execute("SELECT pg_reload_conf()")
        yield server


def _make_certificates(server: ThrowawayServer) -> None:
    folder = Path(tempfile.mkdtemp())

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test authority",
            "-keyout", "ca.key", "-out", "ca.crt")  # fmt: skip
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", "server.key",
            "-out", "server.csr")  # fmt: skip
    (folder / "names").write_text("subjectAltName=DNS:localhost\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "2", "-extfile", "names", "-out", "server.crt")  # fmt: skip
    status = server.data_folder.stat()
    for name in ("server.key", "server.crt", "ca.crt"):
        target = server.data_folder / name
        target.write_bytes((folder / name).read_bytes())
        os.chown(target, status.st_uid, status.st_gid)
        target.chmod(0o600)


def _settings(server: ThrowawayServer, **changed: str) -> dict[str, str]:
    return {
        "host": str(server.socket_folder),
        "port": str(server.port),
        "databases": "postgres",
        "user": "scrammed",
    } | changed


def _open(settings: dict[str, str], secret: str | None, address: str | None = None) -> SourceReport:
    connector = PostgresConnector()
    (database,) = connector.databases(settings)
    with connector.open(
        settings,
        None if secret is None else Secret(secret),
        database=database,
        ledger=lambda _: None,
        clock=now,
        address=address,
    ) as session:
        return session.report()


def _failure(settings: dict[str, str], secret: str | None = None) -> SourceFailure:
    with pytest.raises(SourceFailure) as failed:
        _open(settings, secret)
    assert failed.value.remedy
    error: BaseException | None = failed.value
    while error is not None:
        assert WRONG not in f"{error!r} {error} {vars(error)}"
        assert PASSWORD not in f"{error!r} {error} {vars(error)}"
        error = error.__cause__ or error.__context__
    return failed.value


@pytest.mark.parametrize(
    ("changed", "secret", "code"),
    [
        ({}, WRONG, "source.refused_credential"),
        ({}, None, "source.refused_credential"),
        ({}, "", "source.refused_credential"),
        ({"user": "nobody_here"}, WRONG, "source.refused_credential"),
        ({"user": "no_login"}, WRONG, "source.refused_credential"),
        ({"user": "rejected"}, WRONG, "source.refused_credential"),
        ({"databases": "closed"}, PASSWORD, "source.refused_credential"),
        ({"databases": "not_there"}, PASSWORD, "source.no_such_database"),
        ({"databases": "dbname=postgres user=postgres"}, PASSWORD, "source.no_such_database"),
        ({"databases": "postgresql://postgres@/postgres"}, PASSWORD, "source.no_such_database"),
        ({"host": "/nowhere"}, None, "source.unreachable"),
        ({"host": "127.0.0.1", "tls": "off"}, PASSWORD, "source.tls_required"),
        ({"host": "localhost"}, PASSWORD, "source.tls_untrusted"),
        ({"host": "127.0.0.1", "ca": "the authority"}, PASSWORD, "source.tls_untrusted"),
        ({"host": "no-such-host.invalid"}, None, "source.unreachable"),
    ],
)
def test_a_refused_connection_has_a_code_and_a_remedy(
    guarded: ThrowawayServer, changed: dict[str, str], secret: str | None, code: str
) -> None:
    if "ca" in changed:
        changed = changed | {"ca": (guarded.data_folder / "ca.crt").read_text()}
    assert _failure(_settings(guarded, **changed), secret).code == code


def test_a_password_opens_a_socket_and_verified_tls(guarded: ThrowawayServer) -> None:
    authority = (guarded.data_folder / "ca.crt").read_text()
    report = _open(_settings(guarded), PASSWORD)
    assert (report.user, report.is_encrypted) == ("scrammed", True)
    assert report.product.startswith("PostgreSQL 15.")
    assert ("closed", False) in report.databases
    assert ("postgres", True) in report.databases
    assert not any(name.startswith("template") for name, _ in report.databases)
    assert _open(_settings(guarded, host="localhost", ca=authority), PASSWORD).is_encrypted
    assert list(Path(tempfile.gettempdir()).glob("fanlight-ca-*")) == []


def test_a_checked_address_is_the_one_used_and_the_name_is_still_verified(guarded: ThrowawayServer) -> None:
    authority = (guarded.data_folder / "ca.crt").read_text()
    assert _open(
        _settings(guarded, host="localhost", ca=authority), PASSWORD, address="127.0.0.1"
    ).is_encrypted
    with pytest.raises(SourceFailure) as failed:
        _open(_settings(guarded, host="localhost", ca=authority), PASSWORD, address="127.0.0.9")
    assert failed.value.code == "source.unreachable"


def test_a_database_whose_name_looks_like_settings_is_just_a_name(guarded: ThrowawayServer) -> None:
    report = _open(_settings(guarded, databases="a=b user=postgres"), PASSWORD)
    assert report.user == "scrammed"


def test_the_workers_environment_changes_nothing(
    guarded: ThrowawayServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    passwords = tmp_path / "passwords"
    passwords.write_text(f"*:*:*:*:{PASSWORD}\n")
    passwords.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    monkeypatch.setenv("PGOPTIONS", "-c default_transaction_read_only=off")
    monkeypatch.setenv("PGHOSTADDR", "127.0.0.9")
    monkeypatch.setenv("PGSSLMODE", "disable")
    monkeypatch.setenv("PGUSER", "postgres")
    assert _failure(_settings(guarded)).code == "source.refused_credential"
    assert _open(_settings(guarded), PASSWORD).user == "scrammed"


def test_too_many_connections_are_told(guarded: ThrowawayServer) -> None:
    settings = _settings(guarded, user="limited")
    connector = PostgresConnector()
    with connector.open(settings, Secret(PASSWORD), database="postgres", ledger=lambda _: None, clock=now):
        assert _failure(settings, PASSWORD).code == "source.too_many_connections"


@contextlib.contextmanager
def _listening(answer: bytes | None) -> Iterator[dict[str, str]]:
    """Listen as something that is no PostgreSQL; answer None stays silent."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        held: list[socket.socket] = []

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    held.append(connection)
                    if answer is not None:
                        connection.recv(1024)
                        connection.sendall(answer)
                        connection.close()

        threading.Thread(target=serve, daemon=True).start()
        port = str(listener.getsockname()[1])
        yield {"host": "127.0.0.1", "port": port, "databases": "x", "user": "y", "tls": "off"}
        for connection in held:
            connection.close()


def test_a_web_server_is_not_postgres() -> None:
    with _listening(b"HTTP/1.1 400 Bad Request\r\n\r\n") as settings:
        assert _failure(settings).code == "source.not_postgres"
        assert _failure(settings | {"tls": "verify-full"}).code == "source.not_postgres"


def test_a_server_without_tls_is_told_apart() -> None:
    with _listening(b"N") as settings:
        assert _failure(settings | {"tls": "verify-full"}).code == "source.tls_required"


def test_a_silent_server_is_unreachable_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connecting._ALIVE, "connect_timeout", 2)
    with _listening(None) as settings:
        assert _failure(settings).code == "source.unreachable"


def test_a_pooler_that_refuses_the_settings_is_named() -> None:
    message = "connection failed: FATAL:  unsupported startup parameter in options: jit"
    assert connect_failure(message, "db").code == "source.pooler"


def test_an_unknown_refusal_repeats_nothing_of_the_message() -> None:
    failure = connect_failure(f"connection failed: FATAL:  Irgendetwas mit {WRONG}", "db")
    assert failure.code == "source.refused"
    assert WRONG not in str(failure)


def test_a_connection_cut_in_the_middle_is_disconnected(shop: Source) -> None:
    with shop.open() as session:
        batches = session.read()
        next(batches)
        shop.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'nogrants'")
        with pytest.raises(SourceFailure) as failed:
            list(batches)
    assert failed.value.code == "source.disconnected"
    assert shop.ledger[-1].error in ("57P01", "08006")


def test_a_statement_that_takes_too_long_is_a_timeout(source: Source) -> None:
    source.execute("CREATE TABLE t (a integer)")
    with source.superuser() as holder, holder.transaction(), source.open() as session:
        session._guard._connection.execute(b"SET statement_timeout = '300ms'")
        holder.execute("LOCK TABLE pg_catalog.pg_namespace IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(SourceFailure) as failed:
            list(session.read())
    assert failed.value.code == "source.timeout"


def test_a_secret_cannot_be_printed() -> None:
    assert PASSWORD not in f"{Secret(PASSWORD)!r} {Secret(PASSWORD)}"
