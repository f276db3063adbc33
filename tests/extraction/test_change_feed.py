"""What runs have changed, run by run: newest first, narrowed, paged, limited, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest

from fanlight.catalog import queries as catalog
from fanlight.catalog import services as catalog_services
from fanlight.catalog.types import Action
from fanlight.core.errors import NotFound
from fanlight.core.identifiers import IntegrationId
from fanlight.extraction import services
from fanlight.foundation import clock
from fanlight.integrations import queries as integrations
from tests.conftest import World
from tests.extraction.changing import (
    FIRST_DAY,
    LAST_DAY,
    after_running,
    net_of,
    sets_of,
    shop,
)
from tests.sources import Source, extract, source

__all__ = ["shop", "source"]


def test_a_first_run_is_one_line_with_its_assets_by_kind(world: World, shop: IntegrationId) -> None:
    ((first, lines),) = catalog.changes(world.alice, integration_id=shop).runs
    assert first.is_first
    assert lines == []
    assert {what: count for _, what, count in first.counts} == {
        "database": 1,
        "schema": 2,
        "table": 3,
        "view": 1,
        "enum": 1,
    }


def test_an_unchanged_run_writes_nothing(world: World, shop: IntegrationId) -> None:
    extract(world, shop)
    assert len(sets_of(world, shop)) == 1


def test_the_feed_is_newest_first_narrowed_and_paged(
    world: World, source: Source, shop: IntegrationId
) -> None:
    moments = []
    for step in range(3):
        moments.append(clock.now())
        after_running(
            world,
            source,
            shop,
            f"CREATE TABLE sales.t{step}_a (id int); CREATE TABLE sales.t{step}_b (id int)",
        )
    after_running(world, source, shop, "DROP TABLE sales.t0_a")
    seen: list[str] = []
    after = None
    while True:
        page = catalog.changes(world.alice, integration_id=shop, after=after, most=2)
        seen += [one.locator.rpartition(".")[2] for _, lines in page.runs for one in lines]
        if page.next_after is None:
            break
        after = page.next_after
    assert seen == ["t0_a", "t2_a", "t2_b", "t1_a", "t1_b", "t0_a", "t0_b"]
    assert page.runs[-1][0].is_first

    def names(**narrowed: Any) -> list[str]:
        found = catalog.changes(world.alice, integration_id=shop, **narrowed).runs
        return [one.locator.rpartition(".")[2] for _, lines in found for one in lines]

    assert names(actions=[Action.REMOVED]) == ["t0_a"]
    assert names(since=moments[1], until=moments[2]) == ["t1_a", "t1_b"]
    assert names(below=f"{source.database}.sales.t1_a") == ["t1_a"]
    assert len(names(below=f"{source.database}.sales")) == 7
    assert names(below=f"{source.database}.sale") == []


def test_beyond_the_limits_the_figures_stay_and_say_so(
    world: World, source: Source, shop: IntegrationId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog_services, "MOST_NOTED", 3)
    monkeypatch.setattr(catalog_services, "MOST_KEPT", 4)
    wide = "".join(f"ALTER TABLE sales.customers ADD COLUMN c{number} int;" for number in range(5))
    found = after_running(
        world, source, shop, wide + "CREATE TABLE sales.zzz (id int); DROP TABLE sales.gone_soon"
    )
    assert [one[0] for one in found] == ["sales.gone_soon", "sales.zzz", "sales.customers"]
    latest = sets_of(world, shop)[0]
    assert (latest.total, latest.kept) == (7, 3)
    assert latest.counts[0] == ("added", "column", 5)
    assert [one.run_id for one in net_of(world, shop).partial][-1] == latest.run_id
    after_running(world, source, shop, "CREATE TABLE sales.y1 (id int); CREATE TABLE sales.y2 (id int)")
    older = sets_of(world, shop)[1]
    assert (older.run_id, older.total, older.kept) == (latest.run_id, 7, 0)
    with world.catalogue.connect("postgres") as session:
        lines = session.execute("SELECT count(*) FROM catalog_change WHERE organization_id = %s", [world.a])
        assert lines.fetchone() == (2,)


def test_another_organization_sees_none_of_it(world: World, source: Source, shop: IntegrationId) -> None:
    after_running(world, source, shop, "DROP TABLE sales.gone_soon")
    assert catalog.changes(world.charlie).runs == []
    assert catalog.changes(world.charlie, integration_id=shop).runs == []
    with pytest.raises(NotFound):
        catalog.difference(world.charlie, shop, since=FIRST_DAY, until=LAST_DAY)
    asset = catalog.asset_at(world.alice, f"shop.{source.database}.sales.orders")
    assert catalog.changes(world.charlie, asset_id=asset.id).runs == []
    assert len(catalog.changes(world.bob).runs) == 2


def test_deleting_the_source_erases_its_changes(world: World, source: Source, shop: IntegrationId) -> None:
    after_running(world, source, shop, "DROP TABLE sales.gone_soon")
    name = integrations.integration(world.alice, shop).name
    services.delete_integration(actor=world.alice, integration_id=shop, typed_name=name, now=clock.now())
    assert catalog.changes(world.alice).runs == []
    with world.as_worker():
        assert services.erase_integration(organization_id=world.a, integration_id=shop)
    with world.catalogue.connect("postgres") as session:
        for table in ("catalog_change", "catalog_changeset"):
            left = session.execute(f"SELECT count(*) FROM {table} WHERE organization_id = %s", [world.a])
            assert left.fetchone() == (0,), table


def test_a_source_that_was_known_before_changes_were_noted_is_not_new(
    world: World, source: Source, shop: IntegrationId
) -> None:
    with world.catalogue.connect("postgres") as session:
        session.execute("DELETE FROM catalog_changeset WHERE organization_id = %s", [world.a])
    found = after_running(world, source, shop, "CREATE TABLE sales.new_one (id int)")
    assert [one[:5] for one in found] == [("sales.new_one", "", "", "", "added")]
    assert not sets_of(world, shop)[0].is_first
