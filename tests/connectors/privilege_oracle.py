"""The same rights by other means: a superuser tries who may become whom, and asks the server's own functions.

Shares no statement with the probe, which reads access lists. This asks has_*_privilege about each thing for each
role that the credential really became. A role made a moment ago (a stranger) may do what every role may; one that is
in the same roles of the product (a cousin) may do what the product itself gives those.
"""

from __future__ import annotations

import contextlib
import re
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
_ACL_ITEM = re.compile(r'(?:"((?:[^"]|"")*)"|([^="]*))=([a-zA-Z*]*)/')
_ATTRIBUTES = {
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


def ask(
    connection: psycopg.Connection[Any], pristine: psycopg.Connection[Any], role: str, major: int
) -> Truth:
    """Find out what a role could do. Everything tried is undone.

    connection: a superuser's, to the database. pristine: another, to one where nobody was granted anything.
    """
    with _undone(connection):
        supers = _demote(connection)
        identities = _identities(connection, role, supers, major)
        truth = Truth(attributes=_attributes(connection, identities, supers))
        reached = _reached(connection, identities)
        truth.members = reached - {role, "pg_database_owner"}
        truth.rights = _rights(connection, identities, reached, major)
        truth.everyones, truth.products = _gifts(connection, truth.members, major)
        truth.beyond = _functions(connection, "p.prosecdef OR NOT l.lanpltrusted")
        truth.definers = _functions(connection, "p.prosecdef")
    with _undone(pristine):
        everyones, products = _gifts(pristine, truth.members, major)
    for here, there in ((truth.everyones, everyones), (truth.products, products)):
        for kind, path in here:
            if path[0] in SYSTEM or kind == "parameter":
                here[kind, path] = there.get((kind, path), set())
    _count_tables(truth)
    return truth


@contextlib.contextmanager
def _undone(connection: psycopg.Connection[Any]) -> Iterator[None]:
    connection.execute("BEGIN; SET LOCAL search_path = pg_catalog")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def _gifts(connection: psycopg.Connection[Any], members: set[str], major: int) -> tuple[Rights, Rights]:
    """Return what a stranger may do, and what a cousin may."""
    connection.execute(f"CREATE ROLE {_STRANGER}; CREATE ROLE {_COUSIN}")
    for name in sorted(members):
        if name.startswith("pg_"):
            connection.execute(f"GRANT {name} TO {_COUSIN}")
    return (
        _rights(connection, [_STRANGER], {_STRANGER}, major),
        _rights(connection, [_COUSIN], {_COUSIN}, major),
    )


def _demote(connection: psycopg.Connection[Any]) -> set[str]:
    """Take SUPERUSER from whom it can be taken; return who had it.

    has_*_privilege says yes to all for a superuser: what else he holds shows without the attribute.
    """
    rows = connection.execute("SELECT rolname FROM pg_roles WHERE rolsuper AND oid <> 10").fetchall()
    for (name,) in rows:
        connection.execute(sql.SQL("ALTER ROLE {} NOSUPERUSER").format(sql.Identifier(name)))
    return {name for (name,) in rows}


def _identities(connection: psycopg.Connection[Any], role: str, supers: set[str], major: int) -> list[str]:
    """Return the roles that a session of this credential can become, by becoming them."""
    names = [
        name for (name,) in connection.execute("SELECT rolname FROM pg_roles WHERE rolname <> %s", [role])
    ]
    connection.execute(sql.SQL("SAVEPOINT tried; SET SESSION AUTHORIZATION {}").format(sql.Identifier(role)))
    found = [role]
    while new := [
        name
        for name in names
        if name not in found
        and _becomes(connection, role, name, found, major, may_be_granted=name not in supers)
    ]:
        found += new
    connection.execute("ROLLBACK TO SAVEPOINT tried")
    return found


def _becomes(
    connection: psycopg.Connection[Any],
    role: str,
    name: str,
    acting: list[str],
    major: int,
    *,
    may_be_granted: bool,
) -> bool:
    if _works(connection, sql.SQL("SET ROLE {}").format(sql.Identifier(name)), is_kept=False):
        return True
    # Only a superuser grants a superuser's role. Before 16, CREATEROLE can grant itself nearly anything: the
    # attribute stands for all of that.
    if major < 16 or not may_be_granted:
        return False
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


def _attributes(
    connection: psycopg.Connection[Any], identities: list[str], supers: set[str]
) -> dict[str, set[str]]:
    rows = connection.execute(
        f"SELECT rolname, {', '.join(_ATTRIBUTES)} FROM pg_roles WHERE rolname = ANY (%s)", [identities]
    )
    found = {
        name: {word for word, value in zip(_ATTRIBUTES.values(), values, strict=True) if value}
        for name, *values in rows
    }
    for name in supers.intersection(identities):
        found[name].add("SUPERUSER")
    return {name: held for name, held in found.items() if held}


def _reached(connection: psycopg.Connection[Any], identities: list[str]) -> set[str]:
    rows = connection.execute(
        "SELECT r.rolname FROM pg_roles r, unnest(%s::text[]) i (name) WHERE pg_has_role(i.name, r.oid, 'USAGE')",
        [identities],
    )
    return {name for (name,) in rows} | set(identities)


def _rights(
    connection: psycopg.Connection[Any], identities: list[str], reached: set[str], major: int
) -> Rights:
    found: Rights = defaultdict(set)
    for kind, path, right in (
        *_of_families(connection, identities, major),
        *_of_columns(connection, identities),
        *_of_large_objects(connection, reached),
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


def _of_large_objects(connection: psycopg.Connection[Any], reached: set[str]) -> Iterator[Any]:
    """Read the access lists as text: no function tells this before PostgreSQL 18, and UPDATE alone opens nothing."""
    rows = connection.execute(
        "SELECT oid::text, pg_get_userbyid(lomowner), lomacl::text[] FROM pg_largeobject_metadata"
    ).fetchall()
    for number, owner, items in rows:
        if owner in reached:
            yield "large object", [number], "OWNER"
        for item in items or ():
            match = _ACL_ITEM.match(item)
            assert match is not None, item
            grantee = match[2] if match[1] is None else match[1].replace('""', '"')
            if grantee == owner or (grantee and grantee not in reached):
                continue
            for letter, option in re.findall(r"([a-zA-Z])(\*?)", match[3]):
                right = {"r": "SELECT", "w": "UPDATE"}[letter]
                yield "large object", [number], right
                if option:
                    yield "large object", [number], f"{right} WITH GRANT OPTION"


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
