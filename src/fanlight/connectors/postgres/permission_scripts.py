"""Scripts for psql: the least that lets Fanlight in, and what takes away what a credential has beyond it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from fanlight.connectors.postgres.closed_list import LISTS
from fanlight.connectors.postgres.naming import (
    BOOTSTRAP,
    DATABASE_OWNER,
    EVERY_ROLE,
    WHOLE_SERVER,
    plainly_quoted,
    quoted,
)
from fanlight.connectors.postgres.settings import check, split_databases
from fanlight.connectors.types import Privileges, Right, RightLevel
from fanlight.core.errors import WrongUse
from fanlight.core.words import plural

CAPABILITIES = ("metadata", "privileges")
_OPTION = " WITH GRANT OPTION"
_CATALOGUE_TABLE = re.compile(r"\b(?:FROM|JOIN)\s+(pg_[a-z_]+)\b(?!\s*\()")
# Of these every role sees only some columns; the others are secrets, and so nobody is told to grant them.
_COLUMNS = {"pg_subscription": ("subname", "subowner", "subenabled", "subpublications", "subdbid")}
_SPELLED = {
    "table": "TABLE",
    "view": "TABLE",
    "column": "TABLE",
    "sequence": "SEQUENCE",
    "schema": "SCHEMA",
    "database": "DATABASE",
    "tablespace": "TABLESPACE",
    "foreign data wrapper": "FOREIGN DATA WRAPPER",
    "foreign server": "FOREIGN SERVER",
    "function": "ROUTINE",
    "procedure": "ROUTINE",
    "large object": "LARGE OBJECT",
    "parameter": "PARAMETER",
}
_LARGE_OBJECT_FUNCTIONS = (
    "lo_creat(integer)",
    "lo_create(oid)",
    "lo_from_bytea(oid, bytea)",
    "lo_put(oid, bigint, bytea)",
    "lo_truncate(integer, integer)",
    "lo_truncate64(integer, bigint)",
    "lo_unlink(oid)",
    "lowrite(integer, bytea)",
)


def permission_script(
    settings: Mapping[str, str], capabilities: Iterable[str] = (), *, with_hardening: bool = False
) -> str:
    """Return the least script for psql: a role that may connect, and nothing else. It holds no password.

    settings: user and databases are enough. capabilities: of `CAPABILITIES`, each adds as comments what it needs
    where a server hides its catalogue. with_hardening: add, as comments, what could be taken from every role.
    Raises WrongUse.
    """
    checked = check({"host": "localhost", **settings})
    role, databases = quoted(checked["user"]), split_databases(checked["databases"])
    lines = [
        "-- Run this in psql as an administrator. Fanlight reads the catalogue, as every role may:",
        "-- it needs no right on any table or schema of yours, and cannot see a single row.",
        f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION",
        "    NOBYPASSRLS NOINHERIT CONNECTION LIMIT 3;",
        "-- A seat-belt: Fanlight also asks for read-only itself, in each session and each transaction.",
        f"ALTER ROLE {role} SET default_transaction_read_only = on;",
        *(f"GRANT CONNECT ON DATABASE {quoted(name)} TO {role};" for name in databases),
        "-- Asks for the password without showing it; it never stands in a file or a log.",
        f"\\password {plainly_quoted(checked['user'])}",
    ]
    for capability in dict.fromkeys(capabilities):
        lines += _for_hidden_catalogues(capability, role, databases)
    if with_hardening:
        lines += _hardening(databases)
    return "\n".join([*lines, ""])


def catalogue_tables(capability: str) -> tuple[str, ...]:
    """Return the catalogue tables that a capability's statements read. Raises WrongUse."""
    if capability not in CAPABILITIES:
        raise WrongUse(
            code="capability.unknown",
            detail=f"There is no capability {capability!r}.",
            remedy=f"Known are: {', '.join(CAPABILITIES)}.",
        )
    is_probe = capability == "privileges"
    found = {
        table
        for statement in LISTS.catalogue
        if statement.name.startswith("privilege_") is is_probe or statement.name == "server"
        for table in _CATALOGUE_TABLE.findall(statement.sql)
    }
    return tuple(sorted(found))


