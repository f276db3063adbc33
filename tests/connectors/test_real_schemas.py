"""Real input: Airflow's, Superset's and MLflow's own databases, on PostgreSQL 15 and 18, read without any grant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from fanlight.connectors.types import Asset
from tests.connectors.conftest import Source
from tests.connectors.dumped import dump_differences
from tests.connectors.oracle import Oracle, described, differences
from tests.connectors.real_schemas import PROGRAMS, Program
from tests.servers import ThrowawayServer


@pytest.fixture(
    scope="module",
    params=[pytest.param(one, marks=getattr(pytest.mark, one.name), id=one.name) for one in PROGRAMS],
)
def program(request: pytest.FixtureRequest) -> Program:
    found: Program = request.param
    return found


@pytest.fixture(scope="module")
def own(
    program: Program, server: ThrowawayServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Source]:
    """The program's database."""
    base = tmp_path_factory.getbasetemp()
    is_worker = base.name.startswith("popen-")
    yield program.make(server, base.parent if is_worker else base)
    program.drop(server)


@pytest.fixture(scope="module")
def assets(own: Source) -> list[Asset]:
    """What a role without grants reads of it."""
    return own.read()


def test_what_is_read_equals_what_the_owner_reads(own: Source, assets: list[Asset]) -> None:
    with own.superuser() as connection:
        expected = Oracle(connection).read()
    assert differences(described(assets), expected) == []
    assert dump_differences(own, assets) == []
    assert own.not_seen == []
    assert own.unlisted == []


def test_the_database_is_not_trivial(program: Program, assets: list[Asset]) -> None:
    found = Counter(asset.kind.value for asset in assets)
    for asset in assets:
        found.update(
            one["kind"] for one in [*asset.facts.get("keys", ()), *asset.facts.get("constraints", ())]
        )
        found["index"] += len(asset.facts.get("indexes", ()))
        found["column"] += len(asset.columns)
        found["default"] += sum(column[4] is not None for column in asset.columns)
    assert {name: found[name] for name, least in program.least.items() if found[name] < least} == {}


def test_a_change_is_a_difference(program: Program, own: Source, assets: list[Asset]) -> None:
    own.execute(program.change)
    with own.superuser() as connection:
        found = differences(described(assets), Oracle(connection).read())
    assert len(found) == 1
    assert program.changed in found[0]
