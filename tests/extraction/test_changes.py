"""What runs have changed: each kind of change made at a real source, extracted, and read again."""

from __future__ import annotations

import pytest

from fanlight.catalog import queries as catalog
from fanlight.catalog.types import Action
from fanlight.core.identifiers import IntegrationId
from fanlight.foundation import clock
from tests.conftest import World
from tests.extraction.changing import (
    Said,
    after_running,
    as_said,
    latest_of,
    net_of,
    sets_of,
    shop,
)
from tests.sources import Source, extract, source

__all__ = ["shop", "source"]


def test_estimates_are_no_change(world: World, source: Source, shop: IntegrationId) -> None:
    grown = (
        "INSERT INTO sales.customers SELECT n, 'x' FROM generate_series(1, 5000) n; ANALYZE sales.customers"
    )
    assert after_running(world, source, shop, grown) == []


COLUMN = "column"
CASES: dict[str, tuple[str, list[Said]]] = {
    "a table comes": (
        "CREATE TABLE sales.new_one (id int, name text)",
        [("sales.new_one", "", "", "", "added", None, "table")],
    ),
    "a table goes": (
        "DROP TABLE sales.gone_soon",
        [("sales.gone_soon", "", "", "", "removed", "table", None)],
    ),
    "a schema comes with a table": (
        "CREATE SCHEMA later; CREATE TABLE later.one (id int)",
        [("later", "", "", "", "added", None, "schema"), ("later.one", "", "", "", "added", None, "table")],
    ),
    "a table takes the name of another kind": (
        "DROP TABLE sales.gone_soon; CREATE VIEW sales.gone_soon AS SELECT 1 AS id",
        [
            ("sales.gone_soon", "", "", "definition", "changed", None, " SELECT ? AS id;"),
            ("sales.gone_soon", "", "", "kind", "changed", "table", "view"),
        ],
    ),
    "a column comes": (
        "ALTER TABLE sales.orders ADD COLUMN note varchar(80)",
        [("sales.orders", COLUMN, "note", "", "added", None, "character varying(80)")],
    ),
    "a column goes": (
        'ALTER TABLE sales.customers DROP COLUMN "fullName"',
        [("sales.customers", COLUMN, "fullName", "", "removed", "text", None)],
    ),
    "a type": (
        "ALTER TABLE sales.gone_soon ALTER COLUMN id TYPE bigint",
        [("sales.gone_soon", COLUMN, "id", "type", "changed", "integer", "bigint")],
    ),
    "nullability": (
        "ALTER TABLE sales.gone_soon ALTER COLUMN id SET NOT NULL",
        [("sales.gone_soon", COLUMN, "id", "is_nullable", "changed", True, False)],
    ),
    "a default, without its literal": (
        "ALTER TABLE sales.gone_soon ALTER COLUMN id SET DEFAULT 42",
        [("sales.gone_soon", COLUMN, "id", "default", "changed", None, "?")],
    ),
    "a column's comment": (
        "COMMENT ON COLUMN sales.orders.total IS 'In euros, net.'",
        [
            (
                "sales.orders",
                COLUMN,
                "total",
                "comment",
                "changed",
                "In euros, tax included.",
                "In euros, net.",
            )
        ],
    ),
    "a column becomes an identity": (
        (
            "ALTER TABLE sales.gone_soon ALTER COLUMN id SET NOT NULL;"
            "ALTER TABLE sales.gone_soon ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY"
        ),
        [
            ("sales.gone_soon", COLUMN, "id", "identity", "changed", None, "always"),
            ("sales.gone_soon", COLUMN, "id", "is_nullable", "changed", True, False),
        ],
    ),
    "a table's comment": (
        "COMMENT ON TABLE sales.orders IS 'One row each.'",
        [("sales.orders", "", "", "comment", "changed", None, "One row each.")],
    ),
    "an index comes": (
        "CREATE INDEX orders_state ON sales.orders (state)",
        [
            (
                "sales.orders",
                "indexes",
                "orders_state",
                "",
                "added",
                None,
                {"name": "orders_state", "keys": [{"column": "state"}], "method": "btree"},
            )
        ],
    ),
    "a check comes": (
        "ALTER TABLE sales.orders ADD CONSTRAINT positive CHECK (total > 7)",
        [
            (
                "sales.orders",
                "constraints",
                "positive",
                "",
                "added",
                None,
                {
                    "name": "positive",
                    "kind": "check",
                    "columns": ["total"],
                    "definition": "CHECK ((total > (?)::numeric))",
                },
            )
        ],
    ),
    "a foreign key is deferred": (
        "ALTER TABLE sales.orders ALTER CONSTRAINT orders_customer_id_fkey DEFERRABLE",
        [("sales.orders", "keys", "orders_customer_id_fkey", "is_deferrable", "changed", None, True)],
    ),
    "a trigger comes": (
        "CREATE TRIGGER seen BEFORE UPDATE ON sales.orders FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        [
            (
                "sales.orders",
                "triggers",
                "seen",
                "",
                "added",
                None,
                {
                    "name": "seen",
                    "timing": "before",
                    "events": ["update"],
                    "level": "row",
                    "function": ["?", "pg_catalog", "suppress_redundant_updates_trigger()"],
                },
            )
        ],
    ),
    "a view is defined anew": (
        "CREATE OR REPLACE VIEW sales.open_orders AS SELECT order_id, total FROM sales.orders WHERE total > 5",
        [("sales.open_orders", "", "", "definition", "changed", ..., ...)],
    ),
    "a label comes": (
        "ALTER TYPE sales.order_state ADD VALUE 'shipped'",
        [("sales.order_state", "labels", "shipped", "", "added", None, None)],
    ),
    "row security": (
        "ALTER TABLE sales.orders ENABLE ROW LEVEL SECURITY",
        [("sales.orders", "", "", "has_row_security", "changed", None, True)],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_kind_of_change_is_noted(world: World, source: Source, shop: IntegrationId, case: str) -> None:
    statement, expected = CASES[case]
    found = after_running(world, source, shop, statement)
    assert [one[:5] for one in found] == [one[:5] for one in expected]
    for one, wanted in zip(found, expected, strict=True):
        for value, value_wanted in zip(one[5:], wanted[5:], strict=True):
            if isinstance(value, dict) and "function" in value:
                value["function"][0] = "?"
            if value_wanted is not ...:
                assert value == value_wanted
    net = [as_said(one) for one in net_of(world, shop).changes]
    assert [one[:5] for one in net] == [one[:5] for one in expected]


def test_a_column_that_others_came_before_has_not_moved_and_one_that_moved_has(
    world: World, source: Source, shop: IntegrationId
) -> None:
    after_running(world, source, shop, "CREATE TABLE sales.moving (a int, b int, c int)")
    again = "DROP TABLE sales.moving; CREATE TABLE sales.moving "
    assert after_running(world, source, shop, again + "(z int, a int, b int, c int)") == [
        ("sales.moving", COLUMN, "z", "", "added", None, "integer")
    ]
    assert after_running(world, source, shop, again + "(b int, a int, c int)") == [
        ("sales.moving", "", "", "columns", "changed", ["a", "b", "c"], ["b", "a", "c"]),
        ("sales.moving", COLUMN, "z", "", "removed", "integer", None),
    ]


def test_what_comes_back_is_said_to_with_what_is_different_and_keeps_its_history(
    world: World, source: Source, shop: IntegrationId
) -> None:
    after_running(world, source, shop, "DROP TABLE sales.gone_soon")
    found = after_running(world, source, shop, "CREATE TABLE sales.gone_soon (id bigint, word text)")
    assert found == [
        ("sales.gone_soon", "", "", "", "returned", None, "table"),
        ("sales.gone_soon", COLUMN, "id", "type", "changed", "integer", "bigint"),
        ("sales.gone_soon", COLUMN, "word", "", "added", None, "text"),
    ]
    after_running(world, source, shop, "ALTER TABLE sales.gone_soon DROP COLUMN word")
    assert after_running(world, source, shop, "ALTER TABLE sales.gone_soon ADD COLUMN word varchar") == [
        ("sales.gone_soon", COLUMN, "word", "", "returned", None, "character varying"),
        ("sales.gone_soon", COLUMN, "word", "type", "changed", "text", "character varying"),
    ]
    asset = catalog.asset_at(world.bob, f"shop.{source.database}.sales.gone_soon")
    page = catalog.changes(world.bob, asset_id=asset.id)
    assert [[one.action for one in lines] for _, lines in page.runs] == [
        [Action.RETURNED, Action.CHANGED],
        [Action.REMOVED],
        [Action.RETURNED, Action.CHANGED, Action.ADDED],
        [Action.REMOVED],
    ]


def test_the_difference_leaves_out_what_came_and_went_or_is_as_it_was(
    world: World, source: Source, shop: IntegrationId
) -> None:
    steps = [
        (
            "ALTER TABLE sales.customers ADD COLUMN fleeting int; CREATE TABLE sales.fleeting (id int);"
            "COMMENT ON TABLE sales.orders IS 'For a while.'; ALTER TABLE sales.gone_soon ALTER COLUMN id TYPE bigint;"
            "CREATE INDEX rebuilt ON sales.orders (state); ALTER TABLE sales.orders ADD COLUMN later int"
        ),
        (
            "ALTER TABLE sales.customers DROP COLUMN fleeting; DROP TABLE sales.fleeting; COMMENT ON TABLE sales.orders IS NULL;"
            "ALTER TABLE sales.gone_soon ALTER COLUMN id TYPE numeric; DROP INDEX sales.rebuilt;"
            "ALTER TABLE sales.orders ALTER COLUMN later TYPE bigint"
        ),
        "CREATE INDEX rebuilt ON sales.orders (total)",
    ]
    moments = [clock.now()]
    for step in steps:
        assert after_running(world, source, shop, step)
        moments.append(clock.now())
    assert [as_said(one)[:5] for one in net_of(world, shop).changes] == [
        ("sales.gone_soon", COLUMN, "id", "type", "changed"),
        ("sales.orders", COLUMN, "later", "", "added"),
        ("sales.orders", "indexes", "rebuilt", "", "added"),
    ]
    net = {as_said(one)[2]: as_said(one)[5:] for one in net_of(world, shop).changes}
    assert net["id"] == ("integer", "numeric")
    assert net["later"] == (None, "bigint")
    rebuilt = net_of(world, shop, moments[1]).changes
    (index,) = [one for one in rebuilt if one.part == "indexes"]
    assert (index.action, index.before["keys"], index.after["keys"]) == (
        Action.CHANGED,
        [{"column": "state"}],
        [{"column": "total"}],
    )
    assert {as_said(one)[:5] for one in rebuilt} >= {
        ("sales.fleeting", "", "", "", "removed"),
        ("sales.customers", COLUMN, "fleeting", "", "removed"),
        ("sales.orders", "", "", "comment", "changed"),
    }
    assert net_of(world, shop, moments[3]).changes == []
    assert net_of(world, shop).partial[0].is_first
    assert net_of(world, shop, moments[0]).partial == []


def test_what_was_not_seen_is_no_change(world: World, source: Source, shop: IntegrationId) -> None:
    after_running(world, source, shop, "ALTER TABLE sales.gone_soon ALTER COLUMN id SET DEFAULT 3")
    with source.connect() as session, session.transaction():
        session.execute("LOCK TABLE sales.gone_soon IN ACCESS EXCLUSIVE MODE")
        before = len(sets_of(world, shop))
        assert extract(world, shop).not_seen_count
        assert len(sets_of(world, shop)) == before
    extract(world, shop)
    assert len(sets_of(world, shop)) == before


def test_a_long_value_is_kept_as_its_length_and_digest(
    world: World, source: Source, shop: IntegrationId
) -> None:
    after_running(world, source, shop, f"COMMENT ON TABLE sales.orders IS '{'x' * 2000}'")
    (said,) = after_running(world, source, shop, f"COMMENT ON TABLE sales.orders IS '{'x' * 2000}y'")
    assert (said[5]["characters"], said[6]["characters"]) == (2000, 2001)
    assert said[5]["digest"] != said[6]["digest"]


def test_no_literal_and_no_name_of_a_hostile_source_comes_through_unseen(
    world: World, source: Source, shop: IntegrationId
) -> None:
    hostile = '"<b>\u202e; DROP ""x"" %(a)s \x1b"'
    found = after_running(
        world,
        source,
        shop,
        f"ALTER TABLE sales.gone_soon ADD COLUMN {hostile} text DEFAULT 'secret 4711';"
        f"CREATE INDEX {hostile} ON sales.gone_soon (id) WHERE id > 4711",
    )
    name = '<b>\u202e; DROP "x" %(a)s \x1b'
    assert [one[1:5] for one in found] == [(COLUMN, name, "", "added"), ("indexes", name, "", "added")]
    assert "4711" not in str(found)
    after_running(
        world, source, shop, f"ALTER TABLE sales.gone_soon ALTER COLUMN {hostile} SET DEFAULT 'other 4712'"
    )
    assert "4712" not in str(latest_of(world, shop))
