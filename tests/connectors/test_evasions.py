"""Every evasion against each lock by itself: two stop each write and each reading, and at least one everything else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import generators

from fanlight.connectors.postgres import guard as guard_module
from fanlight.connectors.postgres import syntax
from fanlight.connectors.postgres.connector import PostgresConnector
from fanlight.connectors.types import Statement
from fanlight.core.errors import SourceFailure, StatementRefused
from tests.connectors.evasions import EVASIONS, Evasion, typical
from tests.connectors.renewing import agree
from tests.connectors.stage import ROLES, Stage
from tests.servers import VERSIONS

_BY_NAME = {one.name: one for one in EVASIONS}


@pytest.fixture(scope="module", params=VERSIONS)
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(request.param, tmp_path_factory.mktemp(f"stage{request.param}")) as made:
        yield made


def _refusals(evasion: Evasion) -> dict[str, str]:
    """Ask the first two locks, each by itself: why it refuses a step, or nothing where it lets all of them through."""
    verdicts = [PostgresConnector().try_locks(typical(step)) for step in evasion.steps]
    return {
        "closed_list": next((one.closed_list for one in verdicts if one.closed_list), ""),
        "syntax": next((one.syntax for one in verdicts if one.syntax), ""),
    }


def test_there_are_many_and_each_has_a_name_of_its_own() -> None:
    assert len(EVASIONS) == len(_BY_NAME) >= 200
    assert all(one.effect and one.steps for one in EVASIONS)


@pytest.mark.parametrize("evasion", EVASIONS, ids=lambda evasion: evasion.name)
def test_the_locks_before_the_driver_stop_it(evasion: Evasion) -> None:
    refusals = _refusals(evasion)
    assert refusals["closed_list"]
    if evasion.kind != "disturb":
        assert refusals["syntax"]


def test_what_the_first_two_locks_say_is_what_the_documentation_shows() -> None:
    agree(
        "evasions",
        "before the driver",
        {
            one.name: {
                "kind": one.kind,
                "effect": one.effect,
                "steps": [typical(step) for step in one.steps],
                **_refusals(one),
            }
            for one in EVASIONS
        },
    )


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_what_the_session_alone_stops_is_what_the_documentation_shows(stage: Stage) -> None:
    found = {one.name: {role: stage.attempt(one, role) for role in ROLES} for one in EVASIONS}
    agree("evasions", f"PostgreSQL {stage.server.version}", found)


def _forged(monkeypatch: pytest.MonkeyPatch, sql: str, shape: str = "") -> None:
    """Put a text on the list, as who can change the installed files could."""
    digest = hashlib.sha256(sql.encode()).hexdigest()
    monkeypatch.setattr(
        guard_module,
        "STATEMENTS",
        {**guard_module.STATEMENTS, "server": Statement("server", sql, digest, "")},
    )
    monkeypatch.setattr(guard_module, "DIGESTS", {**guard_module.DIGESTS, "server": digest})
    monkeypatch.setattr(guard_module, "SHAPES", {**guard_module.SHAPES, "server": shape})


def test_without_the_list_a_harmless_looking_query_reaches_the_source(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stage.source.open("reader") as session:
        _forged(monkeypatch, _BY_NAME["endless series"].steps[0], "i")
        assert session._guard.run("server") == [(300_000,)]
        for name in ("capitals", "a table's rows", "insert"):
            _forged(monkeypatch, _BY_NAME[name].steps[0])
            with pytest.raises(StatementRefused):
                session._guard.run("server")


def test_without_the_reader_of_syntax_a_forged_list_reads_rows(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = _BY_NAME["a table's rows"].steps[0]
    with stage.source.open("reader") as session:
        _forged(monkeypatch, text, "t")
        with pytest.raises(StatementRefused):
            session._guard.run("server")
        monkeypatch.setattr(syntax, "objection", lambda sql: "")
        assert len(session._guard.run("server")) == 100


@pytest.mark.parametrize("role", ROLES)
def test_without_the_read_only_session_writes_happen(stage: Stage, role: str) -> None:
    statement = _BY_NAME["function of its owner"].steps[0].encode()
    with stage.source.open(ROLES[role]) as session:
        raw = session._guard._connection
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            raw.execute(statement, (), binary=True)
        raw.execute(b"SET default_transaction_read_only = off", (), binary=True)
        before = stage.look()
        raw.execute(statement, (), binary=True)
        assert stage.look()["audit"] != before["audit"]
    stage.restore()


def test_without_the_extended_protocol_one_text_ends_the_transaction_and_writes(stage: Stage) -> None:
    several = _BY_NAME["several statements"].steps[0].encode()
    with stage.source.open(ROLES["owner"]) as session:
        raw, before = session._guard._connection, stage.look()
        with pytest.raises(psycopg.errors.SyntaxError):
            raw.execute(several, (), binary=True)
        # The simple protocol, as libpq's PQexec would; that one waits on the socket itself, which an airlock feeds.
        raw.pgconn.send_query(several)
        raw.wait(generators.execute(raw.pgconn))
        assert stage.look()["audit"] != before["audit"]
    stage.restore()


def test_a_session_that_is_not_read_only_is_given_up(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    # As through a pooler that changes what passes.
    with stage.source.open("reader") as session:
        real = session._guard.run
        monkeypatch.setattr(
            session._guard,
            "run",
            lambda name, *rest: (
                [("off", "read committed")] if name == "hold_read_only" else real(name, *rest)
            ),
        )
        with pytest.raises(SourceFailure) as failed:
            list(session.read())
    assert failed.value.code == "source.not_read_only"
