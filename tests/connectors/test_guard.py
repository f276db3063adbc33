"""Nothing but the closed list reaches a source, and the source's own record says so."""

from __future__ import annotations

import hashlib
import re
from types import MappingProxyType

import psycopg
import pytest

from fanlight.connectors.postgres import guard as guard_module
from fanlight.connectors.postgres import syntax
from fanlight.connectors.postgres.closed_list import DIGESTS, LISTS, STATEMENTS, names_for
from fanlight.connectors.postgres.guard import Guard
from fanlight.connectors.postgres.session import PostgresSession
from fanlight.connectors.types import LedgerEntry, Statement
from fanlight.core.errors import StatementRefused
from tests.connectors.conftest import ROLE, Source, now
from tests.servers import VERSIONS

_LOGGED = re.compile(r"(?:statement|execute <unnamed>|execute [^:]+): (.*)\Z", re.DOTALL)
_ALWAYS_QUIET = {"shortest_lock_timeout", "rollback"}  # for many locked tables, and for a broken read


class _Deceitful(str):
    """Text that hashes as itself and encodes as something else."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return b"DROP TABLE shop.orders"


class _Recorder:
    """Stands where the driver's connection is, to see that it is never reached."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> object:
        self.asked.append(name)
        raise AssertionError("the driver was reached")


def _guard(recorder: _Recorder, ledger: list[LedgerEntry]) -> Guard:
    return Guard(recorder, source="shop", ledger=ledger.append, clock=now)  # type: ignore[arg-type]


def _statement(sql: str) -> Statement:
    return Statement("server", sql, hashlib.sha256(sql.encode()).hexdigest(), "")


@pytest.mark.parametrize(
    "changed",
    [
        _statement("DROP TABLE shop.orders"),
        _statement(STATEMENTS["server"].sql + ";"),
        _statement(STATEMENTS["server"].sql + " "),
        _statement(STATEMENTS["server"].sql + " -- a comment"),
        _statement(STATEMENTS["server"].sql + "; DROP TABLE shop.orders"),
        _statement("/* */" + STATEMENTS["server"].sql),
        Statement("server", _Deceitful(STATEMENTS["server"].sql), STATEMENTS["server"].digest, ""),
        STATEMENTS["schemas"],
    ],
)
def test_a_changed_statement_is_refused_before_the_driver_sees_it(
    monkeypatch: pytest.MonkeyPatch, changed: Statement
) -> None:
    monkeypatch.setattr(guard_module, "STATEMENTS", {**STATEMENTS, "server": changed})
    recorder = _Recorder()
    ledger: list[LedgerEntry] = []
    with pytest.raises(StatementRefused) as refused:
        _guard(recorder, ledger).run("server")
    assert refused.value.code == "statement.refused"
    assert recorder.asked == []
    assert ledger == []


@pytest.mark.parametrize(
    "name", ["", "startup", "DROP TABLE x", "server;", "../session/commit", "server.sql"]
)
def test_a_name_that_is_not_on_the_list_is_refused(name: str) -> None:
    recorder: _Recorder = _Recorder()
    with pytest.raises(StatementRefused):
        _guard(recorder, []).run(name)
    assert recorder.asked == []


def test_the_lists_cannot_be_changed() -> None:
    assert isinstance(STATEMENTS, MappingProxyType)
    assert isinstance(DIGESTS, MappingProxyType)


def test_every_statement_says_what_it_is_for_and_holds_one_statement() -> None:
    for statement in (*LISTS.catalogue, *LISTS.session):
        assert len(statement.purpose) > 30, statement.name
        assert ";" not in statement.sql, statement.name
        assert statement.digest == hashlib.sha256(statement.sql.encode()).hexdigest()
    for statement in LISTS.catalogue:
        assert statement.sql.startswith(("SELECT", "WITH")), statement.name
        assert "PostgreSQL" in statement.purpose, statement.name


def test_two_statements_in_one_text_cannot_be_sent(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    two = "SELECT 1; SELECT 2"
    digest = hashlib.sha256(two.encode()).hexdigest()
    with source.open() as session:
        # Even with the list forged and the syntax unread, the extended protocol takes one statement only.
        monkeypatch.setattr(syntax, "objection", lambda sql: "")
        monkeypatch.setattr(guard_module, "STATEMENTS", {"server": Statement("server", two, digest, "")})
        monkeypatch.setattr(guard_module, "DIGESTS", {"server": digest})
        with pytest.raises(guard_module.StatementError) as failed:
            session._guard.run("server")
    assert failed.value.sqlstate == "42601"


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE added (x integer)",
        "CREATE TEMP TABLE added (x integer)",
        "SET TRANSACTION READ WRITE",
        "SELECT pg_catalog.set_config('transaction_read_only', 'off', false)",
        "COMMENT ON DATABASE {database} IS 'changed'",
    ],
)
def test_the_session_cannot_write_even_for_a_superuser(source: Source, statement: str) -> None:
    with source.open("postgres") as session, session._transaction():
        raw = session._guard._connection
        with pytest.raises((psycopg.errors.ReadOnlySqlTransaction, psycopg.errors.ActiveSqlTransaction)):
            raw.execute(statement.format(database=source.database).encode())


def test_a_session_is_read_only_outside_its_transaction_too(source: Source) -> None:
    with source.open("postgres") as session, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        session._guard._connection.execute(b"CREATE TABLE added (x integer)")


def test_the_session_tells_who_it_is_and_bounds_its_waiting(source: Source) -> None:
    with source.open() as session, source.superuser() as connection:
        rows = connection.execute(
            "SELECT application_name FROM pg_stat_activity WHERE usename = %s", [ROLE]
        ).fetchall()
        settings = _settings(session)
    assert [row[0].split("/")[0] for row in rows] == ["fanlight"]
    assert settings["statement_timeout"] == "1min"
    assert settings["lock_timeout"] == "5s"
    assert settings["idle_in_transaction_session_timeout"] == "10min"
    assert settings["default_transaction_read_only"] == "on"
    assert settings["search_path"] == "pg_catalog,pg_temp"


