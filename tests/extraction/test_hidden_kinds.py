"""What a server hides from one run to the next stays as it was: whole kinds, and the texts of lists."""

from __future__ import annotations

from typing import Any

import pytest

from fanlight.catalog import queries as catalog
from fanlight.core.identifiers import IntegrationId
from tests.conftest import World
from tests.sources import Source, add, extract, source

__all__ = ["source"]

MORE = """
CREATE FUNCTION sales.watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION sales.total(customer bigint, since date DEFAULT '2026-01-01') RETURNS numeric
  LANGUAGE sql AS 'SELECT 1.0';
CREATE SEQUENCE sales.tickets;
CREATE TRIGGER on_change BEFORE UPDATE ON sales.orders FOR EACH ROW WHEN (NEW.total > 5) EXECUTE FUNCTION sales.watch();
CREATE POLICY own ON sales.orders USING (customer_id = 7);
"""


@pytest.fixture
def shop(world: World, source: Source) -> IntegrationId:
    """An extracted shop with functions, a sequence, a trigger and a policy."""
    source.run(MORE)
    integration_id = add(world, source)
    assert extract(world, integration_id).state == "succeeded"
    return integration_id


def _stored(world: World, source: Source) -> dict[str, Any]:
    start = catalog.asset_at(world.bob, f"shop.{source.database}")
    return {one.locator: one.facts for one, _ in catalog.descend(world.bob, start)}


@pytest.mark.parametrize("table", ["pg_proc", "pg_sequence", "pg_depend", "pg_trigger", "pg_policy"])
def test_a_kind_that_is_hidden_is_not_taken_for_gone(
    world: World, source: Source, shop: IntegrationId, table: str
) -> None:
    before = _stored(world, source)
    source.run(f"REVOKE SELECT ON pg_catalog.{table} FROM PUBLIC")
    run = extract(world, shop)
    assert run.state == "succeeded"
    assert run.changes is not None
    assert run.changes["gone"] == 0
    assert run.not_seen_count > 0
    assert _stored(world, source) == before


def test_what_goes_while_its_kind_is_hidden_is_gone_once_it_is_not(
    world: World, source: Source, shop: IntegrationId
) -> None:
    source.run("REVOKE SELECT ON pg_catalog.pg_proc FROM PUBLIC; DROP SEQUENCE sales.tickets")
    source.run("DROP FUNCTION sales.total")
    extract(world, shop)
    held = _stored(world, source)
    assert f'{source.database}.sales."total(bigint, date)"' in held
    assert f"{source.database}.sales.tickets" not in held
    source.run("GRANT SELECT ON pg_catalog.pg_proc TO PUBLIC")
    extract(world, shop)
    assert f'{source.database}.sales."total(bigint, date)"' not in _stored(world, source)


@pytest.mark.parametrize(
    "function",
    ["pg_get_triggerdef(oid)", "pg_get_expr(pg_node_tree, oid)", "pg_get_function_arg_default(oid, integer)"],
)
def test_texts_that_are_denied_later_stay_as_they_were_stored(
    world: World, source: Source, shop: IntegrationId, function: str
) -> None:
    before = _stored(world, source)
    source.run(f"REVOKE EXECUTE ON FUNCTION pg_catalog.{function} FROM PUBLIC")
    source.run("COMMENT ON TABLE sales.orders IS 'new'")
    extract(world, shop)
    assert _stored(world, source) == before
    orders = catalog.asset_at(world.bob, f"shop.{source.database}.sales.orders")
    assert orders.comment == "new"
