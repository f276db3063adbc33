"""From the sources down to the columns, with nothing, one thing and a thousand."""

from __future__ import annotations

import re
from typing import Any

import pytest

from fanlight.connectors.types import Asset, AssetKind
from fanlight.portal.views import relations
from tests.conftest import World
from tests.portal.conftest import Filled, fill
from tests.portal.sample import relation

HX = {"HX-Request": "true"}


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_an_empty_organization_is_told_how_to_begin(world: World, browse: Any) -> None:
    for address in ("/", "/browse/", "/integrations/"):
        assert "Add your first integration" in text(browse(world.alice).get(address))
        page = text(browse(world.bob).get(address))
        assert "Add your first integration" not in page
        assert "Administrators" in page


def test_a_source_that_holds_nothing_says_so(world: World, browse: Any) -> None:
    filled = fill(world, [])
    assert "Nothing has been extracted yet" in text(
        browse(world.alice).get(f"/browse/{filled.integration_id}/")
    )


def test_an_empty_schema_says_so(world: World, filled: Filled, browse: Any) -> None:
    page = text(browse(world.alice).get(f"/assets/{filled.assets['shop.empty']}/"))
    assert "found nothing here" in page


def test_one_child_is_listed(world: World, browse: Any) -> None:
    filled = fill(world, [Asset(AssetKind.DATABASE, ("only",))])
    page = text(browse(world.alice).get(f"/browse/{filled.integration_id}/"))
    assert "1 in all" in page
    assert ">only<" in page
    assert "Show more" not in page


def test_a_thousand_children_come_page_by_page_by_plain_links(world: World, browse: Any) -> None:
    filled = fill(
        world,
        [
            Asset(AssetKind.DATABASE, ("shop",)),
            Asset(AssetKind.SCHEMA, ("shop", "sales")),
            *[relation(f"t {place:04d} & ?") for place in range(1000)],
        ],
    )
    alice, address = browse(world.alice), f"/assets/{filled.assets['shop.sales']}/"
    seen: list[str] = []
    query, pages = "", 0
    while True:
        page = text(alice.get(address + query))
        seen += re.findall(r"<bdi>(t \d{4}) &amp; \?</bdi>", page)
        pages += 1
        more = re.search(r'<a href="(\?after=[^"]+)" hx-get', page)
        if more is None:
            break
        query = more[1].replace("&amp;", "&")
    assert pages == 5
    assert seen == [f"t {place:04d}" for place in range(1000)]


def test_more_rows_come_as_rows(world: World, filled: Filled, browse: Any) -> None:
    address = f"/assets/{filled.assets['shop.sales']}/?after=a"
    page = text(browse(world.alice).get(address, headers=HX | {"HX-Target": "more"}))
    assert page.startswith("<tr>")


def test_a_filter_narrows_the_list_and_says_when_nothing_fits(
    world: World, filled: Filled, browse: Any
) -> None:
    alice, address = browse(world.alice), f"/assets/{filled.assets['shop.sales']}/"
    page = text(alice.get(address, {"containing": "ORDER"}))
    assert ">orders<" in page
    assert ">customers<" not in page
    page = text(alice.get(address, {"containing": "100%_"}, headers=HX | {"HX-Target": "children"}))
    assert "No name here contains" in page
    assert "<html" not in page


def test_a_relation_shows_its_columns_with_what_they_are(world: World, filled: Filled, browse: Any) -> None:
    page = text(browse(world.alice).get(f"/assets/{filled.assets['shop.sales.orders']}/"))
    assert "48.2 million" in page
    assert "Rows, estimated" in page
    assert "primary key" in page
    assert "identity, always" in page
    assert f'href="/assets/{filled.assets["shop.sales.customers"]}/"><bdi>→\u00a0customers.id</bdi>' in page
    assert "?::text" in page
    assert "One row per order." in page