def _settings(session: PostgresSession) -> dict[str, str]:
    return dict(
        session._guard._connection.execute(b"SELECT name, current_setting(name) FROM pg_settings").fetchall()
    )


def test_a_roles_own_settings_do_not_undo_ours(source: Source) -> None:
    source.execute(f"ALTER ROLE {ROLE} SET default_transaction_read_only = off")
    source.execute(f"ALTER ROLE {ROLE} SET search_path = public")
    try:
        with source.open() as session:
            settings = _settings(session)
    finally:
        source.execute(f"ALTER ROLE {ROLE} RESET ALL")
    assert settings["default_transaction_read_only"] == "on"
    assert settings["search_path"] == "pg_catalog,pg_temp"


def test_the_sources_log_holds_the_list_and_nothing_else(shop: Source) -> None:
    start = shop.server.log_file.stat().st_size
    with shop.open() as session:
        session.report()
        session.privileges()
        list(session.read())
    logged = _logged(shop, start)
    expected = {statement.sql for statement in (*LISTS.catalogue, *LISTS.session)}
    assert logged - expected == set()
    names = {entry.statement for entry in shop.ledger}
    assert logged == {STATEMENTS[name].sql for name in names}


def _logged(shop: Source, start: int) -> set[str]:
    with shop.server.log_file.open("rb") as file:
        file.seek(start)
        text = file.read().decode()
    # A record begins with a time; its further lines with a tab.
    records = re.split(r"\n(?=\d{4}-\d\d-\d\d )", text)
    found: set[str] = set()
    for record in records:
        head, _, body = record.partition(": LOG:  ")
        if f" {ROLE}@{shop.database} " in head and (match := _LOGGED.match(body)):
            found.add(match[1].rstrip("\n").replace("\n\t", "\n"))
    return found


def test_the_sources_statistics_hold_the_list_and_nothing_else(shop: Source) -> None:
    with shop.server.connect() as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        connection.execute("SELECT pg_stat_statements_reset()")
    with shop.open() as session:
        session.report()
        session.privileges()
        list(session.read())
    with shop.server.connect() as connection:
        rows = connection.execute(
            """SELECT query, calls FROM pg_stat_statements
               WHERE dbid = (SELECT oid FROM pg_database WHERE datname = %s)
                 AND userid = %s::regrole AND toplevel""",
            [shop.database, ROLE],
        ).fetchall()
    # The server replaces constants by numbered parameters: the lists go the same way first.
    recorded = {_shape(query): calls for query, calls in rows}
    sent: dict[str, int] = {}
    for entry in shop.ledger:
        shape = _shape(STATEMENTS[entry.statement].sql)
        sent[shape] = sent.get(shape, 0) + 1
    assert sorted(recorded) == sorted(sent)
    assert recorded == sent


def _shape(query: str) -> str:
    query = re.sub(r"\s+", " ", query).strip()
    query = re.sub(r"'(?:[^']|'')*'|\$\d+|\b(?:\d+|true|false|NULL(?=::))\b", "?", query)
    query = re.sub(r"\?(?: /\*, \.\.\. \*/|(?:, \?)+)", "?", query)
    return re.sub(r"SAVEPOINT \S+", "SAVEPOINT ?", query)


def test_every_listed_statement_is_sent_by_some_version(shop: Source) -> None:
    shop.read()
    with shop.open() as session:
        session.report()
        session.privileges()
    sent = {entry.statement for entry in shop.ledger} | _ALWAYS_QUIET
    assert sent >= set(names_for(shop.major).values())


@pytest.mark.parametrize("major", [13, 14, 15, 16, 17, 18, 19])
def test_each_version_has_one_file_for_each_statement(major: int) -> None:
    names = names_for(major)
    since = {13: "13", 14: "13", 15: "15", 16: "15", 17: "15", 18: "18", 19: "18"}[major]
    assert names["constraints"] == f"constraints_{since}"
    assert names["indexes"] == ("indexes_13" if major < 15 else "indexes_15")
    assert names["relations"] == "relations"


@pytest.mark.parametrize("name", ["constraints_13", "indexes_13", "constraints_15", "indexes_15"])
def test_the_statements_for_older_servers_run_here_too(shop: Source, name: str) -> None:
    plain = name.rsplit("_", 1)[0]
    with shop.open() as session, session._transaction():
        newest = session._guard.run(names_for(shop.major)[plain], (0, 2**31))
        if int(name.rsplit("_", 1)[1]) <= shop.major:
            assert len(session._guard.run(name, (0, 2**31))) == len(newest) > 20


def test_the_ledger_has_a_line_for_each_statement(shop: Source) -> None:
    shop.read()
    assert {entry.source for entry in shop.ledger} == {shop.database}
    for entry in shop.ledger:
        assert entry.digest == DIGESTS[entry.statement]
        assert entry.milliseconds > 0
        assert entry.error == ""
    columns = [entry for entry in shop.ledger if entry.statement == "columns"]
    assert columns[0].rows > 50
    assert columns[0].size_bytes > columns[0].rows * 10
    assert [entry.statement for entry in shop.ledger[:4]] == [
        "session_settings",
        "begin_read_only",
        "hold_read_only",
        "savepoint",
    ]
    assert shop.ledger[-1].statement == "commit"


def test_versions_under_test_are_the_oldest_and_the_newest() -> None:
    assert VERSIONS == ("15", "18")
    assert all(found.name in STATEMENTS for found in LISTS.session)
