"""What a run stores, what it leaves alone, what a failure leaves (nothing)."""

from __future__ import annotations

from typing import Any

import pytest

from fanlight.catalog import queries as catalog
from fanlight.core.errors import NotFound
from fanlight.discovery import queries as discovery
from fanlight.extraction import queries, services
from fanlight.extraction.types import RunState
from fanlight.foundation import clock
from tests.conftest import World
from tests.sources import Source, add, extract, source

__all__ = ["source"]


def _versions(world: World, table: str) -> set[Any]:
    """Which transaction wrote each row: unchanged when nothing was written."""
    with world.catalogue.connect("postgres") as session:
        return set(
            session.execute(
                f"SELECT id, xmin::text FROM {table} WHERE organization_id = %s", [world.a]
            ).fetchall()
        )


def test_the_first_run_stores_everything_and_search_finds_it(world: World, source: Source) -> None:
    integration_id = add(world, source)
    run = extract(world, integration_id)
    assert run.state is RunState.SUCCEEDED
    assert run.problem is None
    assert run.changes["added"] == 8  # the database, 2 schemas, 3 tables, a view, an enum
    asset = catalog.asset_at(world.alice, f"shop.{source.database}.sales.orders")
    columns = catalog.columns(world.alice, asset.id).columns
    assert [(one.name, one.type, one.is_nullable) for one in columns] == [
        ("order_id", "bigint", False),
        ("customer_id", "bigint", False),
        ("state", "sales.order_state", False),
        ("total", "numeric(12,2)", True),
    ]
    assert columns[3].comment == "In euros, tax included."
    assert discovery.search(world.bob, "orders")[0].path == asset.path


def test_an_unchanged_run_writes_no_asset_row(world: World, source: Source) -> None:
    integration_id = add(world, source)
    first = extract(world, integration_id)
    before = [_versions(world, table) for table in ("catalog_asset", "catalog_column", "discovery_entry")]
    second = extract(world, integration_id)
    assert second.state is RunState.SUCCEEDED
    assert second.changes["unchanged"] == first.changes["added"]
    assert {name: count for name, count in second.changes.items() if name != "unchanged" and count} == {}
    assert [
        _versions(world, table) for table in ("catalog_asset", "catalog_column", "discovery_entry")
    ] == before


def test_rows_at_the_source_change_estimates_and_nothing_else(world: World, source: Source) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    before = _versions(world, "catalog_asset")
    source.run(
        "INSERT INTO sales.customers SELECT n, 'x' FROM generate_series(1, 5000) n; ANALYZE sales.customers"
    )
    run = extract(world, integration_id)
    assert (run.changes["changed"], run.changes["estimates"]) == (0, 1)
    assert _versions(world, "catalog_asset") == before
    assert catalog.asset_at(world.alice, f"shop.{source.database}.sales.customers").row_estimate == 5000


def test_estimates_that_move_by_less_than_a_tenth_are_not_written(world: World, source: Source) -> None:
    source.run(
        "INSERT INTO sales.customers SELECT n, 'x' FROM generate_series(1, 5000) n; ANALYZE sales.customers"
    )
    integration_id = add(world, source)
    extract(world, integration_id)
    source.run(
        "INSERT INTO sales.customers SELECT n, 'x' FROM generate_series(5001, 5200) n; ANALYZE sales.customers"
    )
    assert extract(world, integration_id).changes["estimates"] == 0


def test_what_changes_at_the_source_changes_here(world: World, source: Source) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    source.run(
        "ALTER TABLE sales.orders ADD COLUMN note varchar(80); ALTER TABLE sales.orders DROP COLUMN total CASCADE;"
        "ALTER TABLE sales.orders ALTER COLUMN customer_id DROP NOT NULL; DROP TABLE sales.gone_soon;"
        "CREATE TABLE sales.new_one (id int)"
    )
    changes = extract(world, integration_id).changes
    assert (changes["added"], changes["changed"], changes["gone"]) == (1, 1, 2)
    assert (changes["columns_added"], changes["columns_changed"], changes["columns_gone"]) == (2, 1, 1)
    orders = catalog.asset_at(world.alice, f"shop.{source.database}.sales.orders")
    assert [one.name for one in catalog.columns(world.alice, orders.id).columns] == [
        "order_id",
        "customer_id",
        "state",
        "note",
    ]
    with pytest.raises(NotFound):
        catalog.asset_at(world.alice, f"shop.{source.database}.sales.gone_soon")
    assert not [hit for hit in discovery.search(world.alice, "gone_soon") if hit.name == "gone_soon"]
    assert not [hit for hit in discovery.search(world.alice, "total") if hit.name == "total"]
    assert discovery.search(world.alice, "note")[0].name == "note"


