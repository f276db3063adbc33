"""The closed lists: every statement that can ever be sent to a PostgreSQL source, one file each.

A file is a head of comments (the purpose, for the customer to read) and the statement. The head is cut off
once, here; what remains is the statement everywhere: in the list, in its digest, on the wire, in the
source's log.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType

from fanlight.connectors.types import Statement, StatementLists

_VERSIONED = re.compile(r"(.+)_([0-9]+)\Z")


def _parse(name: str, text: str) -> Statement:
    lines = text.splitlines()
    head_length = next(number for number, line in enumerate(lines) if not line.startswith("--"))
    purpose = "\n".join(line.removeprefix("--").strip() for line in lines[:head_length])
    return _statement(name, "\n".join(lines[head_length:]).strip(), purpose)


def _statement(name: str, sql: str, purpose: str) -> Statement:
    return Statement(name, sql, hashlib.sha256(sql.encode()).hexdigest(), purpose)


def _load(folder: Traversable) -> tuple[Statement, ...]:
    found = sorted(folder.iterdir(), key=lambda file: file.name)
    return tuple(
        _parse(file.name.removesuffix(".sql"), file.read_text("utf-8"))
        for file in found
        if file.name.endswith(".sql")
    )


# What libpq and psycopg send by themselves. None of it is SQL: with autocommit on and preparation off, the
# driver adds no statement of its own (a test compares with the source's log).
_DRIVER = (
    _statement(
        "startup",
        "StartupMessage(user, database, application_name, client_encoding, options)",
        "Opens the connection. The options are those of session_settings: they hold from the start.",
    ),
    _statement("tls", "SSLRequest", "Asks for TLS before anything else is sent; not over a local socket."),
    _statement(
        "authentication",
        "SASLInitialResponse, SASLResponse, PasswordMessage",
        "Proves the role's password.",
    ),
    _statement(
        "extended_query",
        "Parse, Bind, Describe, Execute, Sync",
        "Carries each statement of the other two lists: one message can hold one statement only.",
    ),
    _statement(
        "cancel", "CancelRequest", "Stops the running statement of this connection when a run is stopped."
    ),
    _statement("terminate", "Terminate", "Closes the connection."),
)

_FOLDER = files(__package__) / "statements"
LISTS = StatementLists(catalogue=_load(_FOLDER), session=_load(_FOLDER / "session"), driver=_DRIVER)
STATEMENTS: Mapping[str, Statement] = MappingProxyType(
    {statement.name: statement for statement in (*LISTS.catalogue, *LISTS.session)}
)
DIGESTS: Mapping[str, str] = MappingProxyType({name: found.digest for name, found in STATEMENTS.items()})


def names_for(major: int) -> Mapping[str, str]:
    """Return which file serves each plain name on a server of this version: `indexes` as `indexes_15`."""
    chosen: dict[str, tuple[int, str]] = {}
    for name in STATEMENTS:
        match = _VERSIONED.match(name)
        plain, since = (match[1], int(match[2])) if match else (name, 0)
        if since <= major and since >= chosen.get(plain, (-1, ""))[0]:
            chosen[plain] = (since, name)
    return MappingProxyType({plain: name for plain, (_, name) in chosen.items()})
