"""Entries that are made while assets still arrive: complete afterwards, and nothing to anybody where the merge fails."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from fanlight.catalog import services as catalog
from fanlight.connectors.types import Asset, AssetKind
from fanlight.core.identifiers import IntegrationId
from fanlight.discovery import services as discovery
from fanlight.discovery.models import Entry, Word
from fanlight.discovery.queries import search
from fanlight.extraction import services as extraction
from fanlight.foundation import clock
from fanlight.tenancy.scope import scope
from tests.conftest import World
from tests.sources import Source, add, source

__all__ = ["source"]
TABLES = 600
ENTRIES = 2 + TABLES * 3  # a database, a schema, and each table with its two columns


class Broken(Exception):
    """Something went wrong in the transaction of a merge."""


@dataclass
class Attempt:
    """An attempt at a run of many new tables. Works as the worker's role."""

    world: World
    integration_id: IntegrationId
    arrivals: catalog.Arrivals

    def arrive(self) -> None:
        """Let everything arrive, in two batches."""
        table = AssetKind.TABLE
        columns = [
            ["ledger_id", 1, "bigint", False, None, None, None],
            ["amountDue", 2, "numeric", True, None, "What is owed.", None],
        ]
        above = [Asset(AssetKind.DATABASE, ("db",)), Asset(AssetKind.SCHEMA, ("db", "s"))]
        tables = [
            Asset(table, ("db", "s", f"voucher_{number}"), columns=[[*column] for column in columns])
            for number in range(TABLES)
        ]
        catalog.arrive(self.arrivals, above)
        catalog.arrive(self.arrivals, tables)

    def merge(self, error: Exception | None = None) -> None:
        """Merge what has arrived; end the transaction with an error where one is given."""
        with scope(self.world.a):
            catalog.propose(self.arrivals, approved_run_id=None, now=clock.now())
            catalog.merge(self.arrivals, now=clock.now())
            if error is not None:
                raise error

    def fail(self) -> None:
        """Let everything arrive, and undo the merge when its companion has committed."""
        self.arrive()
        with pytest.raises(Broken):
            self.merge(Broken())


def _attempt(world: World, integration_id: IntegrationId, *, is_another: bool = False) -> Attempt:
    run_id = extraction.request_run(
        actor=world.alice, integration_id=integration_id, is_deferred=False, now=clock.now()
    )
    arrivals = catalog.open_arrivals(
        organization_id=world.a,
        integration_id=integration_id,
        run_id=run_id,
        lease=clock.uuid7(),
        is_another=is_another,
    )
    return Attempt(world, integration_id, arrivals)


def _entries(world: World) -> int:
    with scope(world.a):
        return Entry.objects.filter(organization_id=world.a).count()


def _words(world: World) -> dict[str, tuple[int, int]]:
    with scope(world.a):
        found = Word.objects.filter(organization_id=world.a)
        return {
            word: (names, comments)
            for word, names, comments in found.values_list("word", "names", "comments")
        }


@pytest.fixture
def attempt(world: World, source: Source) -> Attempt:
    integration_id = add(world, source)
    with world.as_worker():
        return _attempt(world, integration_id)


def test_what_was_entered_ahead_is_complete_with_the_merge(world: World, attempt: Attempt) -> None:
    with world.as_worker():
        attempt.arrive()
        attempt.merge()
        assert [one.is_committed for one in attempt.arrivals.beside] == [True]
        assert _entries(world) == ENTRIES
        words = _words(world)
    assert words["voucher"] == (TABLES, 0)
    assert (words["ledger"], words["due"], words["owed"]) == ((TABLES, 0), (TABLES, 0), (0, TABLES))
    assert search(world.bob, "voucher_7")[0].name == "voucher_7"
    assert search(world.bob, "amount due owed")[0].name == "amountDue"


def test_words_counted_ahead_are_those_of_a_count_of_everything(world: World, attempt: Attempt) -> None:
    with world.as_worker():
        attempt.arrive()
        attempt.merge()
        ahead = _words(world)
        with scope(world.a):
            discovery.forget_lost(world.a, attempt.integration_id)
        assert _words(world) == ahead


def test_what_is_ahead_of_a_merge_that_fails_is_found_by_nobody(world: World, attempt: Attempt) -> None:
    with world.as_worker():
        attempt.fail()
        assert _entries(world) == TABLES * 3
    assert search(world.bob, "voucher_7") == []


def test_an_attempt_that_fails_takes_away_what_was_ahead(world: World, attempt: Attempt) -> None:
    with world.as_worker():
        attempt.fail()
        with scope(world.a):
            catalog.discard(attempt.arrivals)
        assert (_entries(world), _words(world)) == (0, {})


def test_the_attempt_after_a_killed_one_takes_away_what_was_ahead(world: World, attempt: Attempt) -> None:
    with world.as_worker():
        attempt.fail()
        _attempt(world, attempt.integration_id, is_another=True)
        assert (_entries(world), _words(world)) == (0, {})


def test_an_attempt_that_was_held_leaves_nothing_ahead(world: World, attempt: Attempt) -> None:
    with world.as_worker():
        attempt.arrive()
        with scope(world.a):
            catalog.propose(attempt.arrivals, approved_run_id=None, now=clock.now())
            catalog.discard(attempt.arrivals)
        assert (_entries(world), _words(world)) == (0, {})


def test_where_nothing_is_ahead_the_merge_enters_everything(world: World, attempt: Attempt) -> None:
    with world.as_worker():
        attempt.arrive()
        for one in attempt.arrivals.beside:
            one.abandon()
        attempt.merge()
        assert (_entries(world), _words(world)["voucher"]) == (ENTRIES, (TABLES, 0))


def test_what_a_database_that_broke_off_had_ahead_is_undone(world: World, attempt: Attempt) -> None:
    with world.as_worker():
        attempt.arrive()
        catalog.withdraw(attempt.arrivals, ("db",))
        attempt.merge()
        assert (_entries(world), _words(world)) == (0, {})


def test_what_is_ahead_of_another_merge_outlives_an_erasure(world: World, attempt: Attempt) -> None:
    with world.as_worker():
        attempt.arrive()
        (beside,) = attempt.arrivals.beside
        beside.finish()
        assert beside.commit()
        with scope(world.a):
            catalog.finish_erasure(world.a)
        assert _entries(world) == TABLES * 3
        attempt.merge()
        assert _entries(world) == ENTRIES
