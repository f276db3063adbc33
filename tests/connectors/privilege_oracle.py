"""The same rights by other means: a superuser tries who may become whom, and asks the server's own functions.

Shares no statement with the probe, which reads access lists. This asks has_*_privilege about each thing for each
role that the credential really became. A role made a moment ago (a stranger) may do what every role may; one that is
in the same roles of the product (a cousin) may do what the product itself gives those.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

Key = tuple[str, tuple[str, ...]]
Rights = dict[Key, set[str]]
_STRANGER, _COUSIN = "a_stranger", "a_cousin"
SYSTEM = ("pg_catalog", "information_schema", "pg_toast")
_ATTRIBUTES = {
    "rolsuper": "SUPERUSER",
    "rolcreaterole": "CREATEROLE",
    "rolcreatedb": "CREATEDB",
    "rolreplication": "REPLICATION",
    "rolbypassrls": "BYPASSRLS",
}


class _Family(NamedTuple):
    """Things that one has_<name>_privilege answers for. things: kind, path, what to ask by, owner."""

    name: str
    privileges: tuple[str, ...]
    things: str


_TABLE_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
_RELATIONS = "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
_FAMILIES = (
    _Family(
        "table",
        _TABLE_RIGHTS,
        f"""SELECT CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END, ARRAY[n.nspname, c.relname], c.oid,
            c.relowner {_RELATIONS} WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')""",
    ),
    _Family(
        "sequence",
        ("SELECT", "USAGE", "UPDATE"),
        f"SELECT 'sequence', ARRAY[n.nspname, c.relname], c.oid, c.relowner {_RELATIONS} WHERE c.relkind = 'S'",
    ),
    _Family(
        "schema", ("CREATE", "USAGE"), "SELECT 'schema', ARRAY[nspname], oid, nspowner FROM pg_namespace"
    ),
    _Family(
        "database",
        ("CREATE", "TEMPORARY", "CONNECT"),
        "SELECT 'database', ARRAY[datname], oid, datdba FROM pg_database",
    ),
    _Family(
        "tablespace", ("CREATE",), "SELECT 'tablespace', ARRAY[spcname], oid, spcowner FROM pg_tablespace"
    ),
    _Family(
        "foreign_data_wrapper",
        ("USAGE",),
        "SELECT 'foreign data wrapper', ARRAY[fdwname], oid, fdwowner FROM pg_foreign_data_wrapper",
    ),
    _Family(
        "server", ("USAGE",), "SELECT 'foreign server', ARRAY[srvname], oid, srvowner FROM pg_foreign_server"
    ),
    _Family(
        "function",
        ("EXECUTE",),
        """SELECT CASE WHEN p.prokind = 'p' THEN 'procedure' ELSE 'function' END, ARRAY[n.nspname, p.proname], p.oid, p.proowner
           FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace""",
    ),
    _Family(
        "",
        (),
        """SELECT 'function', ARRAY[p.oid::regprocedure::text], p.oid, p.proowner FROM pg_proc p
           UNION ALL
           SELECT 'type', ARRAY[t.oid::regtype::text], t.oid, t.typowner FROM pg_type t
           WHERE t.typtype IN ('d', 'e')""",
    ),
)


@dataclass
class Truth:
    """What the oracle found. Kinds and paths as the probe has them, without the database; 'OWNER' beside the rest.

    rights: what the credential may do with each thing. everyones, products: of that, what a stranger and what a
    cousin may. beyond: functions that may do more than their caller,
    definers: of those, the ones that run as their owner. readable, writable: tables.
    """

    rights: Rights = field(default_factory=dict)
    everyones: Rights = field(default_factory=dict)
    products: Rights = field(default_factory=dict)
    beyond: set[Key] = field(default_factory=set)
    definers: set[Key] = field(default_factory=set)
    attributes: dict[str, set[str]] = field(default_factory=dict)
    members: set[str] = field(default_factory=set)
    readable: set[tuple[str, ...]] = field(default_factory=set)
    writable: set[tuple[str, ...]] = field(default_factory=set)

    @property
    def is_super(self) -> bool:
        return any("SUPERUSER" in held for held in self.attributes.values())


