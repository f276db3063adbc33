"""The closed lists: every statement that can ever be sent to a PostgreSQL source, one file each.

A file is a head of comments (the purpose, for the customer to read) and the statement. The head is cut off
once, here; what remains is the statement everywhere: in the list, in its digest, on the wire, in the
source's log. The digests are written when Fanlight is built (`tools/docs.py`, into `statements/digests.toml`): a
file that is added or changed afterwards is on no list, and the guard does not send it.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType

from fanlight.connectors.types import ListDifferences, Statement, StatementLists

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
DIGESTS_FILE = _FOLDER / "digests.toml"


def read_files() -> StatementLists:
    """Return what the files hold at this moment, on the list or not."""
    return StatementLists(catalogue=_load(_FOLDER), session=_load(_FOLDER / "session"), driver=_DRIVER)


def read_digests() -> dict[str, str]:
    """Return the digests that were written when Fanlight was built, by statement."""
    if not DIGESTS_FILE.is_file():
        return {}
    found: dict[str, dict[str, str]] = tomllib.loads(DIGESTS_FILE.read_text("utf-8"))
    return {name: digest for part in found.values() for name, digest in part.items()}


def read_shapes() -> dict[str, str]:
    """Return what the columns of each statement's answer are, a letter each: see `statements/shapes.toml`."""
    file = _FOLDER / "shapes.toml"
    return dict(tomllib.loads(file.read_text("utf-8"))) if file.is_file() else {}


def read_former() -> frozenset[str]:
    """Return the digests of what earlier versions sent and this one does not: known, and never sent."""
    file = _FOLDER / "former.toml"
    return frozenset(tomllib.loads(file.read_text("utf-8"))["digests"]) if file.is_file() else frozenset()


def differences() -> ListDifferences:
    """Compare the files, as they lie there now, with the digests that were built in."""
    now = read_files()
    found = {one.name: one.digest for one in (*now.catalogue, *now.session)}
    built = read_digests()
    return ListDifferences(
        added=tuple(sorted(found.keys() - built.keys())),
        missing=tuple(sorted(built.keys() - found.keys())),
        changed=tuple(sorted(name for name in found.keys() & built.keys() if found[name] != built[name])),
    )


LISTS = read_files()
STATEMENTS: Mapping[str, Statement] = MappingProxyType(
    {statement.name: statement for statement in (*LISTS.catalogue, *LISTS.session)}
)
DIGESTS: Mapping[str, str] = MappingProxyType(read_digests())
SHAPES: Mapping[str, str] = MappingProxyType(read_shapes())


def holds(sql: str) -> bool:
    """Tell whether a text is, to the byte, one of the list."""
    return hashlib.sha256(sql.encode("utf-8", "surrogatepass")).hexdigest() in DIGESTS.values()


def names_for(major: int) -> Mapping[str, str]:
    """Return which file serves each plain name on a server of this version: `indexes` as `indexes_15`."""
    chosen: dict[str, tuple[int, str]] = {}
    for name in DIGESTS:
        match = _VERSIONED.match(name)
        plain, since = (match[1], int(match[2])) if match else (name, 0)
        if since <= major and since >= chosen.get(plain, (-1, ""))[0]:
            chosen[plain] = (since, name)
    return MappingProxyType({plain: name for plain, (_, name) in chosen.items()})