def _for_hidden_catalogues(capability: str, role: str, databases: Iterable[str]) -> Iterator[str]:
    names = catalogue_tables(capability)
    tables = ", ".join(name for name in names if name not in _COLUMNS)
    columns = {name: ", ".join(_COLUMNS[name]) for name in names if name in _COLUMNS}
    yield "--"
    yield f"-- For {capability}: nothing more, as long as every role may read the catalogue. Where you took that"
    yield "-- away, without the two hyphens (leave out what your version of PostgreSQL does not have):"
    for database in databases:
        yield f"-- {_connect(database)}"
        yield f"-- GRANT SELECT ON {tables} TO {role};"
        for name, of in columns.items():
            yield f"-- GRANT SELECT ({of}) ON {name} TO {role};"


def _hardening(databases: Iterable[str]) -> Iterator[str]:
    yield "--"
    yield "-- Optional, and not about Fanlight: what PostgreSQL lets EVERY role do from the start. Each line takes it"
    yield "-- from every role that you have; find out who needs it before you take the hyphens away."
    for database in databases:
        yield f"-- {_connect(database)}"
        yield f"-- REVOKE TEMPORARY ON DATABASE {quoted(database)} FROM PUBLIC;"
        yield "-- REVOKE CREATE ON SCHEMA public FROM PUBLIC; -- PostgreSQL 15 and later no longer gives it"
        for function in _LARGE_OBJECT_FUNCTIONS:
            yield f"-- REVOKE EXECUTE ON FUNCTION pg_catalog.{function} FROM PUBLIC;"


def removal_script(settings: Mapping[str, str], found: Mapping[str, Privileges]) -> str:
    """Return the script for psql that takes away every right beyond reading. It holds no secret.

    settings: the user is enough. found: by database. What only a person can decide stands as comments: ownership,
    and what every role holds.
    """
    role = settings["user"]
    if not any(_excess(one) or one.unknown for one in found.values()):
        return f"-- Nothing to take away: the role {quoted(role)} cannot do more than read.\n"
    lines = [
        f"-- Takes from the role {quoted(role)} what it can do beyond reading. Read it, then run it in psql as a",
        "-- superuser. Lines that begin with two hyphens do nothing: they say what you must decide.",
        "-- Then test the connection again: one right may have hidden another.",
        "\\encoding UTF8",
        *_of_the_server(role, found.values()),
    ]
    for database, privileges in found.items():
        rights = [right for right in _excess(privileges) if right.kind not in WHOLE_SERVER]
        inside = list(_of_objects(role, rights, owns_database=_owns(privileges, database)))
        if inside:
            lines += ["", _connect(database), "\\encoding UTF8", *inside]
        if privileges.count > len(privileges.rights) and privileges.rights[-1].level is RightLevel.WRITE:
            lines.append("-- More was found than is listed here: run this, and test the connection again.")
        lines += [
            f"-- It could not be found out what it may do with {about}." for about in privileges.unknown
        ]
    return "\n".join([*lines, ""])


def _excess(privileges: Privileges) -> list[Right]:
    return [right for right in privileges.rights if right.level is RightLevel.WRITE]


def _owns(privileges: Privileges, database: str) -> bool:
    return any(
        right.kind == "database"
        and right.path == (database,)
        and "OWNER" in right.rights
        and not right.through
        for right in privileges.rights
    )


def _of_the_server(role: str, found: Iterable[Privileges]) -> Iterator[str]:
    everything = list(found)
    excess = dict.fromkeys(right for one in everything for right in _excess(one))
    memberships = {
        right.path[0]: right
        for one in everything
        for right in one.rights
        if right.kind == "membership" and not right.through
    }
    for right in excess:
        if right.kind == "role" and not right.through:
            yield from _attributes(role, right)
    ways = dict.fromkeys(right.through or right.path[0] for right in excess if right.kind == "membership")
    if ways:
        yield "-- Memberships that bring more than reading. What it only read through them is lost as well."
    for way in ways:
        membership = memberships.get(way)
        yield from _leave(way, role, membership)
    yield from _of_objects(
        role,
        [
            right
            for right in excess
            if right.kind in WHOLE_SERVER and right.kind not in ("role", "membership")
        ],
    )


