"""What a person may say about a source, and what is refused without repeating a secret."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from fanlight.connectors.registry import connector, connector_for_url, connectors
from fanlight.connectors.types import Connector, Secret
from fanlight.core.errors import NotFound, SourceFailure, WrongUse
from tests.connectors.conftest import Source
from tests.servers import ThrowawayServer

POSTGRES = connector("postgres")
GOOD = {"host": "db.example.org", "databases": "shop", "user": "fanlight"}
SECRET = "hunter2-secret"
PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"host": ""}, "host"),
        ({"host": "a,b"}, "host"),
        ({"host": "/nowhere,127.0.0.1"}, "host"),
        ({"host": "a b"}, "host"),
        ({"host": "a\nb"}, "host"),
        ({"host": "a' password=x"}, "host"),
        ({"port": "0"}, "port"),
        ({"port": "65536"}, "port"),
        ({"port": "\u0665"}, "port"),
        ({"port": "5432 "}, None),
        ({"databases": ""}, "databases"),
        ({"databases": ","}, "databases"),
        ({"databases": 'a"b'}, "databases"),
        ({"databases": "a\x00b"}, "databases"),
        ({"user": ""}, "user"),
        ({"user": "a\nb"}, "user"),
        ({"tls": "prefer"}, "tls"),
        ({"tls": "off"}, "tls"),
        ({"tls": "off", "host": "10.0.0.1"}, "tls"),
        ({"tls": "off", "host": "localhost.example.org"}, "tls"),
        ({"tls": "off", "host": "localhost"}, None),
        ({"tls": "off", "host": "127.9.9.9"}, None),
        ({"tls": "off", "host": "[::1]"}, None),
        ({"tls": "off", "host": "/run/postgresql"}, None),
        ({"ca": "not a certificate"}, "ca"),
        ({"ca": PEM}, None),
        ({"password": SECRET}, "password"),
        ({"sslmode": "disable"}, "sslmode"),
    ],
)
def test_settings_are_refused_by_the_name_of_the_field(changed: dict[str, str], field: str | None) -> None:
    if field is None:
        POSTGRES.check_settings(GOOD | changed)
        return
    with pytest.raises(WrongUse) as refused:
        POSTGRES.check_settings(GOOD | changed)
    assert refused.value.code == f"setting.{field}"
    assert SECRET not in str(refused.value)


def test_defaults_are_the_narrowest() -> None:
    checked = POSTGRES.check_settings(GOOD)
    assert checked["tls"] == "verify-full"
    assert checked["port"] == "5432"


def test_databases_are_a_list_with_quotes_where_needed() -> None:
    chosen = POSTGRES.databases(GOOD | {"databases": ' shop , "a,b" ,"q""q", two words,shop'})
    assert chosen == ("shop", "a,b", 'q"q', "two words")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://fanlight@db.example.org/shop", {}),
        ("postgres://fanlight@db.example.org:6000/shop", {"port": "6000"}),
        ("postgresql://fanlight@/shop?host=/run/postgresql", {"host": "/run/postgresql"}),
        ("postgresql:///shop?host=/run/postgresql&user=fanlight", {"host": "/run/postgresql"}),
        ("postgresql://fanlight@%2Frun%2Fpostgresql/shop", {"host": "/run/postgresql"}),
        ("postgresql://fanlight@[::1]/shop?sslmode=disable", {"host": "::1", "tls": "off"}),
        ("postgresql://fanlight@db.example.org/shop?sslmode=verify-full", {}),
        ("postgresql://a%40b@db.example.org/a%2Cb", {"user": "a@b", "databases": '"a,b"'}),
    ],
)
def test_a_url_says_the_same(url: str, expected: dict[str, str]) -> None:
    assert POSTGRES.settings_from_url(url) == POSTGRES.check_settings(GOOD | expected)
    assert connector_for_url(url) is POSTGRES


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (f"postgresql://fanlight:{SECRET}@db.example.org/shop", "url.has_password"),
        ("postgresql://fanlight:@db.example.org/shop", "url.has_password"),
        (f"postgresql://fanlight@db.example.org/shop?password={SECRET}", "url.has_password"),
        (f"postgresql://fanlight:{SECRET}/x@db.example.org/shop", "url.not_understood"),
        (f"postgresql://fanlight:{SECRET}@[db.example.org/shop", "url.not_understood"),
        (f"fanlight:{SECRET}@db.example.org/shop", "url.not_understood"),
        (f"mysql://fanlight:{SECRET}@db.example.org/shop", "url.not_understood"),
        (f"postgresql://fanlight@db.example.org/shop?options={SECRET}", "url.parameter"),
        ("postgresql://fanlight@db.example.org/shop?sslmode=require", "url.parameter"),
        ("postgresql://fanlight@db.example.org/shop?sslmode=disable", "setting.tls"),
        ("postgresql://fanlight@db.example.org", "setting.databases"),
        ("postgresql://db.example.org/shop", "setting.user"),
        ("postgresql://fanlight@/shop", "setting.host"),
    ],
)
def test_a_url_is_refused_without_being_repeated(url: str, code: str) -> None:
    with pytest.raises(WrongUse) as refused:
        POSTGRES.settings_from_url(url)
    assert refused.value.code == code
    error: BaseException | None = refused.value
    while error is not None:
        assert SECRET not in f"{error} {error!r}"
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("url", [f"mysql://a:{SECRET}@b/c", SECRET, ""])
def test_a_url_of_another_kind_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(WrongUse) as refused:
        connector_for_url(url)
    assert refused.value.code == "url.unknown_scheme"
    assert SECRET not in str(refused.value)


def test_an_unknown_connector_is_not_found() -> None:
    with pytest.raises(NotFound):
        connector("oracle")
    assert POSTGRES in connectors()


def test_the_connector_is_what_the_interface_says() -> None:
    checked: Connector = POSTGRES
    assert {field.name for field in checked.fields} == set(POSTGRES.check_settings(GOOD))
    assert "password" not in {field.name for field in checked.fields}


@pytest.mark.parametrize("user", ["fanlight", 'Odd "role" :x', "select", "$(id) `id` \\q"])
def test_the_script_makes_a_role_that_may_connect_and_nothing_else(
    server: ThrowawayServer, source: Source, tmp_path: Path, user: str
) -> None:
    script = tmp_path / "script.sql"
    script.write_text(POSTGRES.permission_script({"user": user, "databases": source.database}))
    environment = os.environ | {
        "PGHOST": str(server.socket_folder),
        "PGPORT": str(server.port),
        "PGUSER": "postgres",
    }
    # Without a terminal, psql reads the password from standard input: it is never part of the script.
    done = subprocess.run(
        [server.programs / "psql", "-X", "-v", "ON_ERROR_STOP=1", "-d", "postgres", "-f", script],
        env=environment,
        input="correct horse\ncorrect horse\n",
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    try:
        assert done.returncode == 0, done.stderr
        with server.connect() as connection:
            (row,) = connection.execute(
                """SELECT rolcanlogin, rolsuper, rolinherit, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls,
                          rolconnlimit, setconfig, rolpassword LIKE 'SCRAM-SHA-256$%%'
                   FROM pg_authid LEFT JOIN pg_db_role_setting ON setrole = pg_authid.oid WHERE rolname = %s""",
                [user],
            ).fetchall()
            (grants,) = connection.execute(
                "SELECT count(*) FROM pg_shdepend WHERE refobjid = (SELECT oid FROM pg_roles WHERE rolname = %s)",
                [user],
            ).fetchall()
        assert row == (True, *[False] * 6, 3, ["default_transaction_read_only=on"], True)
        assert grants == (1,)  # CONNECT on the one database
        assert source.read(user)
    finally:
        with server.connect() as connection:
            quoted = psycopg.sql.Identifier(user)
            connection.execute(psycopg.sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(quoted))


def test_the_script_holds_no_password_and_no_value_of_the_settings_unquoted() -> None:
    script = POSTGRES.permission_script({"user": 'x"; DROP ROLE y; --', "databases": '"a"";b"'})
    assert 'CREATE ROLE "x""; DROP ROLE y; --" LOGIN' in script
    assert 'ON DATABASE "a"";b"' in script
    assert "PASSWORD" not in script
    assert "'" not in script.replace("'s", "")


def test_a_password_in_clear_is_not_sent_where_nothing_was_verified(tmp_path: Path) -> None:
    with ThrowawayServer("15", tmp_path / "clear", hba=["local all clear password"]) as server:
        with server.connect() as owner:
            owner.execute(f"CREATE ROLE clear LOGIN PASSWORD '{SECRET}'")
        settings = POSTGRES.check_settings(
            {"host": str(server.socket_folder), "databases": "postgres", "user": "clear"}
        )
        psycopg.connect(server.conninfo("clear", "postgres", SECRET)).close()
        with pytest.raises(SourceFailure) as refused:
            POSTGRES.open(
                settings,
                Secret(SECRET),
                database="postgres",
                ledger=lambda _: None,
                clock=lambda: datetime.now(UTC),
            )
    assert SECRET not in str(refused.value)
