"""A connection that is cut, comes in pieces or never gets further costs its own run and nothing else."""

from __future__ import annotations

import random
import socket
import time

import pytest

from fanlight.catalog import queries as catalog
from fanlight.connectors.postgres import connecting
from fanlight.connectors.postgres.connector import PostgresConnector
from fanlight.connectors.types import Secret
from fanlight.core.errors import SourceFailure
from fanlight.extraction.types import RunState
from fanlight.foundation import clock
from fanlight.integrations import services as integrations
from tests.conftest import World
from tests.connectors.conftest import now
from tests.connectors.hostile import HostileServer, Recording, Relay
from tests.connectors.hostile_cases import AMOUNTS
from tests.connectors.recorded import add_at, recording, settings_of, shop_server, socket_of
from tests.servers import ThrowawayServer
from tests.sources import extract

__all__ = ["recording", "shop_server"]


class _Cut(Relay):
    """Ends the connection after so many bytes of answers."""

    def __init__(self, server_socket: str) -> None:
        super().__init__(server_socket)
        self.left = 10**9

    def forward(self, data: bytes, target: socket.socket, is_answer: bool) -> None:
        if is_answer:
            data, self.left = data[: self.left], self.left - len(data)
        target.sendall(data)
        if self.left <= 0:
            raise OSError("cut")


class _Trickle(Relay):
    """Hands answers over in pieces of a few bytes."""

    def forward(self, data: bytes, target: socket.socket, is_answer: bool) -> None:
        pieces = random.Random(len(data))
        while data:
            count = pieces.randint(1, 7) if is_answer else len(data)
            target.sendall(data[:count])
            data = data[count:]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_connection_cut_anywhere_costs_that_run_and_nothing_else(
    world: World, shop_server: ThrowawayServer
) -> None:
    with _Cut(socket_of(shop_server)) as relay:
        integration_id = add_at(world, relay.port, "shop")
        whole = relay.left
        first = extract(world, integration_id)
        assert first.state is RunState.SUCCEEDED
        length, stored = whole - relay.left, catalog.counts(world.alice)[integration_id]
        assert length > 10_000
        chosen = random.Random(20261123)
        places = sorted({1, 5, 14, length - 5, *(chosen.randrange(1, length) for _ in range(36))})
        codes: dict[str, int] = {}
        for place in places:
            relay.left = place
            run = extract(world, integration_id)
            assert run.problem is not None, place
            assert run.state is RunState.FAILED
            codes[run.problem.code] = codes.get(run.problem.code, 0) + 1
            assert catalog.counts(world.alice)[integration_id] == stored
        relay.left = 10**9
        last = extract(world, integration_id)
    assert len(places) >= 30
    assert set(codes) <= {"source.disconnected", "source.unreachable"}, codes
    assert codes["source.disconnected"] > 25
    assert last.state is RunState.SUCCEEDED
    assert last.changes["unchanged"] == first.changes["added"]


def test_an_answer_in_tiny_pieces_is_read_as_any_other(world: World, shop_server: ThrowawayServer) -> None:
    with _Cut(socket_of(shop_server)) as whole, _Trickle(socket_of(shop_server)) as relay:
        integration_id = add_at(world, whole.port, "shop")
        first = extract(world, integration_id)
        integrations.change_integration(
            actor=world.alice,
            integration_id=integration_id,
            name="shop",
            settings=settings_of(relay.port),
            secret="again",
            now=clock.now(),
        )
        second = extract(world, integration_id)
    assert second.state is RunState.SUCCEEDED
    assert second.changes["unchanged"] == first.changes["added"]


def test_a_sign_in_that_does_not_end_is_left_behind_and_not_begun_again(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(connecting, "_LEFT_BEHIND_SECONDS", 0.5)
    (case,) = [case for case in AMOUNTS if case.name == "endless work for a password"]
    with HostileServer(recording, case.change, case.greet) as server:
        for most_seconds in (2.5, 0.2):
            started = time.monotonic()
            with pytest.raises(SourceFailure) as failed:
                PostgresConnector().open(
                    settings_of(server.port),
                    Secret("x"),
                    database="shop",
                    ledger=lambda entry: None,
                    clock=now,
                )
            assert failed.value.code == "source.unreachable"
            assert time.monotonic() - started < most_seconds
