"""Worlds that nobody thought of: roles, memberships, owners and grants by chance, probed and compared."""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from psycopg import sql

from fanlight.connectors.postgres.connector import PostgresConnector
from fanlight.connectors.types import RightLevel
from tests.connectors.conftest import Source
from tests.connectors.credentials import BANK, ODD, ODD_FUNCTION, ODD_TABLE, ODD_TYPE, TABLES
from tests.connectors.privilege_comparison import compare
from tests.connectors.privilege_oracle import ask
from tests.connectors.psql import psql
from tests.servers import ThrowawayServer, template_clone

# What grants may be about: words of GRANT, rights, and how to change the owner.
_THINGS = (
    ("TABLE sales.orders", "SELECT INSERT UPDATE DELETE TRUNCATE REFERENCES TRIGGER", "TABLE sales.orders"),
    ("TABLE sales.totals", "SELECT INSERT", "VIEW sales.totals"),
    (f"TABLE {ODD_TABLE}", "SELECT UPDATE", f"TABLE {ODD_TABLE}"),
    ("SEQUENCE sales.numbers", "SELECT USAGE UPDATE", "SEQUENCE sales.numbers"),
    ("SCHEMA sales", "USAGE CREATE", "SCHEMA sales"),
    (f"SCHEMA {ODD}", "USAGE CREATE", f"SCHEMA {ODD}"),
    ("SCHEMA public", "CREATE", ""),
    ("FUNCTION sales.note(text)", "EXECUTE", "FUNCTION sales.note(text)"),
    ("FUNCTION sales.plain(integer)", "EXECUTE", ""),
    (f"FUNCTION {ODD_FUNCTION}({ODD_TYPE}, {ODD_TYPE}[])", "EXECUTE", ""),
    ("FUNCTION pg_catalog.pg_reload_conf()", "EXECUTE", ""),
    ("TABLE pg_catalog.pg_statistic", "SELECT UPDATE", ""),
    ("LARGE OBJECT 4711", "SELECT UPDATE", "LARGE OBJECT 4711"),
    ("FOREIGN SERVER elsewhere", "USAGE", "SERVER elsewhere"),
    ("DATABASE {database}", "CREATE TEMPORARY CONNECT", "DATABASE {database}"),
)
_COLUMNS = ("SELECT (id)", "UPDATE (total)", "INSERT (id)", "REFERENCES (customer_id)")
_GRANTED_ON = (
    "DELETE ON sales.audit",
    "UPDATE (total) ON sales.orders",
    "USAGE ON SEQUENCE sales.numbers",
    "CREATE ON SCHEMA sales",
    "EXECUTE ON FUNCTION sales.note(text)",
    "UPDATE ON LARGE OBJECT 4712",
    "USAGE ON FOREIGN SERVER elsewhere",
    "CREATE ON DATABASE {database}",
)
_ATTRIBUTES = ("SUPERUSER", "CREATEDB", "CREATEROLE", "REPLICATION", "BYPASSRLS")
_PRODUCTS_ROLES = (
    "pg_monitor",
    "pg_read_all_data",
    "pg_write_all_data",
    "pg_signal_backend",
    "pg_checkpoint",
)


@dataclass
class World:
    """A database and its roles by chance. roles: the first is the credential."""

    source: Source
    roles: list[str]


@pytest.fixture(scope="module")
def bank(server: ThrowawayServer) -> str:
    name = f"bank_{secrets.token_hex(4)}"
    with server.connect() as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    with server.connect(name) as connection:
        connection.execute(BANK)  # type: ignore[call-overload]
    return name


