"""Results: who is believed, what is told to whom, and what time does to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest

from fanlight.core.errors import WrongUse
from fanlight.foundation import clock
from fanlight.trust import controls as controls_
from fanlight.trust import policy, queries, services
from fanlight.trust.types import Control, Findings, Occasion, Outcome, Standing, State, Zone
from tests.conftest import Catalogue

INSERT = "INSERT INTO trust_result (promise, state, milliseconds, evidence, findings) VALUES (%s, %s, 1, '{}', '[]')"


@pytest.fixture(scope="module")
def database(catalogue: Catalogue) -> str:
    """A catalogue of its own, without an organization."""
    return catalogue.clone()


@pytest.fixture
def empty(catalogue: Catalogue, database: str) -> Iterator[tuple[Catalogue, str]]:
    """The same without any result; Django is its portal."""
    with catalogue.connect("postgres", database) as session:
        session.execute("TRUNCATE trust_result")
    with catalogue.acting_as("portal", database):
        yield catalogue, database


def insert(at: tuple[Catalogue, str], role: str, promise: str, state: str = "proven") -> None:
    catalogue, database = at
    with catalogue.connect(role, database) as session:
        session.execute(INSERT, [promise, state])


def note(
    at: tuple[Catalogue, str], promise: str, state: str, when: datetime, role: str = "fanlight_worker"
) -> None:
    """Put a result where it would be, had it been recorded then."""
    catalogue, database = at
    with catalogue.connect("postgres", database) as session:
        session.execute(
            "INSERT INTO trust_result (promise, state, recorded_at, recorded_by, milliseconds, evidence, findings) "
            "VALUES (%s, %s, %s, %s, 1, '{}', '[]')",
            [promise, state, when, role],
        )


def standing(promise: str, now: datetime | None = None, **more: Any) -> Standing:
    return next(one for one in queries.standings(now=now or clock.now(), **more) if one.promise.id == promise)


def test_a_stolen_portal_role_cannot_speak_for_the_worker(empty: tuple[Catalogue, str]) -> None:
    insert(empty, "portal", "D3")
    assert standing("D3").state is State.UNKNOWN
    insert(empty, "worker", "D3", "broken")
    insert(empty, "portal", "D3")
    assert standing("D3").state is State.BROKEN


def test_a_stolen_worker_role_cannot_speak_for_the_portal(empty: tuple[Catalogue, str]) -> None:
    insert(empty, "worker", "W2")
    assert standing("W2").state is State.UNKNOWN


@pytest.mark.parametrize("role", ["portal", "worker"])
@pytest.mark.parametrize(
    ("column", "value"), [("recorded_by", "fanlight_worker"), ("recorded_at", "2030-01-01"), ("id", "7")]
)
def test_nobody_may_say_who_recorded_a_result_or_when(
    empty: tuple[Catalogue, str], role: str, column: str, value: str
) -> None:
    catalogue, database = empty
    with catalogue.connect(role, database) as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute(
            f"INSERT INTO trust_result (promise, state, milliseconds, evidence, findings, {column}) "
            "VALUES ('D3', 'proven', 1, '{}', '[]', %s)",
            [value],
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trust_result SET state = 'proven'",
        "UPDATE trust_result SET recorded_by = 'fanlight_worker'",
        "DELETE FROM trust_result",
        "TRUNCATE trust_result",
        "SELECT findings FROM trust_result",
        "SELECT * FROM trust_result",
        "SET ROLE fanlight_worker",
        "SET SESSION AUTHORIZATION fanlight_worker",
    ],
)
def test_the_portal_may_not_rewrite_results_nor_read_what_names_things(
    empty: tuple[Catalogue, str], statement: str
) -> None:
    insert(empty, "worker", "D3", "broken")
    catalogue, database = empty
    with (
        catalogue.connect("portal", database) as session,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        session.execute(statement)


def test_the_worker_may_not_rewrite_results_either(empty: tuple[Catalogue, str]) -> None:
    insert(empty, "worker", "D3", "broken")
    catalogue, database = empty
    with (
        catalogue.connect("worker", database) as session,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        session.execute("UPDATE trust_result SET state = 'proven'")


@pytest.mark.parametrize("state", ["inherited", "stale", "green", ""])
def test_a_state_that_no_check_can_find_is_refused(empty: tuple[Catalogue, str], state: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        insert(empty, "worker", "D3", state)


def test_what_nobody_has_checked_is_unknown(empty: tuple[Catalogue, str]) -> None:
    one = standing("W2")
    assert (one.state, one.since, one.checked_at) == (State.UNKNOWN, None, None)


def test_a_promise_without_a_control_is_not_claimed(empty: tuple[Catalogue, str]) -> None:
    one = standing("O9")
    assert one.state is State.NOT_CLAIMED
    assert one.reason == "No control yet."


def test_what_was_proven_a_day_ago_is_stale(empty: tuple[Catalogue, str]) -> None:
    now = clock.now()
    note(empty, "D3", "proven", now - timedelta(hours=23, minutes=59))
    assert standing("D3", now).state is State.PROVEN
    later = now + timedelta(minutes=2)
    assert standing("D3", later).state is State.STALE
    assert standing("D3", later).since == now + timedelta(minutes=1)


def test_what_was_broken_stays_broken_however_old_it_is(empty: tuple[Catalogue, str]) -> None:
    note(empty, "D3", "broken", clock.now() - timedelta(days=9))
    assert standing("D3").state is State.BROKEN


def test_a_result_of_a_time_to_come_is_not_believed(empty: tuple[Catalogue, str]) -> None:
    note(empty, "D3", "proven", clock.now() + timedelta(days=30))
    assert standing("D3").state is State.UNKNOWN


def test_a_promise_whose_review_is_due_is_overdue(empty: tuple[Catalogue, str]) -> None:
    review_by = policy.promise("D3").review_by  # type: ignore[union-attr]
    day_after = datetime.combine(review_by + timedelta(days=1), datetime.min.time(), UTC)
    note(empty, "D3", "proven", day_after - timedelta(hours=1))
    assert standing("D3", day_after - timedelta(minutes=1)).state is State.PROVEN
    one = standing("D3", day_after + timedelta(minutes=1))
    assert (one.state, one.since) == (State.OVERDUE, day_after)


def test_since_is_when_the_state_began(empty: tuple[Catalogue, str]) -> None:
    now = clock.now()
    for hours, state in ((9, "proven"), (6, "broken"), (3, "proven"), (2, "proven"), (1, "proven")):
        note(empty, "D3", state, now - timedelta(hours=hours))
    note(empty, "D3", "broken", now - timedelta(minutes=90), role="fanlight_portal")
    assert standing("D3", now).since == now - timedelta(hours=3)
    assert standing("D3", now).checked_at == now - timedelta(hours=1)


def test_a_time_without_checks_ends_what_was_so(empty: tuple[Catalogue, str]) -> None:
    now = clock.now()
    for hours in (100, 80, 60, 2, 1):
        note(empty, "D3", "proven", now - timedelta(hours=hours))
    assert standing("D3", now).since == now - timedelta(hours=2)


def test_a_day_shows_its_worst(empty: tuple[Catalogue, str]) -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    for hours, state in (
        (50, "proven"),
        (25, "proven"),
        (26, "broken"),
        (27, "proven"),
        (1, "not exercised"),
    ):
        note(empty, "D3", state, now - timedelta(hours=hours))
    days = {one.day: one.state for one in standing("D3", now, with_days=True).days}
    assert len(days) == 30
    assert list(days)[-1] == date(2026, 11, 20)
    told = {day.day: state for day, state in days.items() if state}
    assert told == {18: State.PROVEN, 19: State.BROKEN, 20: State.NOT_EXERCISED}


def test_the_history_is_thinned_without_losing_a_change(empty: tuple[Catalogue, str]) -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    for quarter in range(96 * 3):
        when = now - timedelta(minutes=15 * quarter)
        note(empty, "D3", "broken" if 150 <= quarter < 153 else "proven", when)
    note(empty, "D3", "proven", now - timedelta(days=2), role="fanlight_portal")
    note(empty, "D3", "proven", now - timedelta(days=401))
    before = standing("D3", now, with_days=True)
    catalogue, database = empty
    with catalogue.acting_as("worker", database):
        services.thin_history(now=now)
    with catalogue.connect("worker", database) as session:
        kept = session.execute("SELECT recorded_at, state, recorded_by FROM trust_result").fetchall()
    old = [row for row in kept if row[0] < now - timedelta(days=1)]
    assert len(kept) - len(old) == 97  # the last day is whole
    # Two days and a half lie before it: the first and the last of each, and the two changes of the middle one.
    assert len(old) <= 2 * 3 + 2
    assert {row[2] for row in kept} == {"fanlight_worker"}
    after = standing("D3", now, with_days=True)
    assert (after.state, after.since) == (before.state, before.since)
    assert [day.state for day in after.days] == [day.state for day in before.days]
    with catalogue.acting_as("worker", database):
        assert services.thin_history(now=now) == 0


def test_a_control_is_not_tried_as_another_role(empty: tuple[Catalogue, str]) -> None:
    with pytest.raises(WrongUse):
        services.check(zone=Zone.WORKER)
    catalogue, database = empty
    with catalogue.acting_as("worker", database), pytest.raises(WrongUse):
        services.check(zone=Zone.PORTAL)
    with catalogue.acting_as("owner", database), pytest.raises(WrongUse):
        services.own_zone()


@pytest.fixture
def only_control(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Replace the controls by one, whose check is given."""

    def use(check: Any) -> None:
        control = Control(
            promise="D3", zone=Zone.WORKER, how="It looks.", findings={"known": "It is known."}, check=check
        )
        for module in (queries, services, controls_):
            monkeypatch.setattr(module, "controls", lambda: {"D3": control}, raising=False)
            monkeypatch.setattr(module, "controls_of", lambda zone: (control,), raising=False)

    return use


