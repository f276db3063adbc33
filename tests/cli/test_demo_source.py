"""The demo's source shows something of every kind, and marked texts that must never come out of it."""

from __future__ import annotations

import dataclasses
import json
import secrets
from collections.abc import Iterator

import pytest

from fanlight.cli.demo_source import CLINIC, read_parts
from fanlight.connectors.types import Asset, AssetKind
from tests.connectors.conftest import ROLE, Source
from tests.connectors.dumped import dump_differences
from tests.servers import ThrowawayServer


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    """The demo's database on the version that the demo runs on."""
    with ThrowawayServer("18", tmp_path_factory.mktemp("harbour")) as server:
        with server.connect() as connection:
            connection.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{secrets.token_hex(8)}'")
            connection.execute("CREATE DATABASE harbour")
        with server.connect("harbour") as connection:
            for _, text in read_parts():
                connection.execute(text.encode())
        yield Source(server, "harbour")


@pytest.fixture(scope="module")
def assets(harbour: Source) -> list[Asset]:
    """What a role without grants reads of it."""
    return harbour.read()


def test_it_has_something_of_every_kind(harbour: Source, assets: list[Asset]) -> None:
    assert {asset.kind for asset in assets} == set(AssetKind)
    facts = {key for asset in assets for key in asset.facts}
    assert {"triggers", "rules", "policies", "statistics", "publications", "extensions"} <= facts
    assert dump_differences(harbour, assets) == []


def test_its_marked_texts_stay_there(harbour: Source, assets: list[Asset]) -> None:
    there = harbour.server.run("pg_dump", "-d", "harbour")
    assert there.count("flrow_") > 100
    assert there.count("flliteral_") >= 15
    read = json.dumps(
        [[dataclasses.asdict(asset) for asset in assets], [str(entry) for entry in harbour.ledger]]
    )
    assert "flrow_" not in read
    assert "flliteral_" not in read


@pytest.fixture(scope="module")
def clinic(harbour: Source) -> Source:
    """The demo's second database, beside the first."""
    with harbour.server.connect() as connection:
        connection.execute("CREATE DATABASE lindenhof")
    with harbour.server.connect("lindenhof") as connection:
        for _, text in read_parts(CLINIC):
            connection.execute(text.encode())
    return Source(harbour.server, "lindenhof")


def test_the_second_source_is_worth_reading(clinic: Source) -> None:
    assets = clinic.read()
    assert sum(len(asset.columns) for asset in assets) > 250
    assert sum(asset.comment is not None for asset in assets) > 30
    assert {AssetKind.VIEW, AssetKind.MATERIALIZED_VIEW, AssetKind.FUNCTION} <= {one.kind for one in assets}
    assert dump_differences(clinic, assets) == []
