"""The audit log: gapless, in the change's own transaction, in one spelling, never rewritten."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from django.db import connection

from fanlight.audit import queries, services
from fanlight.audit.types import Event
from fanlight.core import canonical
from fanlight.foundation import clock
from fanlight.tenancy.scope import ScopeError, scope
from tests.conftest import World


@dataclass(frozen=True, slots=True)
class Tried(Event):
    kind = "test.tried"
    number: int


def _sequences(world: World) -> list[int]:
    with scope(world.a):
        return [event.sequence for event in queries.events_after(world.a, 0, 10_000)]


def test_many_at_once_leave_no_gap(world: World) -> None:
    before = len(_sequences(world))

    def record(start: int) -> None:
        for number in range(start, start + 20):
            with scope(world.a):
                services.record(world.alice, Tried(number=number), at=clock.now())
        connection.close()

    threads = [threading.Thread(target=record, args=(start,)) for start in range(0, 160, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _sequences(world) == list(range(1, before + 161))


def _record_and_fail(world: World) -> None:
    services.record(world.alice, Tried(number=1), at=clock.now())
    _ = 1 / 0


def test_what_is_rolled_back_was_never_numbered(world: World) -> None:
    before = _sequences(world)
    with pytest.raises(ZeroDivisionError), scope(world.a):
        _record_and_fail(world)
    with scope(world.a):
        services.record(world.alice, Tried(number=2), at=clock.now())
    assert _sequences(world) == [*before, len(before) + 1]


def test_each_organization_counts_for_itself(world: World) -> None:
    with scope(world.b):
        first = services.record(world.charlie, Tried(number=1), at=clock.now())
        second = services.record(world.charlie, Tried(number=2), at=clock.now())
    assert second == first + 1
    assert _sequences(world) == list(range(1, len(_sequences(world)) + 1))


def test_an_event_is_recorded_in_its_own_organizations_scope_only(world: World) -> None:
    with pytest.raises(ScopeError):
        services.record(world.alice, Tried(number=1), at=clock.now())
    with pytest.raises(ScopeError), scope(world.b):
        services.record(world.alice, Tried(number=1), at=clock.now())


@pytest.mark.parametrize("role", ["portal", "worker"])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_auditevent SET kind = 'x'", "DELETE FROM audit_auditevent", "TRUNCATE audit_auditevent"],
)
def test_nobody_can_rewrite_what_happened(world: World, role: str, statement: str) -> None:
    with world.catalogue.connect(role) as session, session.transaction():
        session.execute(f"SET LOCAL fanlight.organization_id = '{world.a}'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute(statement)


def test_an_event_holds_the_whole_act_in_canonical_form(world: World) -> None:
    with scope(world.a):
        number = services.record(world.alice, Tried(number=7), at=world.now)
        event = queries.events_after(world.a, number - 1, 1)[0]
    assert event.event == {
        "format": 1,
        "organization": str(world.a),
        "sequence": number,
        "at": world.now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "kind": "test.tried",
        "actor": {"kind": "person", "person": str(world.alice.person_id)},
        "details": {"number": 7},
    }
    with world.catalogue.connect("postgres") as session:
        stored = session.execute(
            "SELECT encoded FROM audit_auditevent WHERE organization_id = %s AND sequence = %s",
            [world.a, number],
        ).fetchone()
    assert stored is not None
    assert bytes(stored[0]) == canonical.encode(event.event)


@pytest.mark.parametrize(
    ("value", "spelled"),
    [
        ({"b": 1, "a": [True, None]}, b'{"a":[true,null],"b":1}'),
        ({"\u00fc": "\u20ac"}, '{"\u00fc":"\u20ac"}'.encode()),
        ({"": ""}, b'{"":""}'),
    ],
)
def test_the_same_value_always_gives_the_same_bytes(value: dict[str, Any], spelled: bytes) -> None:
    assert canonical.encode(value) == spelled


@pytest.mark.parametrize("value", [{"a": 1.0}, {"a": [float("nan")]}, {1: "a"}])
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical.encode(value)


def test_two_events_cannot_share_a_kind() -> None:
    with pytest.raises(TypeError):

        class Again(Event):
            kind = "test.tried"
