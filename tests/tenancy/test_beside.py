"""A transaction beside another: it commits when asked, leaves nothing otherwise, and never fails the other."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection

from fanlight.foundation import clock
from fanlight.organizations.models import Membership
from fanlight.tenancy import beside
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
    work, ends = _renames(world)
    work.put("editor")
    work.abandon()
    assert (work.is_committed, ends, _role(world)) == (False, [], "viewer")


def test_what_is_abandoned_after_its_work_takes_no_last_step(world: World, as_owner: None) -> None:
    ends: list[list[int]] = []
    worked = threading.Event()
    work: Beside[int] = Beside(world.a, lambda _: worked.set(), ends.append)
    work.put(1)
    assert worked.wait(10)
    work.abandon()
    assert ends == []


def test_nothing_is_committed_before_it_is_asked_for(world: World, as_owner: None) -> None:
    work, ends = _renames(world)
    work.put("editor")
    work.finish()
    assert _role(world) == "viewer"
    assert work.commit()
    assert (ends, _role(world)) == ([["editor"]], "editor")


def test_items_that_wait_when_it_is_asked_for_are_worked_on(world: World, as_owner: None) -> None:
    seen: list[int] = []
    go_on = threading.Event()

    def note(item: int) -> None:
        go_on.wait(10)
        seen.append(item)

    work = Beside(world.a, note, lambda _: None)
    for number in range(5):
        work.put(number)
    work.finish()
    threading.Timer(0.2, go_on.set).start()
    assert work.commit()
    assert seen == [0, 1, 2, 3, 4]


def test_a_failure_beside_fails_nobody_else(world: World, as_owner: None) -> None:
    def fail(_: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")

    work = Beside(world.a, fail, lambda _: None)
    work.put(1)
    work.finish()
    assert not work.commit()


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

    work = Beside(world.a, sleep, lambda _: None)
    before = clock.now()
    work.put(1)
    begun.wait(10)
    while not seen:
        work.cancel()
    work.finish()
    assert not work.commit()
    assert (clock.now() - before).total_seconds() < 30


def test_it_ends_by_itself_when_nobody_says_anything_more(
    world: World, as_owner: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "_LONGEST_SECONDS", 0.3)
    silent, _ = _renames(world)
    silent.put("editor")
    undecided, _ = _renames(world)
    undecided.put("editor")
    undecided.finish()
    for one in (silent, undecided):
        assert one._thread is not None
        one._thread.join(10)
        assert not one._thread.is_alive()
        assert not one.commit()
    assert _role(world) == "viewer"


def test_without_an_item_there_is_nothing_to_commit(world: World) -> None:
    work, _ = _renames(world)
    work.finish()
    assert not work.commit()
    work.abandon()
