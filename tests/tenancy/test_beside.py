"""A transaction beside another: it commits when asked, leaves nothing otherwise, and never fails the other."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection

from fanlight.foundation import clock
from fanlight.organizations.models import Membership
from fanlight.tenancy.scope import scope
from fanlight.tenancy.services import Beside
from tests.conftest import World


def _renames(world: World) -> tuple[Beside[str], list[list[str]]]:
    """Return work that writes its item into Bob's membership, and what its last step was given."""
    ends: list[list[str]] = []

    def rename(role: str) -> None:
        Membership.objects.filter(organization_id=world.a, person_id=world.bob.person_id).update(role=role)

    return Beside(world.a, rename, ends.append), ends


def _role(world: World) -> str:
    with scope(world.a):
        return Membership.objects.get(organization_id=world.a, person_id=world.bob.person_id).role


@pytest.fixture
def as_owner(world: World) -> Iterator[None]:
    """Let Django be a role that may change a membership."""
    with world.catalogue.acting_as("owner"):
        yield


def test_what_is_abandoned_leaves_nothing(world: World, as_owner: None) -> None:
    beside, ends = _renames(world)
    beside.put("editor")
    beside.abandon()
    assert (beside.is_committed, ends, _role(world)) == (False, [], "viewer")


def test_nothing_is_committed_before_it_is_asked_for(world: World, as_owner: None) -> None:
    beside, ends = _renames(world)
    beside.put("editor")
    beside.finish()
    assert _role(world) == "viewer"
    assert beside.commit()
    assert (ends, _role(world)) == ([["editor"]], "editor")


def test_items_that_wait_when_it_is_asked_for_are_worked_on(world: World, as_owner: None) -> None:
    seen: list[int] = []
    go_on = threading.Event()

    def work(item: int) -> None:
        go_on.wait(10)
        seen.append(item)

    beside = Beside(world.a, work, lambda _: None)
    for number in range(5):
        beside.put(number)
    beside.finish()
    threading.Timer(0.2, go_on.set).start()
    assert beside.commit()
    assert seen == [0, 1, 2, 3, 4]


def test_a_failure_beside_fails_nobody_else(world: World, as_owner: None) -> None:
    def fail(_: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")

    beside = Beside(world.a, fail, lambda _: None)
    beside.put(1)
    beside.finish()
    assert not beside.commit()


def test_its_statement_can_be_cancelled_from_another_thread(world: World, as_owner: None) -> None:
    begun = threading.Event()
    seen: list[str] = []

    def sleep(_: int) -> None:
        begun.set()
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(60)")
        except DatabaseError as error:
            seen.append(type(error).__name__)
            raise

    beside = Beside(world.a, sleep, lambda _: None)
    before = clock.now()
    beside.put(1)
    begun.wait(10)
    while not seen:
        beside.cancel()
    beside.finish()
    assert not beside.commit()
    assert (clock.now() - before).total_seconds() < 30


def test_without_an_item_there_is_nothing_to_commit(world: World) -> None:
    beside, _ = _renames(world)
    beside.finish()
    assert not beside.commit()
    beside.abandon()
