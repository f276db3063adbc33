"""Hold what the probe lists against what the oracle found, both ways."""

from __future__ import annotations

from collections import defaultdict

from fanlight.connectors.postgres.naming import WHOLE_SERVER
from fanlight.connectors.types import Privileges, Right, RightLevel
from tests.connectors.privilege_oracle import SYSTEM, Key, Truth

_READING_ROLES = {
    "pg_read_all_data",
    "pg_read_all_settings",
    "pg_read_all_stats",
    "pg_stat_scan_tables",
    "pg_monitor",
}
# What every role may run from the start although it writes.
_WRITERS_FOR_EVERYBODY = {
    *(
        "lo_creat",
        "lo_create",
        "lo_from_bytea",
        "lo_put",
        "lo_truncate",
        "lo_truncate64",
        "lo_unlink",
        "lowrite",
    ),
    "pg_logical_emit_message",
}


def compare(found: Privileges, truth: Truth, database: str, tables: int) -> None:
    """Fail unless each right that the server confirms is listed, and nothing else.

    database: its name. tables: how many tables and views of its own it holds.
    """
    assert found.count == len(found.rights)
    assert found.unknown == ()
    listed = _listed(found)
    for key in {*listed, *truth.rights}:
        must, may = _expected(key, truth, database)
        assert must <= listed.get(key, set()) <= may, (key, must, listed.get(key), may)
    roles = {right.path[0]: set(right.rights) for right in found.rights if right.kind == "role"}
    assert roles == truth.attributes
    assert {right.path[0] for right in found.rights if right.kind == "membership"} == truth.members
    writers = {
        right.through
        for right in found.rights
        if right.level is RightLevel.WRITE and right.kind != "membership"
    } | {right.path[0] for right in found.rights if right.kind == "membership" and "ADMIN" in right.rights}
    for right in found.rights:
        assert right.level is _level(right, truth, writers), right
    reads_all = truth.is_super or "pg_read_all_data" in truth.members
    writes_all = truth.is_super or "pg_write_all_data" in truth.members
    systems = sum(path[0] in SYSTEM for kind, path in listed if kind in ("table", "view"))
    assert found.readable == (tables + systems if reads_all else len(truth.readable))
    assert found.writable == (tables if writes_all else len(truth.writable))


def _listed(found: Privileges) -> dict[Key, set[str]]:
    listed: dict[Key, set[str]] = defaultdict(set)
    for right in found.rights:
        if right.kind not in ("role", "membership"):
            path = right.path if right.kind in WHOLE_SERVER else right.path[1:]
            if len(path) == 1:  # as the server names what is owned
                path = (path[0].replace("pg_catalog.", ""),)
            listed[right.kind, path].update(right.rights)
    return listed


def _expected(key: Key, truth: Truth, database: str) -> tuple[set[str], set[str]]:
    """Return which rights must be listed, and which may be, of what the server confirms."""
    (kind, path), nothing = key, set[str]()
    held, everyones, products = (
        rights.get(key, nothing) for rights in (truth.rights, truth.everyones, truth.products)
    )
    is_system = len(path) > 1 and path[0] in SYSTEM
    if "OWNER" in held:
        # Of a function it is listed by its whole signature.
        return nothing if kind in ("function", "procedure") and len(path) > 1 else {"OWNER"}, held
    if kind in ("function", "procedure"):
        must = _expected_of_function(key, truth, held)
        # Granted to every role and to this one as well: only the access list tells.
        return must, held if must or (key in truth.beyond and path[0] not in SYSTEM) else nothing
    if kind in ("schema", "database"):
        boring = {"USAGE", "CONNECT"} | (set() if path == (database,) else {"TEMPORARY"})
        return held - boring, held - boring
    if is_system or kind == "parameter":
        return held - products, held - everyones
    # A column's right is listed although the table's, which another role holds, includes it.
    of_table = truth.rights.get(("table", path[:2]), nothing) if kind == "column" else nothing
    return held - (products - everyones), held | of_table


def _expected_of_function(key: Key, truth: Truth, held: set[str]) -> set[str]:
    options = {right for right in held if right.endswith("OPTION")}
    if not held <= truth.products.get(key, set()):
        return held if key in truth.beyond else options
    may_enter = truth.rights.get(("schema", key[1][:1]), set()) & {"USAGE", "OWNER"}
    is_telling = key in truth.definers or (key[1][0] == "pg_catalog" and key[1][1] in _WRITERS_FOR_EVERYBODY)
    is_everyones = is_telling and held <= truth.everyones.get(key, set())
    return held if is_everyones and may_enter else options


def _level(right: Right, truth: Truth, writers: set[str]) -> RightLevel:
    if right.kind == "role":
        return RightLevel.WRITE
    if right.kind == "membership":
        is_products = right.path[0].startswith("pg_") and right.path[0] not in _READING_ROLES
        brings = right.path[0] in truth.attributes or right.path[0] in writers
        return RightLevel.WRITE if is_products or brings else RightLevel.READ
    if set(right.rights) == {"SELECT"}:
        return RightLevel.READ
    path = right.path if right.kind in WHOLE_SERVER else right.path[1:]
    everyones = truth.everyones.get((right.kind, path), set())
    is_default = right.kind in ("function", "procedure") or right.rights == ("TEMPORARY",)
    if is_default and right.through == "public" and set(right.rights) <= everyones:
        return RightLevel.PUBLIC
    return RightLevel.WRITE