def ask(connection: psycopg.Connection[Any], role: str, major: int) -> Truth:
    """Find out what a role could do. connection: a superuser's, to the database; everything tried is undone."""
    connection.execute("BEGIN")
    try:
        connection.execute(
            f"SET LOCAL search_path = pg_catalog; CREATE ROLE {_STRANGER}; CREATE ROLE {_COUSIN}"
        )
        identities = _identities(connection, role, major)
        truth = Truth(attributes=_attributes(connection, identities))
        for name, held in truth.attributes.items():
            if "SUPERUSER" in held:
                # has_*_privilege says yes to all for a superuser: what else he holds shows without the attribute.
                connection.execute(sql.SQL("ALTER ROLE {} NOSUPERUSER").format(sql.Identifier(name)))
        reached = _reached(connection, identities)
        truth.members = reached - {role, "pg_database_owner"}
        for name in sorted(truth.members):
            if name.startswith("pg_"):
                connection.execute(f"GRANT {name} TO {_COUSIN}")
        truth.rights = _rights(connection, identities, major)
        truth.everyones = _rights(connection, [_STRANGER], major)
        truth.products = _rights(connection, [_COUSIN], major)
        truth.beyond = _functions(connection, "p.prosecdef OR NOT l.lanpltrusted")
        truth.definers = _functions(connection, "p.prosecdef")
        _count_tables(truth)
    finally:
        connection.execute("ROLLBACK")
    return truth


def _identities(connection: psycopg.Connection[Any], role: str, major: int) -> list[str]:
    """Return the roles that a session of this credential can become, by becoming them."""
    names = [
        name for (name,) in connection.execute("SELECT rolname FROM pg_roles WHERE rolname <> %s", [role])
    ]
    supers = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles WHERE rolsuper")}
    if role in supers:
        return [role]
    connection.execute(sql.SQL("SAVEPOINT tried; SET SESSION AUTHORIZATION {}").format(sql.Identifier(role)))
    found = [role]
    while new := [
        name
        for name in names
        if name not in found
        and _becomes(connection, role, name, [one for one in found if one not in supers], major)
    ]:
        found += new
    connection.execute("ROLLBACK TO SAVEPOINT tried")
    return found


def _becomes(
    connection: psycopg.Connection[Any], role: str, name: str, acting: list[str], major: int
) -> bool:
    if _works(connection, sql.SQL("SET ROLE {}").format(sql.Identifier(name)), is_kept=False):
        return True
    if major < 16:
        return (
            False  # CREATEROLE can grant itself nearly anything there: the attribute stands for all of that
        )
    grant = sql.SQL("SET ROLE {}; GRANT {} TO {} WITH INHERIT TRUE, SET TRUE; RESET ROLE")
    return any(
        _works(connection, grant.format(*map(sql.Identifier, (one, name, role))), is_kept=True)
        for one in acting
    )


def _works(connection: psycopg.Connection[Any], statement: sql.Composed, *, is_kept: bool) -> bool:
    connection.execute("SAVEPOINT attempt")
    try:
        connection.execute(statement)
    except psycopg.Error:
        connection.execute("ROLLBACK TO SAVEPOINT attempt")
        return False
    connection.execute("RELEASE SAVEPOINT attempt" if is_kept else "ROLLBACK TO SAVEPOINT attempt")
    return True


def _attributes(connection: psycopg.Connection[Any], identities: list[str]) -> dict[str, set[str]]:
    rows = connection.execute(
        f"SELECT rolname, {', '.join(_ATTRIBUTES)} FROM pg_roles WHERE rolname = ANY (%s)", [identities]
    )
    found = {
        name: {word for word, value in zip(_ATTRIBUTES.values(), values, strict=True) if value}
        for name, *values in rows
    }
    return {name: held for name, held in found.items() if held}


def _reached(connection: psycopg.Connection[Any], identities: list[str]) -> set[str]:
    rows = connection.execute(
        "SELECT r.rolname FROM pg_roles r, unnest(%s::text[]) i (name) WHERE pg_has_role(i.name, r.oid, 'USAGE')",
        [identities],
    )
    return {name for (name,) in rows} | set(identities)


def _rights(connection: psycopg.Connection[Any], identities: list[str], major: int) -> Rights:
    found: Rights = defaultdict(set)
    for kind, path, right in (
        *_of_families(connection, identities, major),
        *_of_columns(connection, identities),
        *_of_large_objects(connection, identities),
        *_of_parameters(connection, identities, major),
    ):
        found[kind, tuple(path)].add(right)
    return dict(found)


