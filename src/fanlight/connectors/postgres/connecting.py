"""Open the driver's connection: verified TLS, bounded waiting, nothing from the worker's environment."""

from __future__ import annotations

import contextlib
import os
import ssl
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psycopg
from psycopg.adapt import Loader
from psycopg.pq import Format

from fanlight import __version__
from fanlight.connectors.postgres.failures import connect_failure
from fanlight.connectors.postgres.guard import Row
from fanlight.connectors.postgres.settings import TLS_OFF, is_socket
from fanlight.connectors.types import Secret
from fanlight.core.errors import SourceFailure

APPLICATION_NAME = f"fanlight/{__version__} metadata"
CONNECT_SECONDS = 10
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

    format = Format.BINARY

    def load(self, data: bytes | bytearray | memoryview) -> str:
        return bytes(data).decode("utf-8", "backslashreplace")


def connect(
    settings: Mapping[str, str], secret: Secret | None, *, database: str, address: str | None
) -> psycopg.Connection[Row]:
    """Connect to one database, in autocommit: the driver then sends no statement of its own.

    settings: checked. address: the address that was checked for this host, which is then the one used; the
    certificate is still verified against the host's name. Raises SourceFailure.
    """
    connection = _attempt(settings, secret, database, address, "UTF8")
    if connection.pgconn.parameter_status(b"server_encoding") != b"SQL_ASCII":
        return connection
    # Such a database may hold bytes that are not UTF-8, and the server would refuse to send them as that.
    connection.close()
    connection = _attempt(settings, secret, database, address, "SQL_ASCII")
    for name in _TEXT_TYPES:
        connection.adapters.register_loader(name, _LenientText)
    return connection


def _attempt(
    settings: Mapping[str, str], secret: Secret | None, database: str, address: str | None, encoding: str
) -> psycopg.Connection[Row]:
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
        "autocommit": True,
        "prepare_threshold": None,
        "cursor_factory": psycopg.RawCursor,
    }
    message = ""
    with _tls(settings) as tls:
        try:
            return psycopg.connect(**(parameters | tls), password="" if secret is None else secret.reveal())
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
