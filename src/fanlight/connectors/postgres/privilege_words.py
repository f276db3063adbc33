"""One sentence about what a credential could do: what it reads and changes first, then whatever else weighs most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fanlight.connectors.types import Right, RightLevel
from fanlight.core.words import plural

Numbers = Mapping[tuple[str, RightLevel], int]

_ATTRIBUTES = {
    "CREATEROLE": "can make and change roles",
    "CREATEDB": "can make databases",
    "REPLICATION": "can copy the whole server",
    "BYPASSRLS": "is exempt from row security",
}
_ROLES = {
    "pg_execute_server_program": "can run programs on the server's machine",
    "pg_write_server_files": "can write files on the server's machine",
    "pg_read_server_files": "can read files on the server's machine",
    "pg_maintain": "can vacuum, lock and refresh every table",
    "pg_create_subscription": "can make subscriptions",
    "pg_signal_backend": "can end other sessions",
    "pg_signal_autovacuum_worker": "can end vacuums",
    "pg_checkpoint": "can make the server write a checkpoint",
    "pg_use_reserved_connections": "can use the connections reserved for emergencies",
}
_ON_TABLES = {"table", "view", "column"}
_BY_KIND = (
    (("schema",), "can make objects in {}", "schema", ""),
    (("function", "procedure"), "can run {} that may do more than it could itself", "function", ""),
    (("sequence",), "can change {}", "sequence", ""),
    (("large object",), "can change {}", "large object", ""),
    (("parameter",), "can change {} of the server", "setting", ""),
)


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers behind a sentence.

    readable, writable, both, dormant: tables whose rows could be read, changed, both, or only once a schema may
    be entered. other_on_tables: tables with nothing but other rights beyond reading (TRIGGER, say). by_kind: rights
    on objects, one for each role that holds them; owned: how many of those are ownership (of functions, at the level
    PUBLIC, how many are not the system's own). of_roles: attributes and memberships.
    """

    readable: int
    writable: int
    both: int
    dormant: int
    other_on_tables: int
    by_kind: Numbers
    owned: Numbers
    of_roles: tuple[Right, ...]
    reads_all: bool
    writes_all: bool
    unknown: tuple[str, ...]


def sentence(counts: Counts) -> str:
    """Return what the credential could do, in one sentence without a full stop."""
    for right in counts.of_roles:
        if right.kind == "role" and "SUPERUSER" in right.rights:
            return f"{'Can become' if right.through else 'Is'} a superuser: it can do anything"
    clauses = [*_ownership(counts), *_role_clauses(counts), *_object_clauses(counts)]
    if counts.dormant:
        clauses.append(f"has rights on {plural(counts.dormant, 'table')} in schemas that it may not enter")
    public = counts.owned.get(("function", RightLevel.PUBLIC), 0) + counts.owned.get(
        ("procedure", RightLevel.PUBLIC), 0
    )
    if public:
        clauses.append(
            f"like every role there, can run {plural(public, 'function')} that may do more than it could itself"
        )
    if counts.unknown:
        clauses.append(f"what it may do with {_listed(list(counts.unknown))} could not be found out")
    return "; ".join([_about_tables(counts, is_all=not clauses), *clauses])


def _about_tables(counts: Counts, *, is_all: bool) -> str:
    both, readable, writable = counts.both, counts.readable, counts.writable
    tables = f"every table ({writable:,} now)" if counts.writes_all else plural(writable, "table")
    if writable and both == writable == readable:
        return f"Can read and write {tables}"
    things = []
    if readable:
        things.append(f"every table ({readable:,} now)" if counts.reads_all else plural(readable, "table"))
    for kind in ("sequence", "large object"):
        number = counts.by_kind.get((kind, RightLevel.READ), 0)
        if number:
            things.append(plural(number, kind))
    if not writable:
        # There are other ways to data: files of the server, its replication, functions of others.
        nothing = "Cannot read data" if is_all else "Can read no table"
        return f"Can read {_listed(things)}" if things else nothing
    if not things:
        return f"Can write {tables}"
    return f"Can read {_listed(things)} and write {tables if counts.writes_all or len(things) > 1 else f'{writable:,}'}"


def _ownership(counts: Counts) -> list[str]:
    owned = {kind: number for (kind, level), number in counts.owned.items() if level is RightLevel.WRITE}
    clauses = []
    if owned.get("database"):
        clauses.append(f"owns {plural(owned['database'], 'database')}")
    if owned.get("schema"):
        what = "everything in it" if owned["schema"] == 1 else "everything in them"
        clauses.append(f"owns {plural(owned['schema'], 'schema')} and can change {what}")
    tables = owned.get("table", 0) + owned.get("view", 0)
    if tables:
        clauses.append(f"owns {plural(tables, 'table')}")
    rest = sum(
        number
        for kind, number in owned.items()
        if kind not in ("database", "schema", "table", "view", "function", "procedure")
    )
    if rest:
        clauses.append(f"owns {plural(rest, 'other object')}")
    return clauses


def _role_clauses(counts: Counts) -> list[str]:
    names = {
        name
        for right in counts.of_roles
        for name in (right.rights if right.kind == "role" else right.path)
        if right.level is RightLevel.WRITE
    }
    return [clause for name, clause in (_ATTRIBUTES | _ROLES).items() if name in names]


def _object_clauses(counts: Counts) -> list[str]:
    left = {
        kind: number - (0 if kind in ("function", "procedure") else counts.owned.get((kind, level), 0))
        for (kind, level), number in counts.by_kind.items()
        if level is RightLevel.WRITE and kind not in _ON_TABLES
    }
    clauses = []
    for kinds, words, one, many in _BY_KIND:
        number = sum(left.pop(kind, 0) for kind in kinds)
        if number:
            clauses.append(words.format(plural(number, one, many)))
    others = sum(left.values()) + counts.other_on_tables + _other_memberships(counts)
    if others:
        clauses.append(f"has {plural(others, 'other right')} beyond reading")
    return clauses


def _other_memberships(counts: Counts) -> int:
    return sum(
        right.kind == "membership"
        and right.level is RightLevel.WRITE
        and (
            "ADMIN" in right.rights
            or (right.path[0].startswith("pg_") and right.path[0] not in {*_ROLES, "pg_write_all_data"})
        )
        for right in counts.of_roles
    )


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