def _of_families(connection: psycopg.Connection[Any], identities: list[str], major: int) -> Iterator[Any]:
    for family in _FAMILIES:
        privileges = [*family.privileges, *(["MAINTAIN"] if family.name == "table" and major >= 17 else [])]
        asked = [*privileges, *(f"{one} WITH GRANT OPTION" for one in privileges)]
        answer = f"has_{family.name}_privilege(i.name, t.oid, p.name)" if family.privileges else "false"
        yield from connection.execute(
            f"""SELECT t.kind, t.path::text[], p.name
                FROM ({family.things}) t (kind, path, oid, owner), unnest(%s::text[]) i (name),
                     unnest(%s::text[]) p (name)
                WHERE CASE WHEN p.name = 'OWNER' THEN pg_has_role(i.name, t.owner, 'USAGE') ELSE {answer} END""",
            [identities, ["OWNER", *asked]],
        )


def _of_columns(connection: psycopg.Connection[Any], identities: list[str]) -> Iterator[Any]:
    rights = ["SELECT", "INSERT", "UPDATE", "REFERENCES"]
    yield from connection.execute(
        f"""SELECT 'column', ARRAY[n.nspname, c.relname, a.attname]::text[], p.name
            {_RELATIONS} JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped,
                 unnest(%s::text[]) i (name), unnest(%s::text[]) p (name)
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND has_column_privilege(i.name, c.oid, a.attnum, p.name)
              AND NOT EXISTS (SELECT 1 FROM unnest(%s::text[]) j (name) WHERE has_table_privilege(j.name, c.oid, p.name))""",
        [identities, [*rights, *(f"{one} WITH GRANT OPTION" for one in rights)], identities],
    )


def _of_large_objects(connection: psycopg.Connection[Any], identities: list[str]) -> Iterator[Any]:
    rows = connection.execute("SELECT oid, pg_get_userbyid(lomowner) FROM pg_largeobject_metadata").fetchall()
    for number, owner in rows:
        for name in identities:
            acting = sql.SQL("SET ROLE {}; ").format(sql.Identifier(name))
            if owner == name:
                yield "large object", [str(number)], "OWNER"
            for right, use in (("SELECT", "lo_get({})"), ("UPDATE", "lo_put({}, 0, '')")):
                call = sql.SQL("SELECT ") + sql.SQL(use).format(sql.Literal(number))
                if _works(connection, acting + call, is_kept=False):
                    yield "large object", [str(number)], right


def _of_parameters(connection: psycopg.Connection[Any], identities: list[str], major: int) -> Iterator[Any]:
    if major >= 15:
        yield from connection.execute(
            """SELECT 'parameter', ARRAY[s.name], p.name
               FROM pg_settings s, unnest(%s::text[]) i (name), unnest(ARRAY['SET', 'ALTER SYSTEM']) p (name)
               WHERE has_parameter_privilege(i.name, s.name, p.name)""",
            [identities],
        )


def _functions(connection: psycopg.Connection[Any], condition: str) -> set[Key]:
    rows = connection.execute(
        f"""SELECT CASE WHEN p.prokind = 'p' THEN 'procedure' ELSE 'function' END,
                  ARRAY[n.nspname, p.proname]::text[]
           FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
           WHERE {condition}"""
    )
    return {(kind, tuple(path)) for kind, path in rows}


def _count_tables(truth: Truth) -> None:
    """Count a table as readable or writable where its schema may be entered; the system's, where more was granted."""
    by_table: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for (kind, path), rights in truth.rights.items():
        if kind in ("table", "view", "column"):
            by_table[path[:2]] |= rights - (
                truth.products.get((kind, path), set()) if path[0] in SYSTEM else set()
            )
    for path, rights in by_table.items():
        if truth.rights.get(("schema", path[:1]), set()) & {"USAGE", "OWNER"}:
            if rights & {"SELECT", "OWNER"}:
                truth.readable.add(path)
            if rights & {"INSERT", "UPDATE", "DELETE", "TRUNCATE", "OWNER"}:
                truth.writable.add(path)
