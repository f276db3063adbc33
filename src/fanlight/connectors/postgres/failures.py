"""What a source's refusal means, and what to do. No text of the source is repeated: it may hold literals."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from fanlight.connectors.postgres.guard import DISCONNECTED, TOO_LARGE, UNREADABLE, StatementError
from fanlight.connectors.postgres.receiving import TOO_LONG_A_GREETING
from fanlight.core.errors import SourceFailure

DENIED, LOCKED = "42501", "55P03"
_CANCELLED = "57014"


class _Meaning(NamedTuple):
    code: str
    what: str
    remedy: str


_CREDENTIAL = _Meaning(
    "source.refused_credential",
    "refused the role or its password",
    "Check the role's name and password, and that pg_hba.conf admits it from the worker's address.",
)
_TOO_MANY = _Meaning(
    "source.too_many_connections",
    "has no connection left for this role",
    "Raise the role's CONNECTION LIMIT or the server's max_connections, or wait and run again.",
)
_NOT_POSTGRES = _Meaning(
    "source.not_postgres",
    "did not answer as a PostgreSQL server does",
    "Check the port; a web server or another database may be listening there.",
)
_NO_TLS = _Meaning(
    "source.tls_required",
    "offers no TLS, and its identity must be verified",
    "Turn ssl on at the server. Only a Unix socket or a loopback address may go without.",
)
_UNTRUSTED = _Meaning(
    "source.tls_untrusted",
    "showed a certificate that cannot be verified",
    "Enter the certificate authority that signed it, and the host's name as it stands in the certificate.",
)
_STARTING = _Meaning(
    "source.disconnected",
    "is starting up or shutting down",
    "Wait until the server accepts connections, then run again.",
)
_CLOSED = _Meaning(
    "source.database_closed",
    "has closed this database to connections",
    "Open it again (ALTER DATABASE ... ALLOW_CONNECTIONS true), or take it off the integration's databases.",
)
_POOLER = _Meaning(
    "source.pooler",
    "is a connection pooler that refuses the read-only settings",
    "Enter the address of the server itself, or let the pooler pass the startup parameter 'options'.",
)

_IN_CLEAR = _Meaning(
    "source.tls_required",
    "asks for the password in a way that gives it away to whoever listens",
    "Choose TLS 'verify-full', or have pg_hba.conf ask for scram-sha-256.",
)

# psycopg does not hand on the SQLSTATE of a refused connection, so the message is looked at: libpq's own
# first, then the server's FATAL lines in English. First match wins; a server that speaks another language
# gets the last.
_CONNECT_MESSAGES: tuple[tuple[str, _Meaning], ...] = (
    ("server does not support SSL", _NO_TLS),
    ("certificate verify failed", _UNTRUSTED),
    ("does not match host name", _UNTRUSTED),
    ("could not get server's host name from server certificate", _UNTRUSTED),
    ("root certificate file", _UNTRUSTED),
    ("unsupported startup parameter", _POOLER),
    ('host "[local]"', _CREDENTIAL),
    (
        "no encryption",
        _Meaning(
            "source.tls_required",
            "refuses this role without TLS",
            "Choose TLS 'verify-full', or admit the role in pg_hba.conf.",
        ),
    ),
    ("invalid response to SSL negotiation", _NOT_POSTGRES),
    ("expected authentication request", _NOT_POSTGRES),
    ("unsupported frontend protocol", _NOT_POSTGRES),
    (TOO_LONG_A_GREETING, _NOT_POSTGRES),
    ("received invalid protocol negotiation", _NOT_POSTGRES),
    ("password authentication failed", _CREDENTIAL),
    ("authentication method requirement", _IN_CLEAR),
    ("authentication failed", _CREDENTIAL),
    ("no password supplied", _CREDENTIAL),
    ("no pg_hba.conf entry", _CREDENTIAL),
    ("pg_hba.conf rejects", _CREDENTIAL),
    ("is not permitted to log in", _CREDENTIAL),
    ("permission denied for database", _CREDENTIAL),
    ("too many connections", _TOO_MANY),
    ("too many clients", _TOO_MANY),
    ("remaining connection slots", _TOO_MANY),
    ("not currently accepting connections", _CLOSED),
    ("starting up", _STARTING),
    ("shutting down", _STARTING),
    ("recovery", _STARTING),
    ("SSL error", _UNTRUSTED),
)
_NO_DATABASE = _Meaning(
    "source.no_such_database", "has no database of that name", "Check the database's name; case matters."
)
_UNREACHABLE = _Meaning(
    "source.unreachable",
    "did not answer",
    "Check the host, the port, and that its firewall admits the worker's address, then run again.",
)
_STUCK = _Meaning(
    "source.unreachable",
    "has not ended a sign-in that it began earlier",
    "Wait, or look at the server: it may ask for more work on a password than any PostgreSQL server does.",
)
_CONNECT_UNKNOWN = _Meaning(
    "source.refused",
    "refused the connection",
    "Look at the server's log, and check role, password, database and pg_hba.conf.",
)

_IMPLAUSIBLE = "source.implausible"
_REMEDY_FOR_LIES = (
    "Nothing of this run was kept. Check that the address is that of the server itself; if it is an ordinary "
    "PostgreSQL server, report this to us."
)
_BROKEN = _Meaning(
    "source.disconnected",
    "broke off the connection in the middle",
    "Run again; if it happens again, look at the server's log.",
)
_STATES: Mapping[str, _Meaning] = MappingProxyType(
    {
        _CANCELLED: _Meaning(
            "source.timeout",
            "took longer than a statement may, or the statement was cancelled",
            "Run again when the server is less busy.",
        ),
        LOCKED: _Meaning(
            "source.timeout",
            "keeps its own catalogue locked",
            "Run again when the maintenance of the catalogue tables is over.",
        ),
        "25P03": _Meaning("source.timeout", "ended a connection that was idle", "Run again."),
        "57P05": _Meaning("source.timeout", "ended a connection that was idle", "Run again."),
        "53300": _TOO_MANY,
        UNREADABLE: _Meaning(
            _IMPLAUSIBLE,
            "sent what cannot be read as an answer to what was asked",
            _REMEDY_FOR_LIES,
        ),
        TOO_LARGE: _Meaning(
            "source.answer_too_large",
            "sent more, or went on for longer, than reading any catalogue should need",
            "Nothing of it was kept. Look at what the ledger's last statement asks for: a comment or a definition at "
            "the source may be enormous, or it is no PostgreSQL server.",
        ),
    }
)


def connect_failure(message: str, source: str) -> SourceFailure:
    """Return the error for a connection that was refused.

    message: what libpq said; it is matched and not repeated. source: host, or host and database.
    """
    for part, meaning in _CONNECT_MESSAGES:
        if part in message:
            return _failure(meaning, source)
    if "does not exist" in message and "FATAL" in message:
        return _failure(_CREDENTIAL if ' role "' in message else _NO_DATABASE, source)
    return _failure(_CONNECT_UNKNOWN if "FATAL" in message else _UNREACHABLE, source)


def stuck_failure(source: str) -> SourceFailure:
    """Return the error for a source that keeps a sign-in from ending."""
    return _failure(_STUCK, source)


def implausible_failure(what: str, source: str) -> SourceFailure:
    """Return the error for a source that says what none can. what: the end of a sentence about it."""
    return _failure(_Meaning(_IMPLAUSIBLE, what, _REMEDY_FOR_LIES), source)


def statement_failure(failed: StatementError, source: str) -> SourceFailure:
    """Return the error for a statement that the source refused."""
    state = failed.sqlstate
    if state.startswith("08") or state in (DISCONNECTED, "57P01", "57P02", "57P03"):
        return _failure(_BROKEN, source)
    if state == DENIED:
        return SourceFailure(
            code="source.denied",
            detail=f"{source!r} refused the statement {failed.statement!r} to this role.",
            remedy="Give it back SELECT on the tables of pg_catalog that PUBLIC has by default.",
        )
    if state in _STATES:
        return _failure(_STATES[state], source)
    return SourceFailure(
        code="source.unexpected_answer",
        detail=f"{source!r} answered the statement {failed.statement!r} with the error {state}.",
        remedy="Look at the server's log for that code, and report it to us.",
    )


def _failure(meaning: _Meaning, source: str) -> SourceFailure:
    return SourceFailure(code=meaning.code, detail=f"{source!r} {meaning.what}.", remedy=meaning.remedy)
