"""Reading the catalogue: pages, crumbs, subtrees, hostile names, other organizations."""

from __future__ import annotations

import pytest

from fanlight.catalog import queries, services
from fanlight.connectors.types import Asset, AssetKind
from fanlight.core.errors import NotFound, WrongUse
from fanlight.core.identifiers import IntegrationId, join_path
from fanlight.discovery.queries import search
from fanlight.extraction import services as extraction
from fanlight.extraction.models import Run
from fanlight.extraction.types import RunState
from fanlight.foundation import clock
from fanlight.tenancy.scope import scope
from tests.conftest import World
from tests.sources import Source, add, source

__all__ = ["source"]
HOSTILE = [
    "<script>alert(1)</script>",
    "../../etc",
    'quo"te',
    "back\\slash",
    "dot.ted",
    "sp ace",
    "line\nbreak",
    "\u202eright-to-left",
    "\x1b[31mred",
    "percent%s%(x)s",
    "'; DROP TABLE catalog_asset; --",
    "Größe",
    "表",
    "x" * 1000,
    "_",
    "%",
]


def _store(world: World, integration_id: IntegrationId, assets: list[Asset]) -> None:
    run_id = extraction.request_run(
        actor=world.alice, integration_id=integration_id, is_deferred=False, now=clock.now()
    )
    with world.as_worker():
        arrivals = services.open_arrivals(
            organization_id=world.a, integration_id=integration_id, run_id=run_id, lease=clock.uuid7()
        )
        services.arrive(arrivals, assets)
        with scope(world.a):
            services.propose(arrivals, approved_run_id=None, now=clock.now())
            services.merge(arrivals, now=clock.now())
            Run.objects.filter(organization_id=world.a, id=run_id).update(state=RunState.SUCCEEDED)


def _tables(count: int) -> list[Asset]:
    parents = [Asset(AssetKind.DATABASE, ("db",)), Asset(AssetKind.SCHEMA, ("db", "s"))]
    return parents + [
        Asset(
            AssetKind.TABLE,
            ("db", "s", f"t{number:05}"),
            columns=[["id", 1, "bigint", False, None, None, None]],
        )
        for number in range(count)
    ]


@pytest.fixture
def integration_id(world: World, source: Source) -> IntegrationId:
    return add(world, source)


def test_children_come_in_pages_that_miss_and_repeat_nothing(
    world: World, integration_id: IntegrationId
) -> None:
    _store(world, integration_id, _tables(1000))
    seen: list[str] = []
    after: str | None = None
    while True:
        page = queries.children(world.bob, integration_id, "db.s", after=after, most=150)
        assert page.total == 1000
        seen += [one.name for one in page.assets]
        if page.next_after is None:
            break
        after = page.next_after
    assert seen == [f"t{number:05}" for number in range(1000)]


def test_children_can_be_narrowed_to_part_of_a_name(world: World, integration_id: IntegrationId) -> None:
    _store(world, integration_id, _tables(50))
    page = queries.children(world.bob, integration_id, "db.s", containing="0004")
    assert [one.name for one in page.assets] == ["t00004", *[f"t0004{number}" for number in range(10)]]
    assert queries.children(world.bob, integration_id, "db.s", containing="%").total == 0


def test_columns_come_in_pages_in_the_sources_order(world: World, integration_id: IntegrationId) -> None:
    wide = Asset(
        AssetKind.TABLE,
        ("db", "s", "wide"),
        columns=[
            [f"c{n}", n, "text", True, None, None, {"identity": "always"} if n == 1 else None]
            for n in range(1, 1501)
        ],
    )
    _store(world, integration_id, [*_tables(0), wide])
    asset = queries.asset_at(world.bob, "shop.db.s.wide")
    seen, after = [], 0
    while True:
        page = queries.columns(world.bob, asset.id, after=after)
        seen += page.columns
        if page.next_after is None:
            break
        after = page.next_after
    assert [one.name for one in seen] == [f"c{n}" for n in range(1, 1501)]
    assert (seen[0].extra, seen[1].extra) == ({"identity": "always"}, {})


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_stored_found_and_shown_as_it_is(
    world: World, integration_id: IntegrationId, name: str
) -> None:
    table = Asset(
        AssetKind.TABLE,
        ("db", "s", name),
        comment=f"comment {name}",
        facts={"owner": name},
        columns=[[name, 1, "text", True, name, name, {"collation": name}]],
    )
    _store(world, integration_id, [*_tables(0), table])
    asset = queries.asset_at(world.bob, join_path("shop", "db", "s", name))
    assert (asset.name, asset.comment, asset.facts) == (name, f"comment {name}", {"owner": name})
    column = queries.columns(world.bob, asset.id).columns[0]
    assert (column.name, column.default, column.extra) == (name, name, {"collation": name})
    found = search(world.bob, join_path("shop", "db", "s", name))
    assert not found or found[0].path.startswith("shop.")


def test_a_nul_from_a_lying_source_does_not_stop_the_run(world: World, integration_id: IntegrationId) -> None:
    lying = Asset(
        AssetKind.TABLE,
        ("db", "s", "lying"),
        comment="a\x00b",
        facts={"owner": "a\x00b"},
        columns=[["c", 1, "te\x00xt", True, None, None, None]],
    )
    _store(world, integration_id, [*_tables(0), lying])
    assert queries.asset_at(world.bob, "shop.db.s.lying").comment == "a\ufffdb"


