"""A search ends after its time, whatever a source has filled the vocabulary with, and leaves nothing behind."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.db import connection

from fanlight.discovery import queries
from fanlight.discovery.types import SearchTookTooLong
from fanlight.tenancy import services as tenancy
from tests.conftest import World
from tests.sources import Source, add, extract, source

__all__ = ["source"]

_SETTING = "SELECT current_setting('statement_timeout')"


@pytest.fixture
def slow(world: World, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop in which every search takes longer than it may: it may take no time at all."""
    extract(world, add(world, source))
    monkeypatch.setattr(queries, "MOST_SECONDS", 0.001)


def test_what_takes_too_long_is_ended_and_says_so(world: World, slow: None) -> None:
    with pytest.raises(SearchTookTooLong, match=r"took longer than 0\.001 s"):
        queries.search(world.bob, "ordres custmers")


def test_the_transaction_around_it_goes_on_as_it_was(world: World, slow: None) -> None:
    with tenancy.reading(world.a), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '7s'")
        with pytest.raises(SearchTookTooLong):
            queries.search(world.bob, "ordres custmers")
        cursor.execute(_SETTING)
        assert cursor.fetchone() == ("7s",)


def test_a_search_in_time_leaves_no_limit_behind(world: World, source: Source) -> None:
    extract(world, add(world, source))
    with tenancy.reading(world.a), connection.cursor() as cursor:
        assert queries.search(world.bob, "orders")
        cursor.execute(_SETTING)
        assert cursor.fetchone() == ("0",)


def test_other_errors_stay_what_they_are(world: World, source: Source) -> None:
    from django.db import DataError, ProgrammingError

    from fanlight.foundation import database

    with tenancy.reading(world.a), pytest.raises((DataError, ProgrammingError)):
        database.rows_within("discovery", "search", _values(world) | {"organization_id": "x"}, seconds=2)


def test_a_search_is_one_message_to_the_server(world: World, source: Source) -> None:
    seen: list[str] = []

    def note(execute: Any, text: Any, values: Any, many: bool, context: Any) -> Any:
        seen.append(str(text))
        return execute(text, values, many, context)

    extract(world, add(world, source))
    with tenancy.reading(world.a), connection.execute_wrapper(note):
        queries.search(world.bob, "orders")
    assert len([text for text in seen if "fanlight_search" in text]) == 1
    assert len(seen) <= 2  # who asks, and the search


@pytest.mark.parametrize("typed", ["aa", "aaaaaaaab aaaaaaaac", "waaaaaaax waaaaaaay waaaaaaaz"])
def test_a_vocabulary_that_a_source_has_filled_makes_no_search_long(
    world: World, source: Source, typed: str
) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    with world.catalogue.connect("postgres") as session:
        session.execute(
            "INSERT INTO discovery_word (organization_id, word, integration_id, names, comments) "
            "SELECT %s, left(f || 'aaaaaaa', 1 + n %% 3) || translate(lpad(n::text, 7, '0'), '0123456789', 'abcdefghij'), %s, 0, 1 "
            "FROM unnest(ARRAY['a', 'w']) f, generate_series(1, 200000) n",
            [world.a, integration_id],
        )
    began = time.monotonic()
    try:
        queries.search(world.bob, typed)
    except SearchTookTooLong:
        pass
    finally:
        assert time.monotonic() - began < queries.MOST_SECONDS + 1


def _values(world: World) -> dict[str, Any]:
    return {"organization_id": world.a, "typed": "orders", "first": "orders", "rest": "", "most": 5}