@pytest.fixture
def world(server: ThrowawayServer, bank: str, request: pytest.FixtureRequest) -> Iterator[World]:
    chance = random.Random(request.param)
    mark = secrets.token_hex(4)
    roles = [f"Role {number} {mark}" for number in range(5)]
    database = f"world {mark}"
    quoted = [f'"{role}"' for role in roles]
    with template_clone(server, bank, database):
        source = Source(server, database)
        with source.superuser() as connection:
            try:
                for statement in _by_chance(chance, quoted, int(server.version)):
                    connection.execute(statement.replace("{database}", f'"{database}"'))  # type: ignore[call-overload]
                yield World(source, roles)
            finally:
                everyone = ", ".join(quoted)
                connection.execute("ROLLBACK")
                connection.execute(
                    f"""RESET ROLE; ALTER DATABASE "{database}" OWNER TO postgres;
                    REASSIGN OWNED BY {everyone} TO postgres; DROP OWNED BY {everyone} CASCADE; DROP ROLE {everyone}"""  # type: ignore[call-overload]
                )


def _by_chance(chance: random.Random, roles: list[str], major: int) -> Iterator[str]:
    for number, role in enumerate(roles):
        attributes = [name for name in _ATTRIBUTES if chance.random() < 0.07]
        yield f"CREATE ROLE {role} {'LOGIN' if number == 0 else ''} {chance.choice(('INHERIT', 'NOINHERIT'))} {' '.join(attributes)}"
    for number, role in enumerate(roles):
        for group in (*roles[number + 1 :], *_PRODUCTS_ROLES):
            if chance.random() < (0.08 if group in _PRODUCTS_ROLES else 0.4):
                yield f"GRANT {group} TO {role}{_membership(chance, major)}"
    for thing, rights, owned in _THINGS:
        if owned and chance.random() < 0.12:
            yield f"ALTER {owned} OWNER TO {chance.choice(roles)}"
        for _ in range(chance.randrange(4)):
            grantee = "PUBLIC" if chance.random() < 0.15 else chance.choice(roles)
            some = ", ".join(chance.sample(rights.split(), chance.randint(1, len(rights.split()))))
            option = " WITH GRANT OPTION" if grantee != "PUBLIC" and chance.random() < 0.2 else ""
            yield f"GRANT {some} ON {thing} TO {grantee}{option}"
    for _ in range(chance.randrange(3)):
        yield f"GRANT {chance.choice(_COLUMNS)} ON sales.orders TO {chance.choice(roles)}"
    yield from _granted_on(chance, roles)


def _membership(chance: random.Random, major: int) -> str:
    if major < 16:
        return chance.choice(("", "", " WITH ADMIN OPTION"))
    chosen = {name: chance.random() < odds for name, odds in (("INHERIT", 0.5), ("SET", 0.5), ("ADMIN", 0.3))}
    return " WITH " + ", ".join(f"{name} {str(held).upper()}" for name, held in chosen.items())


def _granted_on(chance: random.Random, roles: list[str]) -> Iterator[str]:
    """Let somebody who is not the owner grant rights on."""
    first, second = chance.sample(roles, 2)
    yield f"GRANT USAGE ON SCHEMA sales TO {first}"
    for right in chance.sample(_GRANTED_ON, 3):
        yield f"GRANT {right} TO {first} WITH GRANT OPTION"
        yield f"SET ROLE {first}; GRANT {right} TO {second}; RESET ROLE"


@pytest.mark.parametrize("world", range(12), indirect=True)
def test_a_world_by_chance_is_told_as_it_is_and_can_be_cleared(world: World) -> None:
    role, source = world.roles[0], world.source
    with source.open(role, databases=f'"{source.database}"') as session:
        found = session.privileges()
    with source.superuser() as connection, source.server.connect() as pristine:
        truth = ask(connection, pristine, role, source.major)
    compare(found, truth, source.database, TABLES)
    script = PostgresConnector().removal_script(source.settings(role), {source.database: found})
    psql(source.server, script)
    with source.open(role, databases=f'"{source.database}"') as session:
        left = [right for right in session.privileges().rights if right.level is RightLevel.WRITE]
    for right in left:
        assert "OWNER" in right.rights or right.through == "public", right
    assert bool(left) == ("-- By hand:" in script)