def test_what_comes_back_is_the_same_asset_again(world: World, source: Source) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    path = f"shop.{source.database}.sales.gone_soon"
    before = catalog.asset_at(world.alice, path).id
    source.run("DROP TABLE sales.gone_soon")
    extract(world, integration_id)
    source.run("CREATE TABLE sales.gone_soon (id int)")
    extract(world, integration_id)
    assert catalog.asset_at(world.alice, path).id == before
    assert [hit for hit in discovery.search(world.alice, "gone_soon") if hit.path == path]


def test_a_failed_run_says_why_and_leaves_the_last_good_state(world: World, source: Source) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    before = _versions(world, "catalog_asset")
    with world.catalogue.server.connect() as admin:
        admin.execute(f"REVOKE CONNECT ON DATABASE {source.database} FROM PUBLIC")
    run = extract(world, integration_id)
    assert run.state is RunState.FAILED
    assert run.problem is not None
    assert run.problem.code.startswith("source.")
    assert run.problem.remedy
    assert source.password not in f"{run.problem}"
    assert _versions(world, "catalog_asset") == before
    with world.catalogue.connect("postgres") as session:
        left = session.execute(
            "SELECT count(*) FROM catalog_arrival WHERE integration_id = %s", [integration_id]
        ).fetchone()
    assert left == (0,)


def test_a_failure_in_the_merge_leaves_nothing(
    world: World, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    integration_id = add(world, source)

    def fail(*_: object) -> None:
        raise RuntimeError("canary-detail")

    monkeypatch.setattr("fanlight.catalog.services._followers", [fail])
    run_id = services.request_run(
        actor=world.alice, integration_id=integration_id, is_deferred=False, now=clock.now()
    )
    with world.as_worker(), pytest.raises(RuntimeError):
        services.execute_run(organization_id=world.a, run_id=run_id, root_key=world.root_key)
    run = queries.run(world.alice, run_id)
    assert run.problem is not None
    assert (run.state, run.problem.code) == (RunState.FAILED, "run.internal")
    assert "canary-detail" not in run.problem.detail
    assert _versions(world, "catalog_asset") == set()


def test_a_definition_that_stays_locked_is_not_seen_and_what_is_stored_stays(
    world: World, source: Source
) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    path = f"shop.{source.database}.sales.open_orders"
    before = catalog.asset_at(world.alice, path)
    with source.connect() as session, session.transaction():
        session.execute("LOCK TABLE sales.open_orders IN ACCESS EXCLUSIVE MODE")
        run = extract(world, integration_id)
    assert run.state is RunState.SUCCEEDED
    assert run.not_seen_count >= 1
    after = catalog.asset_at(world.alice, path)
    assert after.facts == before.facts
    assert after.not_seen == "locked"
    extract(world, integration_id)
    assert catalog.asset_at(world.alice, path).not_seen == ""


def test_what_the_role_may_not_read_stays_and_the_rest_is_as_fresh_as_any(
    world: World, source: Source
) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    path = f"shop.{source.database}.sales.customers"
    indexes = catalog.asset_at(world.alice, path).facts["indexes"]
    assert indexes
    source.run("REVOKE SELECT ON pg_index FROM PUBLIC; ALTER TABLE sales.customers ADD COLUMN phone text")
    run = extract(world, integration_id)
    assert run.state is RunState.SUCCEEDED
    assert {one["reason"] for one in run.not_seen} == {"denied"}
    after = catalog.asset_at(world.alice, path)
    assert (after.facts["indexes"], after.not_seen) == (indexes, "denied")
    assert "phone" in [one.name for one in catalog.columns(world.alice, after.id).columns]
    assert extract(world, integration_id).changes["changed"] == 0
    source.run("GRANT SELECT ON pg_index TO PUBLIC; ALTER TABLE sales.customers DROP COLUMN phone")
    extract(world, integration_id)
    assert catalog.asset_at(world.alice, path).not_seen == ""


def test_a_comment_of_72_megabytes_does_not_stop_the_run(world: World, source: Source) -> None:
    source.run(
        "DO $$ BEGIN EXECUTE format('COMMENT ON TABLE sales.orders IS %L', repeat('w' || 'x ', 24000000)); END $$"
    )
    integration_id = add(world, source)
    assert extract(world, integration_id).state is RunState.SUCCEEDED
    path = f"shop.{source.database}.sales.orders"
    # What nobody reads is cut, and says so.
    comment = catalog.asset_at(world.alice, path).comment or ""
    assert comment.startswith("wx wx ")
    assert comment.endswith(" [cut by Fanlight after 100,000 characters]")