def test_a_text_that_spells_out_an_escape_is_kept_as_it_is(
    world: World, integration_id: IntegrationId
) -> None:
    spelled = "a \\u0000 b \\\\u0000"
    table = Asset(
        AssetKind.TABLE,
        ("db", "s", "spelling"),
        comment=spelled,
        facts={"owner": spelled},
        columns=[["c", 1, "text", True, None, spelled, None]],
    )
    _store(world, integration_id, [*_tables(0), table])
    asset = queries.asset_at(world.bob, "shop.db.s.spelling")
    column = queries.columns(world.bob, asset.id).columns[0]
    assert (asset.comment, asset.facts["owner"], column.comment) == (spelled, spelled, spelled)


def test_what_comes_back_as_another_kind_inherits_nothing(
    world: World, integration_id: IntegrationId
) -> None:
    path = ("db", "s", "thing")
    view = Asset(AssetKind.VIEW, path, comment="a view", facts={"definition": "SELECT"})
    _store(world, integration_id, [*_tables(0), view])
    _store(world, integration_id, _tables(0))
    _store(
        world,
        integration_id,
        [*_tables(0), Asset(AssetKind.TABLE, path, facts={"owner": "o"}, not_seen="locked")],
    )
    asset = queries.asset_at(world.bob, "shop.db.s.thing")
    assert (asset.kind, asset.facts, asset.comment, asset.not_seen) == (
        "table",
        {"owner": "o"},
        None,
        "locked",
    )


def test_an_estimate_beyond_all_measure_does_not_stop_the_run(
    world: World, integration_id: IntegrationId
) -> None:
    for rows in (1, 2**63 - 1, 5):
        table = Asset(AssetKind.TABLE, ("db", "s", "big"), row_estimate=rows, size_bytes=rows)
        _store(world, integration_id, [*_tables(0), table])
        assert queries.asset_at(world.bob, "shop.db.s.big").row_estimate == rows


def test_another_organization_sees_none_of_it(world: World, integration_id: IntegrationId) -> None:
    _store(world, integration_id, _tables(3))
    asset = queries.asset_at(world.bob, "shop.db.s.t00001")
    with pytest.raises(NotFound):
        queries.asset(world.charlie, asset.id)
    with pytest.raises(NotFound):
        queries.asset_at(world.charlie, "shop.db.s.t00001")
    assert queries.columns(world.charlie, asset.id).columns == []
    assert queries.children(world.charlie, integration_id, "db.s").total == 0
    assert queries.counts(world.charlie) == {}


def test_the_way_to_an_asset_begins_at_its_integration(world: World, integration_id: IntegrationId) -> None:
    _store(world, integration_id, _tables(1))
    asset = queries.asset_at(world.bob, "shop.db.s.t00000")
    way = queries.crumbs(asset, queries.located(world.bob, integration_id, queries.way_to(asset)))
    assert [one.name for one in way] == ["shop", "db", "s"]


def test_everything_below_comes_parents_first_with_its_columns(
    world: World, integration_id: IntegrationId
) -> None:
    _store(world, integration_id, _tables(450))
    start = queries.asset_at(world.bob, "shop.db")
    seen = list(queries.descend(world.bob, start))
    assert [one.kind for one, _ in seen[:3]] == ["database", "schema", "table"]
    assert len(seen) == 452
    assert all([column.name for column in columns] == ["id"] for one, columns in seen[2:])


@pytest.mark.parametrize("path", ["", ".", "shop..", '"', "shop.db."])
def test_what_is_no_path_is_refused(world: World, path: str) -> None:
    with pytest.raises(WrongUse):
        queries.asset_at(world.bob, path)


def test_counts_are_by_integration_and_kind(world: World, integration_id: IntegrationId) -> None:
    _store(world, integration_id, _tables(5))
    assert queries.counts(world.bob) == {
        integration_id: {"database": 1, "schema": 1, "table": 5, "column": 5}
    }


def test_counts_follow_each_run_that_changes_them(world: World, integration_id: IntegrationId) -> None:
    def counted() -> dict[str, int]:
        return queries.counts(world.bob)[integration_id]

    _store(world, integration_id, _tables(5))
    assert counted() == {"database": 1, "schema": 1, "table": 5, "column": 5}
    _store(world, integration_id, _tables(5))
    assert counted()["table"] == 5
    _store(world, integration_id, _tables(7))
    assert counted()["table"] == 7
    _store(world, integration_id, _tables(3))
    assert counted()["table"] == 3
    wider = [
        Asset(
            AssetKind.TABLE,
            ("db", "s", "t00000"),
            columns=[["id", 1, "int", False], ["more", 2, "int", True]],
        )
    ]
    _store(world, integration_id, [*_tables(3)[:2], *wider, *_tables(3)[3:]])
    assert counted() == {"database": 1, "schema": 1, "table": 3, "column": 4}
    assert queries.counts(world.charlie) == {}
