"""Open the driver's connection: verified TLS, bounded waiting, nothing from the worker's environment."""

from __future__ import annotations

import contextlib
import os
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psycopg
from psycopg.adapt import Loader
from psycopg.pq import Format

from fanlight import __version__
from fanlight.connectors.postgres.failures import connect_failure, stuck_failure
from fanlight.connectors.postgres.receiving import BoundedConnection
from fanlight.connectors.postgres.settings import TLS_OFF, is_socket
from fanlight.connectors.types import Secret
from fanlight.core.errors import SourceFailure

APPLICATION_NAME = f"fanlight/{__version__} metadata"
CONNECT_SECONDS = 10
_LEFT_BEHIND_SECONDS = 5
# Also set by the statement session_settings; here they hold from the first moment. Temporary things, which could
# bear the names of catalogue tables, are looked for last.
SESSION_SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "search_path": "pg_catalog,pg_temp",
        "default_transaction_read_only": "on",
        "standard_conforming_strings": "on",
        "statement_timeout": "60s",
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "10min",
        "max_parallel_workers_per_gather": "0",
        "jit": "off",
    }
)
# libpq reads these from the environment or from files where they are not given: every one is given.
_NOTHING_FROM_OUTSIDE = {
    "passfile": "/dev/null/none",
    "sslcert": "",
    "sslkey": "",
    "sslcertmode": "disable",
    "sslcrl": "",
    "sslcrldir": "",
    "gssencmode": "disable",
    "requirepeer": "",
    # A password in clear goes to nobody but a server whose certificate was verified (see `_tls`).
    "require_auth": "scram-sha-256,md5,none",
    "target_session_attrs": "any",
    "load_balance_hosts": "disable",
    "ssl_min_protocol_version": "TLSv1.2",
}
_PASSWORD_IN_CLEAR = {"require_auth": "scram-sha-256,md5,password,none"}
_ALIVE = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
# Where Python names no file: Debian, then Fedora, then Alpine and the BSDs.
_SYSTEM_AUTHORITIES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)
_TEXT_TYPES = ("text", "name", "varchar", "bpchar")


class _LenientText(Loader):
    """Read text of a SQL_ASCII database, whose bytes nobody ever checked: what is not UTF-8 is shown as
    \\xNN.

    Not replaced by one sign for all: two names must not become the same.
    """

    format = Format.TEXT

    def load(self, data: bytes | bytearray | memoryview) -> str:
        return bytes(data).decode("utf-8", "backslashreplace")


class _SignIns:
    """Signs in on a thread of its own, which is left behind where it does not end in time.

    The driver waits no longer than CONNECT_SECONDS for the source, but a source may ask for two thousand million
    rounds of work on a password, which libpq does without looking up: three quarters of an hour in which nothing could
    stop it. Whoever did that to us is not asked again before it is over.
    """

    def __init__(self) -> None:
        self._left_behind: dict[str, threading.Thread] = {}
        self._lock = threading.Lock()

    def attempt(self, where: str, sign_in: Callable[[], BoundedConnection]) -> BoundedConnection:
        """Return what sign_in returns, or raise what it raises, or SourceFailure when it does not end."""
        with self._lock:
            for name in [name for name, thread in self._left_behind.items() if not thread.is_alive()]:
                del self._left_behind[name]
            if where in self._left_behind:
                raise stuck_failure(where)
        outcome = _Outcome()
        thread = threading.Thread(target=outcome.find, args=(sign_in,), name="sign-in", daemon=True)
        thread.start()
        thread.join(CONNECT_SECONDS + _LEFT_BEHIND_SECONDS)
        if outcome.give_up():
            with self._lock:
                self._left_behind[where] = thread
            raise stuck_failure(where)
        return outcome.connection()