def test_a_control_that_fails_makes_its_promise_unknown_and_tells_nobody_a_name(
    empty: tuple[Catalogue, str], only_control: Any
) -> None:
    def check(occasion: Occasion) -> Outcome:
        raise RuntimeError("secret-name")

    only_control(check)
    catalogue, database = empty
    with catalogue.acting_as("worker", database):
        assert services.check(zone=Zone.WORKER) == {"D3": State.UNKNOWN}
        assert "secret-name" in json.dumps(queries.findings())
    one = standing("D3")
    assert one.state is State.UNKNOWN
    assert "secret-name" not in json.dumps(queries.as_plain(one))
    assert one.reason == "The check itself failed, so nobody knows whether this is so."


def test_everybody_is_told_sentences_and_counts_and_only_the_operator_where(
    empty: tuple[Catalogue, str], only_control: Any
) -> None:
    def check(occasion: Occasion) -> Outcome:
        findings = Findings()
        for number in range(250):
            findings.add("known", table=f"secret-name-{number}")
        findings.add("unheard_of", table="secret-name")
        return Outcome(
            {"tables": 3, "Secret; name": 4, "<b>": 5}, findings, is_exercised=True, is_partial=True
        )

    only_control(check)
    catalogue, database = empty
    with catalogue.acting_as("worker", database):
        services.check(zone=Zone.WORKER)
        told = queries.findings()["D3"]
    one = standing("D3")
    assert one.evidence is not None
    assert dict(one.evidence.counts) == {"tables": 3}
    assert one.evidence.findings == (
        ("It is known.", 250),
        ("Something was found that this version has no words for.", 1),
    )
    assert one.evidence.is_partial
    assert "ecret" not in json.dumps(queries.as_plain(one))
    assert len(told) == Findings.MOST
    assert told[0] == {"code": "known", "table": "secret-name-0"}


