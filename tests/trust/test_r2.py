"""Attacks on R2's control: texts that write, a session that is not held, and ledgers that somebody wrote in."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from fanlight.connectors.registry import connectors
from fanlight.trust.controls import r2_never_beyond_reading as r2
from fanlight.trust.types import Budget, Findings, Occasion, Outcome, State
from tests.trust.ground import Ground

LEAST_ATTEMPTS = 60
LINE = (
    "UPDATE extraction_ledgerline SET digest = %s WHERE (run_id, number) = "
    "(SELECT run_id, number FROM extraction_ledgerline WHERE digest = %s LIMIT 1)"
)


def look(ground: Ground) -> Outcome:
    with ground.acting_as("worker"):
        return r2.check(Occasion(Budget(60)))


def a_digest() -> str:
    return next(one.digest for one in connectors()[0].statements().catalogue if one.name == "columns")


def test_it_holds_on_a_whole_catalogue_and_says_on_what(ground: Ground) -> None:
    found = look(ground)
    assert found.state is State.PROVEN
    assert found.counts["attempts refused by each of two locks"] >= LEAST_ATTEMPTS
    assert found.counts["writes refused by a read-only session"] == len(r2._WRITES)
    assert found.counts["statements in ledgers"] > 60


def test_no_attempt_is_made_twice_and_each_is_refused_by_both_locks() -> None:
    attempts = r2._attempts()
    assert len(set(attempts)) == len(attempts) >= LEAST_ATTEMPTS
    for connector in connectors():
        for attempt in attempts:
            verdicts = connector.try_locks(attempt)
            assert verdicts.closed_list, attempt
            assert verdicts.syntax, attempt


def test_the_closed_list_itself_passes_both_locks() -> None:
    for connector in connectors():
        lists = connector.statements()
        for one in (*lists.catalogue, *lists.session):
            assert not connector.try_locks(one.sql).is_refused, one.name


@pytest.mark.parametrize("digest", ["0" * 64, "", "' OR true --"])
def test_a_line_of_another_statement_is_found(ground: Ground, digest: str) -> None:
    ground.psql(LINE, digest, a_digest())
    try:
        found = look(ground)
    finally:
        ground.psql("UPDATE extraction_ledgerline SET digest = %s WHERE digest = %s", a_digest(), digest)
    assert found.findings.by_code == {"ledger.foreign": 1}
    assert found.findings.first[0].where["organization"] in {one.organization_id for one in ground.tenants}


def test_a_line_that_an_earlier_version_sent_is_known(ground: Ground) -> None:
    former = min(connectors()[0].former_digests())
    ground.psql(LINE, former, a_digest())
    try:
        assert look(ground).state is State.PROVEN
    finally:
        ground.psql("UPDATE extraction_ledgerline SET digest = %s WHERE digest = %s", a_digest(), former)


def test_what_is_former_is_never_sent() -> None:
    for connector in connectors():
        lists = connector.statements()
        assert not connector.former_digests() & {one.digest for one in (*lists.catalogue, *lists.session)}


def test_without_a_line_there_was_nothing_to_check(ground: Ground) -> None:
    ground.psql("CREATE TABLE kept AS TABLE extraction_ledgerline; DELETE FROM extraction_ledgerline")
    try:
        assert look(ground).state is State.NOT_EXERCISED
    finally:
        ground.psql("INSERT INTO extraction_ledgerline SELECT * FROM kept; DROP TABLE kept")


def test_a_session_that_is_not_read_only_is_noticed(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    send = r2._send

    def looser(session: psycopg.Connection[Any], sql: str) -> None:
        send(
            session,
            sql.replace(" READ ONLY", "").replace("default_transaction_read_only', 'on'", "jit', 'off'"),
        )

    monkeypatch.setattr(r2, "_send", looser)
    findings = Findings()
    with ground.acting_as("worker"):
        r2._try_session(findings)
    assert findings.by_code["session.written"] > 3
    with ground.catalogue.connect("postgres", ground.database) as session:
        assert session.execute("SELECT to_regclass('public.written')").fetchone() == (None,)


def test_trying_to_write_leaves_nothing(ground: Ground) -> None:
    def rows() -> Any:
        with ground.catalogue.connect("postgres", ground.database) as session:
            return session.execute("SELECT count(*), max(id) FROM trust_result").fetchone()

    before = rows()
    look(ground)
    assert rows() == before