class _Outcome:
    """What came of a sign-in, for whoever waited for it; closed at once where nobody waits any more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_given_up = False
        self._connection: BoundedConnection | None = None
        self._error: BaseException | None = None
        self._is_known = False

    def find(self, sign_in: Callable[[], BoundedConnection]) -> None:
        connection, error = None, None
        try:
            connection = sign_in()
        except BaseException as raised:
            error = raised
        with self._lock:
            self._connection, self._error, self._is_known = connection, error, True
            if self._is_given_up and connection is not None:
                connection.close()

    def give_up(self) -> bool:
        """Wait no longer; return whether nothing has come of it yet."""
        with self._lock:
            self._is_given_up = not self._is_known
            return self._is_given_up

    def connection(self) -> BoundedConnection:
        error, self._error = self._error, None
        if error is not None:
            raise error
        if self._connection is None:
            raise RuntimeError("a sign-in ended without an outcome")
        return self._connection


_SIGN_INS = _SignIns()


def connect(
    settings: Mapping[str, str], secret: Secret | None, *, database: str, address: str | None
) -> BoundedConnection:
    """Connect to one database, in autocommit: the driver then sends no statement of its own.

    settings: checked. address: the address that was checked for this host, which is then the one used; the
    certificate is still verified against the host's name. Raises SourceFailure.
    """
    # One that keeps us busy has as many databases as it says.
    where = f"{settings['host']}:{settings['port']}"
    connection = _SIGN_INS.attempt(where, lambda: _attempt(settings, secret, database, address, "UTF8"))
    if connection.pgconn.parameter_status(b"server_encoding") != b"SQL_ASCII":
        return connection
    # Such a database may hold bytes that are not UTF-8, and the server would refuse to send them as that.
    connection.close()
    connection = _SIGN_INS.attempt(where, lambda: _attempt(settings, secret, database, address, "SQL_ASCII"))
    for name in _TEXT_TYPES:
        connection.adapters.register_loader(name, _LenientText)
    return connection


def _attempt(
    settings: Mapping[str, str], secret: Secret | None, database: str, address: str | None, encoding: str
) -> BoundedConnection:
    parameters: dict[str, Any] = {
        **_NOTHING_FROM_OUTSIDE,
        **_ALIVE,
        "host": settings["host"],
        "hostaddr": address or "",
        "port": int(settings["port"]),
        "user": settings["user"],
        "dbname": database,
        "client_encoding": encoding,
        "application_name": APPLICATION_NAME,
        "options": " ".join(f"-c {name}={value}" for name, value in SESSION_SETTINGS.items()),
    }
    message = ""
    with _tls(settings) as tls:
        try:
            return BoundedConnection.open(
                parameters | tls | {"password": "" if secret is None else secret.reveal()},
                seconds=CONNECT_SECONDS,
            )
        except psycopg.Error as error:
            # The driver's error holds every parameter, the password among them: it ends here.
            message = str(error)
        except UnicodeError:
            message = ""
    raise connect_failure(message, f"{settings['host']}:{settings['port']}/{database}")


@contextlib.contextmanager
def _tls(settings: Mapping[str, str]) -> Iterator[dict[str, str]]:
    if is_socket(settings["host"]) or settings["tls"] == TLS_OFF:
        yield {"sslmode": "disable"}
    elif settings["ca"]:
        # libpq takes a file only. It is readable by us alone and gone when the connection stands.
        file_descriptor, name = tempfile.mkstemp(prefix="fanlight-ca-", suffix=".pem")
        try:
            with os.fdopen(file_descriptor, "w", encoding="utf-8") as file:
                file.write(settings["ca"])
            yield {"sslmode": "verify-full", "sslrootcert": name, **_PASSWORD_IN_CLEAR}
        finally:
            Path(name).unlink(missing_ok=True)
    else:
        yield {"sslmode": "verify-full", "sslrootcert": _system_authorities(), **_PASSWORD_IN_CLEAR}


def _system_authorities() -> str:
    # The 'system' of the libpq inside psycopg's wheel points to folders of the machine that built it.
    for name in (ssl.get_default_verify_paths().cafile, *_SYSTEM_AUTHORITIES):
        if name and Path(name).is_file():
            return name
    raise SourceFailure(
        code="source.tls_untrusted",
        detail="This system has no list of trusted certificate authorities.",
        remedy="Install ca-certificates on the worker, or enter the authority with the integration.",
    )