def _attributes(role: str, right: Right) -> Iterator[str]:
    if BOOTSTRAP in right.rights:
        yield "-- By hand: the server was made by this role, and it stays its superuser. Make another role for"
        yield "-- Fanlight (fanlight permissions postgres) and enter that one instead."
        return
    yield f"ALTER ROLE {quoted(role)} {' '.join(f'NO{name}' for name in right.rights)};"


def _leave(way: str, role: str, membership: Right | None) -> Iterator[str]:
    end = " CASCADE;" if membership and "ADMIN" in membership.rights else ";"
    for grantor in (membership.grantors if membership else ()) or ("",):
        by = f" GRANTED BY {quoted(grantor)}" if grantor else ""
        yield f"REVOKE {quoted(way)} FROM {quoted(role)}{by}{end}"


def _of_objects(role: str, rights: list[Right], *, owns_database: bool = False) -> Iterator[str]:
    # What another role owns is lost with the membership.
    ways = {"", DATABASE_OWNER} if owns_database else {""}
    owned = [right for right in rights if "OWNER" in right.rights and right.through in ways]
    for right in rights:
        granted = tuple(name for name in right.rights if name != "OWNER")
        if granted and right.through == EVERY_ROLE:
            yield "-- By hand: every role holds this, and this takes it from every role:"
            yield f"-- {_revocation(right, granted, 'PUBLIC')}"
        elif granted and not right.through:
            statement = _revocation(right, granted, quoted(role))
            yield statement
            for grantor in right.grantors:
                yield f"SET ROLE {quoted(grantor)}; {statement} RESET ROLE;"
    if owned:
        yield f"-- By hand: it owns {plural(len(owned), 'thing')}, and whoever owns a thing may do anything with it."
        yield f"-- REASSIGN OWNED BY {quoted(role)} TO somebody_else; gives away all of it at once, in this database"
        yield "-- and whatever it owns of the server. Or, one by one:"
    for right in owned:
        yield f"-- {_new_owner(right)}"


def _new_owner(right: Right) -> str:
    if right.through:
        return f"{right.kind} {_name(right)}: it owns this as the owner of the database"
    if right.kind in ("function", "procedure") or right.kind not in _SPELLED:
        return f"{right.kind} {quoted(right.path[-1])}"  # as the server writes it
    what = "SERVER" if right.kind == "foreign server" else _SPELLED[right.kind]
    return f"ALTER {what} {_name(right)} OWNER TO somebody_else;"


def _revocation(right: Right, granted: tuple[str, ...], holder: str) -> str:
    plain = [name for name in granted if not name.endswith(_OPTION) and name != "SELECT"]
    options = [name.removesuffix(_OPTION) for name in granted if name.endswith(_OPTION)]
    kept = [name for name in options if name not in plain]
    end = " CASCADE;" if options else ";"
    on = f"ON {_SPELLED[right.kind]} {_name(right)} FROM {holder}{end}"
    columns = f" ({quoted(right.path[-1])})" if right.kind == "column" else ""
    statements = []
    if plain:
        statements.append(f"REVOKE {', '.join(name + columns for name in plain)} {on}")
    if kept:
        statements.append(f"REVOKE GRANT OPTION FOR {', '.join(name + columns for name in kept)} {on}")
    return " ".join(statements)


def _name(right: Right) -> str:
    """Return what a right is about, as it stands in a REVOKE."""
    match right.kind:
        case "large object":
            return str(int(right.path[-1]))
        case "parameter":
            return ".".join(quoted(part) for part in right.path[0].split("."))
        case "function" | "procedure":
            return f"{'.'.join(map(quoted, right.path[1:]))}({right.signature})"
        case "column":
            return ".".join(map(quoted, right.path[1:-1]))
        case kind if kind in WHOLE_SERVER:
            return quoted(right.path[0])
        case _:
            return ".".join(map(quoted, right.path[1:]))


def _connect(database: str) -> str:
    # A name that holds '=' would be taken for a connection string: so it is one, with the name as a value in it.
    value = database.replace("\\", "\\\\").replace("'", "\\'")
    return f"\\connect -reuse-previous=on \"dbname='{value.replace(chr(34), chr(34) * 2)}'\""
