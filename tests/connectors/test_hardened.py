"""A server that hides parts of its catalogue: what was stored before loses nothing, and nothing is taken for gone."""

from __future__ import annotations

from typing import Any

import pytest

from fanlight.connectors.postgres.asking import OPTIONAL
from fanlight.connectors.types import Asset, AssetKind, NotSeen, Unlisted
from fanlight.core.identifiers import join_path
from tests.connectors.conftest import Source

TABLES = sorted(set(OPTIONAL.values()) - {"pg_type", "pg_subscription", "pg_database"})
FUNCTIONS = (
    "pg_get_viewdef(oid)",
    "pg_get_expr(pg_node_tree, oid)",
    "pg_get_constraintdef(oid)",
    "pg_get_indexdef(oid, integer, boolean)",
    "pg_get_partkeydef(oid)",
    "pg_get_triggerdef(oid)",
    "pg_get_ruledef(oid)",
    "pg_get_function_arg_default(oid, integer)",
    "pg_get_statisticsobjdef_expressions(oid)",
)
_ROUTINES = (AssetKind.FUNCTION, AssetKind.PROCEDURE, AssetKind.AGGREGATE)
UNLISTED = {
    "pg_sequence": [(AssetKind.SEQUENCE,)],
    "pg_proc": [_ROUTINES],
    "pg_depend": [(AssetKind.SEQUENCE,), _ROUTINES],
}


def _stored_after(before: Asset, after: Asset) -> dict[str, Any]:
    """Return what is stored of an asset that was read twice, as the merge does it."""
    return before.facts | after.facts if after.not_seen else after.facts


def _without_comments(facts: Any) -> Any:
    """Leave out the comments of a list's elements: they go with their list (the connector's README says so)."""
    if isinstance(facts, list):
        return [_without_comments(one) for one in facts]
    if isinstance(facts, dict):
        return {name: _without_comments(value) for name, value in facts.items() if name != "comment"}
    return facts


def _assert_nothing_is_lost(before: list[Asset], source: Source) -> None:
    after = {(asset.kind, asset.path): asset for asset in source.read()}
    hidden = {kind for one in source.unlisted for kind in one.kinds}
    for asset in before:
        found = after.pop((asset.kind, asset.path), None)
        if found is None:
            assert asset.kind in hidden, asset.path
            continue
        stored = _stored_after(asset, found)
        assert _without_comments(stored) == _without_comments(asset.facts), asset.path
        assert found.comment == asset.comment or found.not_seen
        for old, new in zip(asset.columns, found.columns, strict=True):
            assert old[:4] == new[:4]
            assert new[4] == old[4] or (new[4] is None and found.not_seen)
    assert after == {}


def test_a_hidden_catalogue_table_costs_nothing_that_was_stored(shop: Source) -> None:
    before = shop.read()
    for table in TABLES:
        shop.execute(f"REVOKE SELECT ON pg_catalog.{table} FROM PUBLIC")
        _assert_nothing_is_lost(before, shop)
        assert NotSeen(join_path(shop.database, "pg_catalog", table), "denied") in shop.not_seen
        expected = [Unlisted((shop.database,), kinds, "denied") for kinds in UNLISTED.get(table, [])]
        assert shop.unlisted == expected
        shop.execute(f"GRANT SELECT ON pg_catalog.{table} TO PUBLIC")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_forbidden_function_costs_nothing_that_was_stored(shop: Source, function: str) -> None:
    before = shop.read()
    shop.execute(f"REVOKE EXECUTE ON FUNCTION pg_catalog.{function} FROM PUBLIC")
    _assert_nothing_is_lost(before, shop)
    assert {one.reason for one in shop.not_seen} == {"denied"}
    assert shop.unlisted == []


def test_a_list_whose_texts_were_denied_is_left_out_and_the_others_are_not(shop: Source) -> None:
    shop.execute("REVOKE EXECUTE ON FUNCTION pg_catalog.pg_get_triggerdef(oid) FROM PUBLIC")
    assets = {asset.path[1:]: asset for asset in shop.read()}
    orders, tree = assets["shop", "orders"], assets["shop", "tree"]
    assert orders.not_seen == "denied"
    assert "triggers" not in orders.facts
    assert {"keys", "indexes", "policies"} <= orders.facts.keys()
    assert tree.not_seen == ""
    assert NotSeen(join_path(shop.database, "shop", "tree"), "denied") not in shop.not_seen


def test_two_denials_of_one_table_leave_out_both_lists(shop: Source) -> None:
    shop.execute("REVOKE EXECUTE ON FUNCTION pg_catalog.pg_get_constraintdef(oid) FROM PUBLIC")
    shop.execute("REVOKE EXECUTE ON FUNCTION pg_catalog.pg_get_indexdef(oid, integer, boolean) FROM PUBLIC")
    facts = shop.asset("shop", "customers").facts
    assert not {"constraints", "indexes"} & facts.keys()
    assert {"keys", "policies", "statistics"} <= facts.keys()
