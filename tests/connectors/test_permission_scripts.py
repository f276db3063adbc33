"""Scripts for the administrator of a source, run by psql as he would run them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

import pytest
from psycopg import sql

from fanlight.connectors.postgres.connector import PostgresConnector
from fanlight.connectors.postgres.naming import BOOTSTRAP, quoted
from fanlight.connectors.postgres.permission_scripts import CAPABILITIES, catalogue_tables
from fanlight.connectors.types import Privileges, Right, RightLevel
from fanlight.core.errors import WrongUse
from tests.connectors.conftest import Source
from tests.connectors.psql import psql
from tests.servers import ThrowawayServer

POSTGRES = PostgresConnector()
SETTINGS = {"user": "fanlight", "databases": "shop"}
NAMES = [
    *(f"a{sign}b" for sign in "\"'\\:;$`%!#&*/|@?={}()[]<>~^,. \t\n\r\v\f\x01\x1b\x7f\x85\xa0"),
    *(f"a{sign}b" for sign in "\u202e\u2066\u200b\u2028\ufeff\u00ad\U000e0001\U0001f642é"),
    *(":x", ":'x'", ':"x"', ":{?x}", "\\q", "\\! id", "`id`", "$(id)", "$$", "$a$", "--", "/*", "*/", "a\\"),
    *('"', '""', '"; DROP ROLE postgres; --', 'U&"\\0061"', "U&", " ", "SELECT", "ünïcödé", "%s", "a\n\\q\n"),
]


def _uncommented(script: str) -> str:
    """Do what the comments say: take the hyphens away from what is a statement or a command."""
    return "\n".join(
        re.sub(r"^-- (?=GRANT|REVOKE|\\connect)", "", line).split(" -- ")[0] for line in script.split("\n")
    )


@pytest.fixture
def reader(source: Source) -> Iterator[str]:
    """A role made by the least script, in a server whose PUBLIC is as PostgreSQL made it."""
    name = f"reader_{secrets.token_hex(4)}"
    psql(source.server, POSTGRES.permission_script(source.settings(name)), answers="secret 1\nsecret 1\n")
    yield name
    with source.superuser() as connection:
        role = sql.Identifier(name)
        connection.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(role))


def test_a_name_means_nothing_else_to_psql_or_to_the_server(server: ThrowawayServer) -> None:
    psql(server, "".join(f"CREATE ROLE {quoted(name)};\n" for name in NAMES))
    try:
        with server.connect() as connection:
            made = {
                name
                for (name,) in connection.execute("SELECT rolname FROM pg_roles WHERE rolcanlogin = false")
            }
        assert made >= set(NAMES)
    finally:
        with server.connect() as connection:
            for name in NAMES:
                connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_a_script_is_one_line_that_shows_itself_as_it_is(name: str) -> None:
    assert quoted(name).isprintable()


def test_a_capability_that_does_not_exist_is_refused() -> None:
    with pytest.raises(WrongUse) as refused:
        POSTGRES.permission_script(SETTINGS, ["profiling"])
    assert refused.value.code == "capability.unknown"


def test_what_is_added_to_the_least_script_are_comments() -> None:
    least = POSTGRES.permission_script(SETTINGS)
    longer = POSTGRES.permission_script(SETTINGS, CAPABILITIES, with_hardening=True)
    assert longer.startswith(least)
    added = longer.removeprefix(least).splitlines()
    assert len(added) > 15
    assert all(line.startswith("--") for line in added)
    assert any("EVERY role" in line for line in added)


def test_a_hardened_server_is_read_with_what_the_script_grants(source: Source, reader: str) -> None:
    source.execute("CREATE TABLE t (x integer DEFAULT 1); COMMENT ON TABLE t IS 'a table'")
    tables = ", ".join(sorted({table for one in CAPABILITIES for table in catalogue_tables(one)}))
    source.execute(f"REVOKE SELECT ON {tables} FROM PUBLIC")
    with source.open(reader) as session:
        assert session.privileges().unknown == ("everything",)
    psql(
        source.server,
        _uncommented(_without_role(POSTGRES.permission_script(source.settings(reader), CAPABILITIES))),
    )
    with source.superuser() as connection:
        (hidden,) = connection.execute(
            "SELECT has_column_privilege(%s, 'pg_subscription', 'subconninfo', 'SELECT'), has_table_privilege(%s, 'pg_user_mapping', 'SELECT')",
            [reader, reader],
        ).fetchall()
    assert hidden == (False, False)
    assets = source.read(reader)
    assert source.not_seen == []
    (table,) = [asset for asset in assets if asset.path[-1] == "t"]
    assert table.comment == "a table"
    with source.open(reader) as session:
        found = session.privileges()
    assert found.unknown == ()
    # Now it has rights that not every role has: to read the catalogue.
    assert not found.is_excessive


def _without_role(script: str) -> str:
    return "\n".join(line for line in script.split("\n") if line.startswith("-- "))


def test_hardening_takes_from_every_role_what_it_says(source: Source, reader: str) -> None:
    source.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
    script = POSTGRES.permission_script(source.settings(reader), with_hardening=True)
    psql(source.server, _uncommented(_without_role(script)))
    with source.open(reader) as session:
        left = session.privileges()
    assert {right.path[-1] for right in left.rights} == {"pg_logical_emit_message"}
    assert left.sentence == "Cannot read data"


def test_nothing_to_take_away_is_said_so(source: Source, reader: str) -> None:
    with source.open(reader) as session:
        found = session.privileges()
    script = POSTGRES.removal_script(source.settings(reader), {source.database: found})
    assert script == f'-- Nothing to take away: the role "{reader}" cannot do more than read.\n'


def test_the_role_that_made_the_server_is_not_touched(source: Source) -> None:
    with source.open("postgres") as session:
        found = session.privileges()
    assert found.sentence == "Is a superuser: it can do anything"
    assert BOOTSTRAP in found.rights[0].rights
    script = POSTGRES.removal_script(source.settings("postgres"), {source.database: found})
    assert "ALTER ROLE" not in script
    assert "Make another role" in script


def _privileges(*rights: Right, count: int = 0, unknown: tuple[str, ...] = ()) -> Privileges:
    return Privileges("", 0, 0, rights, count or len(rights), "", unknown)


def test_what_belongs_to_the_whole_server_is_taken_once() -> None:
    attributes = Right(RightLevel.WRITE, "role", ("fanlight",), ("CREATEDB",))
    inside = Right(RightLevel.WRITE, "schema", ("shop", "s"), ("CREATE",))
    script = POSTGRES.removal_script(
        SETTINGS, {"shop": _privileges(attributes, inside), "crm": _privileges(attributes)}
    )
    assert script.count('ALTER ROLE "fanlight" NOCREATEDB;') == 1
    assert script.count("\\connect") == 1
    assert 'REVOKE CREATE ON SCHEMA "s" FROM "fanlight";' in script


def test_a_list_that_was_cut_and_what_was_not_found_out_are_named() -> None:
    inside = Right(RightLevel.WRITE, "schema", ("shop", "s"), ("CREATE",))
    script = POSTGRES.removal_script(SETTINGS, {"shop": _privileges(inside, count=2, unknown=("tables",))})
    assert "-- More was found than is listed here" in script
    assert "-- It could not be found out what it may do with tables." in script


def test_a_membership_without_known_grantor_is_left_all_the_same() -> None:
    far = Right(RightLevel.WRITE, "membership", ("far",), ("MEMBER",), "near")
    near = Right(RightLevel.READ, "membership", ("near",), ("ADMIN", "SET"), "", ("a", "b"))
    script = POSTGRES.removal_script(SETTINGS, {"shop": _privileges(far)})
    assert 'REVOKE "near" FROM "fanlight";' in script
    script = POSTGRES.removal_script(SETTINGS, {"shop": _privileges(far, near)})
    for grantor in ("a", "b"):
        assert f'REVOKE "near" FROM "fanlight" GRANTED BY "{grantor}" CASCADE;' in script
    assert "far" not in script