def test_evidence_that_somebody_made_up_is_taken_apart_calmly(empty: tuple[Catalogue, str]) -> None:
    catalogue, database = empty
    for evidence in (
        "[]",
        "7",
        '{"counts": 7, "findings": [1]}',
        '{"counts": [[1, 2, 3], ["a", "b"]]}',
        "null",
    ):
        with catalogue.connect("portal", database) as session:
            session.execute(
                "INSERT INTO trust_result (promise, state, milliseconds, evidence, findings) "
                "VALUES ('W2', 'proven', 1, %s, '[]')",
                [evidence],
            )
        one = standing("W2")
        assert one.evidence is not None
        assert dict(one.evidence.counts) == {}


def test_what_was_checked_lately_is_not_due(empty: tuple[Catalogue, str]) -> None:
    now = clock.now()
    assert queries.due(Zone.PORTAL, now=now) == {"W2"}
    note(empty, "W2", "proven", now - timedelta(minutes=14), role="fanlight_portal")
    assert queries.due(Zone.PORTAL, now=now) == set()
    assert queries.due(Zone.PORTAL, now=now + timedelta(minutes=1)) == {"W2"}
    assert services.check_due(zone=Zone.PORTAL, now=now) == {}
    assert services.check_due(zone=Zone.PORTAL, now=now + timedelta(minutes=1)) != {}


@pytest.mark.parametrize(
    ("state", "minutes"), [("proven", 15), ("broken", 5), ("unknown", 5), ("not exercised", 0.75)]
)
def test_what_is_not_proven_is_looked_at_again_sooner(
    empty: tuple[Catalogue, str], state: str, minutes: float
) -> None:
    now = clock.now()
    note(empty, "D3", state, now - timedelta(minutes=minutes))
    assert "D3" in queries.due(Zone.WORKER, now=now)
    assert "D3" not in queries.due(Zone.WORKER, now=now - timedelta(seconds=1))


def test_a_source_is_asked_once_an_hour(empty: tuple[Catalogue, str]) -> None:
    now = clock.now()
    note(empty, "R3", "proven", now - timedelta(minutes=59))
    assert "R3" not in queries.due(Zone.WORKER, now=now)
    assert "R3" in queries.due(Zone.WORKER, now=now + timedelta(minutes=1))


def test_on_an_empty_installation_there_is_nothing_to_keep_apart(empty: tuple[Catalogue, str]) -> None:
    assert services.check(zone=Zone.PORTAL, only=["W2"]) == {"W2": State.NOT_EXERCISED}
    assert standing("W2").reason == "There was nothing yet to check it on."
