"""The thread that lets batches arrive: in order, one at a time, and nothing that goes wrong with one is lost."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from fanlight.connectors.types import Asset, AssetKind
from fanlight.extraction.carrying import Carrier
from tests.conftest import World

BATCHES = [[Asset(AssetKind.TABLE, ("db", "s", f"t{number}"))] for number in range(5)]


class Broken(Exception):
    """A batch could not arrive."""


def test_batches_arrive_in_their_order_and_all_of_them() -> None:
    arrived: list[list[Asset]] = []
    with Carrier(arrived.append) as carrier:
        for batch in BATCHES:
            carrier.carry(batch)
    assert arrived == BATCHES


def test_at_most_one_batch_is_under_way() -> None:
    under_way, most = 0, 0
    lock = threading.Lock()

    def arrive(_: list[Asset]) -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        threading.Event().wait(0.01)
        with lock:
            under_way -= 1

    with Carrier(arrive) as carrier:
        for batch in BATCHES:
            carrier.carry(batch)
    assert most == 1


def _fail(batch: list[Asset]) -> None:
    raise Broken(batch[0].path[-1])


def _carry(batches: list[list[Asset]], carried: list[list[Asset]], after: Exception | None = None) -> None:
    with Carrier(_fail) as carrier:
        for batch in batches:
            carrier.carry(batch)
            carried.append(batch)
        if after is not None:
            raise after


def test_what_goes_wrong_with_a_batch_stops_the_next() -> None:
    carried: list[list[Asset]] = []
    with pytest.raises(Broken, match="t0"):
        _carry(BATCHES, carried)
    assert carried == BATCHES[:1]


def test_what_goes_wrong_with_the_last_batch_is_raised_at_the_end() -> None:
    with pytest.raises(Broken, match="t0"):
        _carry(BATCHES[:1], [])


def test_what_went_wrong_outside_is_told_before_what_went_wrong_here() -> None:
    with pytest.raises(KeyError):
        _carry(BATCHES[:1], [], KeyError())


def test_the_threads_own_connection_ends_with_it_and_no_other(world: World) -> None:
    opened: list[Any] = []

    def arrive(_: list[Asset]) -> None:
        connection.ensure_connection()
        opened.append(connection.connection)

    connection.ensure_connection()
    own = connection.connection
    with Carrier(arrive) as carrier:
        for batch in BATCHES:
            carrier.carry(batch)
    assert len(set(map(id, opened))) == 1
    assert opened[0] is not own
    assert (opened[0].closed, own.closed) == (True, False)
