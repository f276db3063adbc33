"""What runs have changed: each kind of change made at a real source, extracted, and read again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from fanlight.catalog import queries as catalog
from fanlight.catalog import services as catalog_services
from fanlight.catalog.types import Action, Change, ChangeSet, Difference
from fanlight.core.errors import NotFound
from fanlight.core.identifiers import IntegrationId
from fanlight.extraction import services
from fanlight.foundation import clock
from fanlight.integrations import queries as integrations
from tests.conftest import World
from tests.sources import Source, add, extract, source

__all__ = ["source"]
Said = tuple[str, str, str, str, str, Any, Any]
FIRST_DAY, LAST_DAY = datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


@pytest.fixture
def shop(world: World, source: Source) -> IntegrationId:
    """The shop, extracted once."""
    integration_id = add(world, source)
    extract(world, integration_id)
    return integration_id


def _said(change: Change) -> Said:
    *_, name = change.locator.split(".", 1)
    return (name, change.part, change.name, change.field, change.action.value, change.before, change.after)


def _latest(world: World, integration_id: IntegrationId) -> list[Said]:
    """What the latest run that changed something has changed."""
    (_, changes), *_ = catalog.changes(world.alice, integration_id=integration_id).runs
    return [_said(one) for one in changes]


def _sets(world: World, integration_id: IntegrationId) -> list[ChangeSet]:
    return [found for found, _ in catalog.changes(world.alice, integration_id=integration_id).runs]


def _after(world: World, source: Source, integration_id: IntegrationId, statement: str) -> list[Said]:
    """Change the source, extract it, and return what that has changed; nothing where no line was written."""
    before = len(_sets(world, integration_id))
    source.run(statement)
    extract(world, integration_id)
    return _latest(world, integration_id) if len(_sets(world, integration_id)) > before else []


def _net(
    world: World, integration_id: IntegrationId, since: datetime = FIRST_DAY, until: datetime = LAST_DAY
) -> Difference:
    return catalog.difference(world.alice, integration_id, since=since, until=until)


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
    assert len(_sets(world, shop)) == 1


def test_estimates_are_no_change(world: World, source: Source, shop: IntegrationId) -> None:
    grown = (
        "INSERT INTO sales.customers SELECT n, 'x' FROM generate_series(1, 5000) n; ANALYZE sales.customers"
    )
    assert _after(world, source, shop, grown) == []


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
    found = _after(world, source, shop, statement)
    assert [one[:5] for one in found] == [one[:5] for one in expected]
    for one, wanted in zip(found, expected, strict=True):
        for value, value_wanted in zip(one[5:], wanted[5:], strict=True):
            if isinstance(value, dict) and "function" in value:
                value["function"][0] = "?"
            if value_wanted is not ...:
                assert value == value_wanted
    net = [_said(one) for one in _net(world, shop).changes]
    assert [one[:5] for one in net] == [one[:5] for one in expected]


def test_a_column_that_others_came_before_has_not_moved_and_one_that_moved_has(
    world: World, source: Source, shop: IntegrationId
) -> None:
    _after(world, source, shop, "CREATE TABLE sales.moving (a int, b int, c int)")
    again = "DROP TABLE sales.moving; CREATE TABLE sales.moving "
    assert _after(world, source, shop, again + "(z int, a int, b int, c int)") == [
        ("sales.moving", COLUMN, "z", "", "added", None, "integer")
    ]
    assert _after(world, source, shop, again + "(b int, a int, c int)") == [
        ("sales.moving", "", "", "columns", "changed", ["a", "b", "c"], ["b", "a", "c"]),
        ("sales.moving", COLUMN, "z", "", "removed", "integer", None),
    ]


def test_what_comes_back_is_said_to_with_what_is_different_and_keeps_its_history(
    world: World, source: Source, shop: IntegrationId
) -> None:
    _after(world, source, shop, "DROP TABLE sales.gone_soon")
    found = _after(world, source, shop, "CREATE TABLE sales.gone_soon (id bigint, word text)")
    assert found == [
        ("sales.gone_soon", "", "", "", "returned", None, "table"),
        ("sales.gone_soon", COLUMN, "id", "type", "changed", "integer", "bigint"),
        ("sales.gone_soon", COLUMN, "word", "", "added", None, "text"),
    ]
    _after(world, source, shop, "ALTER TABLE sales.gone_soon DROP COLUMN word")
    assert _after(world, source, shop, "ALTER TABLE sales.gone_soon ADD COLUMN word varchar") == [
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
        assert _after(world, source, shop, step)
        moments.append(clock.now())
    assert [_said(one)[:5] for one in _net(world, shop).changes] == [
        ("sales.gone_soon", COLUMN, "id", "type", "changed"),
        ("sales.orders", COLUMN, "later", "", "added"),
        ("sales.orders", "indexes", "rebuilt", "", "added"),
    ]
    net = {_said(one)[2]: _said(one)[5:] for one in _net(world, shop).changes}
    assert net["id"] == ("integer", "numeric")
    assert net["later"] == (None, "bigint")
    rebuilt = _net(world, shop, moments[1]).changes
    (index,) = [one for one in rebuilt if one.part == "indexes"]
    assert (index.action, index.before["keys"], index.after["keys"]) == (
        Action.CHANGED,
        [{"column": "state"}],
        [{"column": "total"}],
    )
    assert {_said(one)[:5] for one in rebuilt} >= {
        ("sales.fleeting", "", "", "", "removed"),
        ("sales.customers", COLUMN, "fleeting", "", "removed"),
        ("sales.orders", "", "", "comment", "changed"),
    }
    assert _net(world, shop, moments[3]).changes == []
    assert _net(world, shop).partial[0].is_first
    assert _net(world, shop, moments[0]).partial == []


def test_the_feed_is_newest_first_narrowed_and_paged(
    world: World, source: Source, shop: IntegrationId
) -> None:
    moments = []
    for step in range(3):
        moments.append(clock.now())
        _after(
            world,
            source,
            shop,
            f"CREATE TABLE sales.t{step}_a (id int); CREATE TABLE sales.t{step}_b (id int)",
        )
    _after(world, source, shop, "DROP TABLE sales.t0_a")
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


def test_what_was_not_seen_is_no_change(world: World, source: Source, shop: IntegrationId) -> None:
    _after(world, source, shop, "ALTER TABLE sales.gone_soon ALTER COLUMN id SET DEFAULT 3")
    with source.connect() as session, session.transaction():
        session.execute("LOCK TABLE sales.gone_soon IN ACCESS EXCLUSIVE MODE")
        before = len(_sets(world, shop))
        assert extract(world, shop).not_seen_count
        assert len(_sets(world, shop)) == before
    extract(world, shop)
    assert len(_sets(world, shop)) == before


def test_beyond_the_limits_the_figures_stay_and_say_so(
    world: World, source: Source, shop: IntegrationId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog_services, "MOST_NOTED", 3)
    monkeypatch.setattr(catalog_services, "MOST_KEPT", 4)
    wide = "".join(f"ALTER TABLE sales.customers ADD COLUMN c{number} int;" for number in range(5))
    found = _after(world, source, shop, wide + "CREATE TABLE sales.zzz (id int); DROP TABLE sales.gone_soon")
    assert [one[0] for one in found] == ["sales.gone_soon", "sales.zzz", "sales.customers"]
    latest = _sets(world, shop)[0]
    assert (latest.total, latest.kept) == (7, 3)
    assert latest.counts[0] == ("added", COLUMN, 5)
    assert [one.run_id for one in _net(world, shop).partial][-1] == latest.run_id
    _after(world, source, shop, "CREATE TABLE sales.y1 (id int); CREATE TABLE sales.y2 (id int)")
    older = _sets(world, shop)[1]
    assert (older.run_id, older.total, older.kept) == (latest.run_id, 7, 0)
    with world.catalogue.connect("postgres") as session:
        lines = session.execute("SELECT count(*) FROM catalog_change WHERE organization_id = %s", [world.a])
        assert lines.fetchone() == (2,)


def test_a_long_value_is_kept_as_its_length_and_digest(
    world: World, source: Source, shop: IntegrationId
) -> None:
    _after(world, source, shop, f"COMMENT ON TABLE sales.orders IS '{'x' * 2000}'")
    (said,) = _after(world, source, shop, f"COMMENT ON TABLE sales.orders IS '{'x' * 2000}y'")
    assert (said[5]["characters"], said[6]["characters"]) == (2000, 2001)
    assert said[5]["digest"] != said[6]["digest"]


def test_no_literal_and_no_name_of_a_hostile_source_comes_through_unseen(
    world: World, source: Source, shop: IntegrationId
) -> None:
    hostile = '"<b>\u202e; DROP ""x"" %(a)s \x1b"'
    found = _after(
        world,
        source,
        shop,
        f"ALTER TABLE sales.gone_soon ADD COLUMN {hostile} text DEFAULT 'secret 4711';"
        f"CREATE INDEX {hostile} ON sales.gone_soon (id) WHERE id > 4711",
    )
    name = '<b>\u202e; DROP "x" %(a)s \x1b'
    assert [one[1:5] for one in found] == [(COLUMN, name, "", "added"), ("indexes", name, "", "added")]
    assert "4711" not in str(found)
    _after(
        world, source, shop, f"ALTER TABLE sales.gone_soon ALTER COLUMN {hostile} SET DEFAULT 'other 4712'"
    )
    assert "4712" not in str(_latest(world, shop))


def test_another_organization_sees_none_of_it(world: World, source: Source, shop: IntegrationId) -> None:
    _after(world, source, shop, "DROP TABLE sales.gone_soon")
    assert catalog.changes(world.charlie).runs == []
    assert catalog.changes(world.charlie, integration_id=shop).runs == []
    with pytest.raises(NotFound):
        catalog.difference(world.charlie, shop, since=FIRST_DAY, until=LAST_DAY)
    asset = catalog.asset_at(world.alice, f"shop.{source.database}.sales.orders")
    assert catalog.changes(world.charlie, asset_id=asset.id).runs == []
    assert len(catalog.changes(world.bob).runs) == 2


def test_deleting_the_source_erases_its_changes(world: World, source: Source, shop: IntegrationId) -> None:
    _after(world, source, shop, "DROP TABLE sales.gone_soon")
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
    found = _after(world, source, shop, "CREATE TABLE sales.new_one (id int)")
    assert [one[:5] for one in found] == [("sales.new_one", "", "", "", "added")]
    assert not _sets(world, shop)[0].is_first