def test_the_parts_of_a_relation(world: World, filled: Filled, browse: Any) -> None:
    alice, at = browse(world.alice), filled.assets
    orders = f"/assets/{at['shop.sales.orders']}/"
    keys = text(alice.get(orders + "keys/"))
    assert "on delete cascade" in keys
    assert "CHECK (id &gt; ?)" in keys
    assert "btree" in text(alice.get(orders + "indexes/"))
    assert "shopkeeper" in text(alice.get(orders + "details/"))
    definition = text(alice.get(f"/assets/{at['shop.sales.recent']}/definition/"))
    assert "SELECT id FROM sales.orders WHERE id &gt; ?" in definition
    assert "before anything was stored" in definition
    partitions = text(alice.get(f"/assets/{at['shop.sales.events']}/partitions/"))
    assert "FOR VALUES FROM (?) TO (?)" in partitions
    assert ">events_1<" in partitions
    details = text(alice.get(f"/assets/{at['shop.sales.events_1']}/details/"))
    assert f"/assets/{at['shop.sales.events']}/" in details


def test_a_part_that_is_not_there_is_not_found(world: World, filled: Filled, browse: Any) -> None:
    alice, at = browse(world.alice), filled.assets
    assert alice.get(f"/assets/{at['shop.sales.orders']}/definition/").status_code == 404
    assert alice.get(f"/assets/{at['shop.sales.orders']}/nonsense/").status_code == 404
    assert alice.get(f"/assets/{at['shop.sales']}/keys/").status_code == 404
    assert alice.get(f"/assets/{at['shop.sales.mood']}/columns/").status_code == 404


def test_as_many_columns_as_a_table_can_have_stand_on_one_page(
    world: World, filled: Filled, browse: Any
) -> None:
    page = text(browse(world.alice).get(f"/assets/{filled.assets['shop.sales.wide']}/"))
    assert re.findall(r">(c\d+)</bdi>", page) == [f"c{place}" for place in range(1, 451)]
    assert "Show more" not in page


def test_more_columns_than_that_come_in_pages(
    world: World, filled: Filled, browse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relations, "COLUMNS_AT_ONCE", 200)
    alice, wide = browse(world.alice), f"/assets/{filled.assets['shop.sales.wide']}/"
    found = [
        re.findall(r">(c\d+)</bdi>", text(alice.get(wide + query)))
        for query in ("", "?after=200", "?after=400")
    ]
    assert [len(page) for page in found] == [200, 200, 50]
    assert [name for page in found for name in page] == [f"c{place}" for place in range(1, 451)]
    rows = text(alice.get(wide + "?after=400", headers=HX))
    assert rows.startswith("<tr ")


def test_a_column_that_was_searched_for_is_on_the_page_it_opens(
    world: World, filled: Filled, browse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relations, "COLUMNS_AT_ONCE", 200)
    alice, wide = browse(world.alice), f"/assets/{filled.assets['shop.sales.wide']}/"
    page = text(alice.get(wide, {"column": "c333"}))
    assert 'class="wanted"' in page
    assert ">c333<" in page
    assert ">c1<" in text(alice.get(wide, {"column": "gone"}))


def test_an_enum_shows_its_labels_in_order(world: World, filled: Filled, browse: Any) -> None:
    page = text(browse(world.alice).get(f"/assets/{filled.assets['shop.sales.mood']}/"))
    assert page.index("glad") < page.index("&lt;sad&gt;")
    assert "2 labels" in page


def test_the_way_here_leads_up(world: World, filled: Filled, browse: Any) -> None:
    page = text(browse(world.alice).get(f"/assets/{filled.assets['shop.sales.orders']}/"))
    for target in (f"/browse/{filled.integration_id}/", f"/assets/{filled.assets['shop.sales']}/"):
        assert f'href="{target}"' in page


def test_facts_of_a_shape_that_is_not_known_break_nothing(world: World, browse: Any) -> None:
    filled = fill(
        world,
        [
            relation(
                "odd",
                columns=[["a", 1, "t", True, "digest", None, {"default_kind": "digest"}]],
                facts={
                    "keys": [{}, {"kind": "foreign", "columns": ["a"]}],
                    "indexes": [{"keys": [{"expression": None}]}],
                    "constraints": [{"definition": "abc", "definition_kind": "digest"}],
                    "news": {"deep": [1]},
                },
            )
        ],
    )
    alice, odd = browse(world.alice), f"/assets/{filled.assets['shop.sales.odd']}/"
    for part in ("", "keys/", "indexes/", "details/"):
        assert alice.get(odd + part).status_code == 200, part
    assert "kept as a digest" in text(alice.get(odd))
