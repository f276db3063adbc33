"""The pages of functions, sequences and types, and what is attached to tables, schemas and databases."""

from __future__ import annotations

import re
from typing import Any

from fanlight.connectors.types import Asset, AssetKind
from tests.conftest import World
from tests.portal.conftest import Filled, fill
from tests.portal.sample import relation

HX = {"HX-Request": "true"}


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_function_shows_how_it_is_called_and_never_what_it_does(
    world: World, filled: Filled, browse: Any
) -> None:
    at = filled.assets
    mood = f'href="/assets/{at["shop.sales.mood"]}/"'
    bump = at['shop.sales."bump(integer, sales.mood)"']
    page = text(browse(world.alice).get(f"/assets/{bump}/"))
    assert "bump(&quot;by how&quot; integer DEFAULT (? + ?), INOUT sales.mood)" in page
    assert "Goes up." in page
    assert "of the extension <bdi>bumping</bdi>" in page
    assert "runs with its owner&#x27;s rights" in page
    assert "kept as a digest" in page
    assert "Columns of the result" in page
    assert page.count(mood) == 1  # the argument's; the columns are what it returns
    assert "never read" in page


def test_a_long_signature_stands_on_lines_of_its_own(world: World, filled: Filled, browse: Any) -> None:
    (close,) = [ident for locator, ident in filled.assets.items() if "close(" in locator]
    page = text(browse(world.alice).get(f"/assets/{close}/"))
    assert "close(\n    argument_0 text,\n    argument_1 text" in page
    assert "procedure" in page


def test_an_aggregate_of_everything_says_so(world: World, filled: Filled, browse: Any) -> None:
    longest = filled.assets['shop.sales."longest(*)"']
    assert "longest(*)" in text(browse(world.alice).get(f"/assets/{longest}/"))


def test_a_sequence_leads_to_the_column_that_owns_it(world: World, filled: Filled, browse: Any) -> None:
    at = filled.assets
    page = text(browse(world.alice).get(f"/assets/{at['shop.sales.tickets']}/"))
    assert f'href="/assets/{at["shop.sales.orders"]}/"' in page
    assert "9,223,372,036,854,775,807" in page
    assert "begins again" in page
    assert "Where it stands is data" in page


def test_a_domain_shows_its_checks_and_says_what_was_denied(
    world: World, filled: Filled, browse: Any
) -> None:
    page = text(browse(world.alice).get(f"/assets/{filled.assets['shop.sales.code']}/"))
    assert "CHECK (length(VALUE) &lt; ?)" in page
    assert "upper(?)" in page
    assert f'href="/assets/{filled.assets["shop.sales.mood"]}/"' in page
    assert "not open to this credential" in page


def test_a_range_and_a_composite_type_have_pages(world: World, filled: Filled, browse: Any) -> None:
    alice, at = browse(world.alice), filled.assets
    assert "numeric" in text(alice.get(f"/assets/{at['shop.sales.spans']}/"))
    address = text(alice.get(f"/assets/{at['shop.sales.address']}/"))
    assert ">street<" in address
    assert "&lt;b&gt;" in address
    assert "composite type" in address


def test_what_is_attached_to_a_table_has_parts_of_its_own(world: World, filled: Filled, browse: Any) -> None:
    alice, at = browse(world.alice), filled.assets
    guarded = f"/assets/{at['shop.sales.guarded']}/"
    triggers = text(alice.get(guarded + "triggers/"))
    assert "before insert or update of id, for each row" in triggers
    assert "(new.id &gt; ?)" in triggers
    assert "disabled" in triggers
    assert "kept as a digest" in triggers
    watch = at['shop.sales."watch()"']
    assert f'href="/assets/{watch}/"' in triggers
    assert "CREATE RULE" in triggers
    policies = text(alice.get(guarded + "policies/"))
    assert "(owner = ?)" in policies
    assert "Row security is on: without a policy" in policies
    details = text(alice.get(guarded + "details/"))
    assert "the whole old row" in details
    assert "where (id &gt; ?)" in details
    assert "&quot;a b&quot;, f(?)" in details
    assert alice.get(f"/assets/{at['shop.sales.orders']}/policies/").status_code == 404


