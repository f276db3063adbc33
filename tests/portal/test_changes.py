"""What changed, as pages show it: by day and run, narrowed, between two days, and whatever the source calls things."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from fanlight.catalog import queries as catalog
from fanlight.catalog import services as catalog_services
from fanlight.connectors.types import Asset, AssetKind
from fanlight.core.identifiers import IntegrationId
from fanlight.foundation import clock
from tests.conftest import World
from tests.portal.addresses import NOBODY
from tests.portal.conftest import Filled, alter, fill, merge
from tests.portal.sample import HOSTILE, TRICK, relation


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def _shop(*relations: Asset) -> list[Asset]:
    return [Asset(AssetKind.DATABASE, ("shop",)), Asset(AssetKind.SCHEMA, ("shop", "sales")), *relations]


def _column(name: str, type_text: str = "integer", *, is_nullable: bool = True) -> list[Any]:
    return [name, 1, type_text, is_nullable, None, None, None]


@pytest.fixture
def orders(world: World) -> Filled:
    """A source whose one table has changed twice, and another went."""
    filled = fill(world, _shop(relation("orders", columns=[_column("id")]), relation("old")))
    merge(world, filled.integration_id, _shop(relation("orders", columns=[_column("id", "bigint")])))
    index = {"indexes": [{"name": "by_id", "method": "btree", "keys": [{"column": "id", "order": "desc"}]}]}
    columns = [_column("id", "bigint", is_nullable=False), ["note", 2, "text", True, None, None, None]]
    merge(world, filled.integration_id, _shop(relation("orders", columns=columns, facts=index)))
    return filled


def _at(integration_id: IntegrationId, page: str = "changes") -> str:
    return f"/integrations/{integration_id}/{page}/"


def test_a_source_shows_its_changes_by_day_and_run(world: World, orders: Filled, browse: Any) -> None:
    answer = browse(world.bob).get(_at(orders.integration_id))
    page = text(answer)
    assert clock.now().strftime("%-d %B %Y") in page
    assert "First extraction : 2 tables, 1 database, 1 schema" in page
    assert "1 column changed, 1 table removed" in page
    assert "shop.sales.orders changed column id : type integer → is now bigint" in page
    assert "shop.sales.orders changed column id : null may be null → is now not null" in page
    assert "added index by_id btree (id descending)" in page
    assert "added column note text" in page
    assert page.index("by_id") < page.index("integer")
    html = answer.content.decode()
    assert f'href="/assets/{orders.assets["shop.sales.orders"]}/"' in html
    assert f'href="/assets/{orders.assets["shop.sales.old"]}/"' not in html


def _view(definition: str) -> Asset:
    return relation("open", kind=AssetKind.VIEW, facts={"definition": definition})


def test_texts_of_several_lines_are_shown_line_by_line(world: World, browse: Any) -> None:
    filled = fill(world, _shop(_view("SELECT id\n FROM orders\n WHERE <paid>")))
    merge(world, filled.integration_id, _shop(_view("SELECT id\n FROM orders\n WHERE <sent>")))
    html = browse(world.bob).get(_at(filled.integration_id)).content.decode()
    assert "<span>SELECT id</span><span> FROM orders</span>" in html
    assert '<del><span class="unseen">was: </span> WHERE &lt;paid&gt;</del>' in html
    assert '<ins><span class="unseen">is now: </span> WHERE &lt;sent&gt;</ins>' in html


def test_a_list_is_narrowed_by_kind_and_by_days(world: World, orders: Filled, browse: Any) -> None:
    bob, address = browse(world.bob), _at(orders.integration_id)
    page = text(bob.get(address, {"show": "removed"}))
    assert "shop.sales.old" in page
    assert "bigint" not in page
    yesterday = (clock.now() - timedelta(days=1)).date().isoformat()
    page = text(bob.get(address, {"from": "2001-01-01", "to": yesterday}))
    assert "No run has found that in this time" in page
    assert "shop.sales.old" in text(bob.get(address, {"from": yesterday}))


@pytest.mark.parametrize(
    ("first", "last", "problem"),
    [
        ("2026-13-01", "2026-11-02", "Write each day"),
        ("yesterday", "", "Write each day"),
        ("0001-01-01", "", "Write each day"),
        ("9999-12-31", "", "Write each day"),
        ("2026-11-03", "2026-11-02", "after the second"),
    ],
)
def test_wrong_days_are_told_and_kept(
    world: World, orders: Filled, browse: Any, first: str, last: str, problem: str
) -> None:
    for page in ("changes", "difference"):
        answer = browse(world.bob).get(
            _at(orders.integration_id, page), {"from": first, "to": last or "2026-11-02"}
        )
        assert answer.status_code == 400
        assert problem in text(answer)
        assert f'value="{first}"' in answer.content.decode()


def test_the_difference_says_what_is_left_of_it(world: World, orders: Filled, browse: Any) -> None:
    merge(world, orders.integration_id, _shop(relation("orders", columns=[_column("id")])))
    page = text(browse(world.bob).get(_at(orders.integration_id, "difference")))
    assert "shop.sales.old removed table" in page
    assert "by_id" not in page
    assert "bigint" not in page
    assert "extracted for the first time" in page
    page = text(
        browse(world.bob).get(
            _at(orders.integration_id, "difference"), {"from": "2001-01-01", "to": "2001-01-02"}
        )
    )
    assert "nothing is different" in page


def test_a_table_and_what_holds_it_show_theirs(world: World, orders: Filled, browse: Any) -> None:
    bob = browse(world.bob)
    page = text(bob.get(f"/assets/{orders.assets['shop.sales.orders']}/changes/"))
    assert "Columns" in page
    assert "integer → is now bigint" in page
    assert "sales.old" not in page
    page = text(bob.get(f"/assets/{orders.assets['shop.sales']}/changes/"))
    assert "shop.sales.old" in page
    assert "integer → is now bigint" in page
    assert f"/assets/{orders.assets['shop.sales']}/changes/" in (
        bob.get(f"/assets/{orders.assets['shop.sales']}/").content.decode()
    )


def test_nothing_has_changed_yet(world: World, browse: Any) -> None:
    filled = fill(world, _shop(relation("orders")))
    page = text(browse(world.bob).get(f"/assets/{filled.assets['shop.sales.orders']}/changes/"))
    assert "No run has found a change of it since it was first seen" in page
    assert "Recent changes" not in text(browse(world.bob).get("/"))
    with world.catalogue.connect("postgres") as session:
        session.execute("DELETE FROM catalog_changeset WHERE organization_id = %s", [world.a])
    assert "No run has found a change yet" in text(browse(world.bob).get(_at(filled.integration_id)))


def test_the_first_page_shows_the_latest(world: World, orders: Filled, browse: Any) -> None:
    page = text(browse(world.bob).get("/"))
    assert "Recent changes at the sources" in page
    assert "orders-prod.shop.sales.orders" not in page  # quoted as SQL quotes it
    assert "&quot;orders-prod&quot;.shop.sales.orders" in page


def test_many_changes_come_page_by_page(world: World, browse: Any) -> None:
    filled = fill(world, _shop())
    merge(world, filled.integration_id, _shop(*[relation(f"t{place:03}") for place in range(250)]))
    bob, address, query, seen, pages = browse(world.bob), _at(filled.integration_id), "", [], 0
    while pages < 5:
        html = bob.get(address + query).content.decode()
        seen += re.findall(r"shop\.sales\.(t\d{3})", html)
        pages += 1
        more = re.search(r'<a href="(\?[^"]*after=[^"]+)">Older', html)
        if more is None:
            break
        query = more[1].replace("&amp;", "&")
    assert (pages, seen) == (3, [f"t{place:03}" for place in range(250)])
    html = bob.get(_at(filled.integration_id, "difference")).content.decode()
    assert 'after=100">Show more' in html
    # What is no page of it shows the first one.
    assert "t000" in text(bob.get(address + "?after=nonsense.7"))


def test_what_is_not_kept_is_said(
    world: World, orders: Filled, browse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog_services, "MOST_NOTED", 2)
    merge(world, orders.integration_id, _shop(*[relation(f"t{place:03}") for place in range(5)]))
    page = text(browse(world.bob).get(_at(orders.integration_id)))
    assert "Of its 6 lines the 2 weightiest are kept" in page
    page = text(browse(world.bob).get(_at(orders.integration_id, "difference")))
    assert "A run found 6 differences just now , of which 2 are kept" in page
    assert "not whole" in page


def test_names_of_a_hostile_source_are_printed_and_do_nothing(
    world: World, filled: Filled, browse: Any
) -> None:
    alter(world, filled)
    for address in (_at(filled.integration_id), _at(filled.integration_id, "difference"), "/"):
        html = browse(world.bob).get(address).content.decode()
        assert HOSTILE not in html
        assert TRICK not in html
    html = browse(world.bob).get(_at(filled.integration_id)).content.decode()
    assert "\\u202e" in html
    assert "&lt;script&gt;" in html


def test_a_stranger_is_told_that_there_is_nothing(world: World, orders: Filled, browse: Any) -> None:
    charlie = browse(world.charlie)
    for address in (
        _at(orders.integration_id),
        _at(orders.integration_id, "difference"),
        f"/assets/{orders.assets['shop.sales.orders']}/changes/",
        f"/assets/{NOBODY}/changes/",
    ):
        assert charlie.get(address).status_code == 404
    assert catalog.changes(world.charlie).runs == []


def test_a_fact_of_another_shape_is_a_change_like_any(world: World, browse: Any) -> None:
    filled = fill(world, _shop(relation("odd", facts={"labels": ["a"]})))
    shapes: list[Any] = [
        {"name": "x"},
        "word",
        [{"name": "a"}, {"name": "a", "is_unique": True}],
        [{"name": 7}],
        [["a"], "b", None, {"name": "c"}],
        [],
        None,
        ["b", "b"],
    ]
    for facts in shapes:
        merge(world, filled.integration_id, _shop(relation("odd", facts={"labels": facts})))
    merge(world, filled.integration_id, _shop(relation("odd")))
    runs = catalog.changes(world.bob, integration_id=filled.integration_id).runs
    assert len(runs) == len(shapes) + 2
    assert all(lines for _, lines in runs[:-1])
    for page in ("changes", "difference"):
        assert browse(world.bob).get(_at(filled.integration_id, page)).status_code == 200