def test_a_database_shows_what_belongs_to_no_schema(world: World, filled: Filled, browse: Any) -> None:
    page = text(browse(world.alice).get(f"/assets/{filled.assets['shop']}/"))
    for word in (
        "postgis",
        "postgres_fdw",
        "host; their values are not read",
        "all tables",
        "inward",
        "ddl command end",
    ):
        assert word in page, word
    schema = text(browse(world.alice).get(f"/assets/{filled.assets['shop.sales']}/"))
    assert "Published as a whole by" in schema


def test_a_columns_type_leads_to_its_page(world: World, browse: Any) -> None:
    columns = [
        [name, place, type_, True, None, None, None]
        for place, (name, type_) in enumerate(
            {
                "a": "sales.mood[]",
                "b": "numeric(3,1)",
                "c": 'sales."Odd (3) type"',
                "d": "sales.gone",
                "e": '"',
            }.items(),
            1,
        )
    ]
    filled = fill(
        world,
        [
            Asset(AssetKind.ENUM, ("shop", "sales", "mood"), facts={"labels": []}),
            Asset(AssetKind.DOMAIN, ("shop", "sales", "Odd (3) type"), facts={"type": "text"}),
            relation("t", columns=columns),
        ],
    )
    page = text(browse(world.alice).get(f"/assets/{filled.assets['shop.sales.t']}/"))
    assert f'<a href="/assets/{filled.assets["shop.sales.mood"]}/"><bdi>sales.mood[]</bdi></a>' in page
    assert "<bdi>sales.gone</bdi>" in page


def test_a_long_list_is_narrowed_by_kind(world: World, browse: Any) -> None:
    filled = fill(
        world,
        [
            Asset(AssetKind.DATABASE, ("shop",)),
            Asset(AssetKind.SCHEMA, ("shop", "sales")),
            *[relation(f"t{place:04d}") for place in range(3000)],
            *[
                Asset(AssetKind.FUNCTION, ("shop", "sales", f"f{place:04d}(text)"), facts={"arguments": []})
                for place in range(1500)
            ],
            Asset(AssetKind.SEQUENCE, ("shop", "sales", "z")),
        ],
    )
    alice, address = browse(world.alice), f"/assets/{filled.assets['shop.sales']}/"
    page = text(alice.get(address))
    assert re.findall(
        r'<a href="\?(?:show=(\w+)&amp;)?containing="[^>]*>(\w+) <span class="soft">([\d,]+)<', page
    ) == [
        ("", "All", "4,501"),
        ("tables", "Tables", "3,000"),
        ("functions", "Functions", "1,500"),
        ("sequences", "Sequences", "1"),
    ]
    query, seen = "?show=functions", 0
    while True:
        page = text(alice.get(address + query))
        assert ">t0000<" not in page
        seen += len(re.findall(r"<bdi>f\d{4}\(text\)</bdi>", page))
        more = re.search(r'<a href="(\?after=[^"]+)" hx-get', page)
        if more is None:
            break
        query = more[1].replace("&amp;", "&")
    assert seen == 1500
    narrowed = text(
        alice.get(address, {"show": "functions", "containing": "12"}, headers=HX | {"HX-Target": "children"})
    )
    assert "f0012(text)" in narrowed
    assert "t0012" not in narrowed
    assert 'name="show" value="functions"' in narrowed
    assert text(alice.get(address, {"show": "nonsense"})).count("<bdi>f0000(text)</bdi>") == 1


def test_facts_of_a_shape_that_is_not_known_break_no_page(world: World, browse: Any) -> None:
    odd = {"news": {"deep": [1]}, "comment": 3}
    filled = fill(
        world,
        [
            Asset(
                AssetKind.DATABASE,
                ("shop",),
                facts={"extensions": [{}], "publications": [odd], "event_triggers": [{}]},
            ),
            *[
                Asset(kind, ("shop", "sales", kind.value), facts=odd)
                for kind in AssetKind
                if kind not in (AssetKind.DATABASE, AssetKind.SCHEMA)
            ],
            relation(
                "t",
                facts={
                    "triggers": [{}],
                    "rules": [{}],
                    "policies": [{}],
                    "statistics": [{}],
                    "publications": [{}],
                },
            ),
        ],
    )
    alice = browse(world.alice)
    for locator, ident in filled.assets.items():
        assert alice.get(f"/assets/{ident}/").status_code == 200, locator
    for part in ("triggers", "policies", "details"):
        assert alice.get(f"/assets/{filled.assets['shop.sales.t']}/{part}/").status_code == 200, part
