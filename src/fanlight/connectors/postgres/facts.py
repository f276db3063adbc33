"""Turn rows of the catalogue into assets and their facts. Pure functions; README.md documents the layout."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from fanlight.connectors.types import Asset, AssetKind, Json

Row = tuple[Any, ...]
RELATION_KINDS: Mapping[str, AssetKind] = {
    "r": AssetKind.TABLE,
    "p": AssetKind.PARTITIONED_TABLE,
    "v": AssetKind.VIEW,
    "m": AssetKind.MATERIALIZED_VIEW,
    "f": AssetKind.FOREIGN_TABLE,
    "c": AssetKind.COMPOSITE_TYPE,
}
# When a trigger or a rule does not fire as one does that nobody touched.
FIRES: Mapping[str, dict[str, Json]] = {
    "O": {},
    "D": {"is_disabled": True},
    "R": {"fires": "replica"},
    "A": {"fires": "always"},
}
_REPLICA_IDENTITIES = {"n": "nothing", "f": "full", "i": "index"}
_STORED = (AssetKind.TABLE, AssetKind.PARTITIONED_TABLE)
_PERSISTENCE = {"p": "permanent", "u": "unlogged", "t": "temporary"}
_IDENTITY = {"a": "always", "d": "by default"}
_GENERATED = {"s": "stored", "v": "virtual"}
_KEY_KINDS = {"p": "primary", "u": "unique", "f": "foreign"}
_CONSTRAINT_KINDS = {"c": "check", "x": "exclusion"}
_ACTIONS = {"a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}
_MATCHES = {"s": "simple", "f": "full", "p": "partial"}
_KEY_ORDER = {"primary": 0, "unique": 1, "foreign": 2}
_DESCENDING, _NULLS_FIRST = 1, 2  # INDOPTION_DESC and INDOPTION_NULLS_FIRST of src/include/catalog/pg_index.h
_NO_STATISTICS_SINCE = 14  # before, 'never counted' and 'counted, and empty' look the same


def relation_asset(row: Row, path: tuple[str, ...], *, major: int, block_size: int) -> Asset:
    """Return the asset of one row of `relations`, without columns, keys or definitions."""
    _, _, _, kind, owner, persistence, rows, pages, is_partition, *rest = row
    _, _, has_row_security, is_forced, replica_identity = rest
    facts: dict[str, Json] = {"owner": owner}
    if persistence != "p":
        facts["persistence"] = _PERSISTENCE.get(persistence, persistence)
    if is_partition:
        facts["is_partition"] = True
    if has_row_security:
        facts["has_row_security"] = True
    if is_forced:
        facts["is_row_security_forced"] = True
    asset_kind = RELATION_KINDS[kind]
    if asset_kind in _STORED and replica_identity in _REPLICA_IDENTITIES:
        facts["replica_identity"] = _REPLICA_IDENTITIES[replica_identity]
    asset = Asset(asset_kind, path, facts=facts)
    is_counted = 0 <= rows < math.inf and (major >= _NO_STATISTICS_SINCE or rows > 0 or pages > 0)
    if is_counted and asset_kind not in (AssetKind.VIEW, AssetKind.COMPOSITE_TYPE):
        asset.row_estimate = round(rows)
        if asset_kind in (AssetKind.TABLE, AssetKind.MATERIALIZED_VIEW):
            asset.size_bytes = max(pages, 0) * block_size
    return asset


def column_extra(marks: list[str]) -> dict[str, Json]:
    """Return the `extra` of a column from what `columns` marks: identity, generated, collation."""
    identity, generated, *collation = marks
    extra: dict[str, Json] = {}
    if identity:
        extra["identity"] = _IDENTITY[identity]
    if generated:
        extra["generated"] = _GENERATED[generated]
    if collation:
        schema, name = collation
        extra["collation"] = name if schema == "pg_catalog" else f"{schema}.{name}"
    return extra


def add_constraints(asset: Asset, rows: list[Row], comments: Mapping[int, str]) -> dict[int, dict[str, Json]]:
    """Add `keys` and `constraints`; return, by oid, the constraints whose definition is still to be read."""
    names = {found[1]: found[0] for found in asset.columns}
    keys: list[dict[str, Json]] = []
    constraints: list[dict[str, Json]] = []
    undefined: dict[int, dict[str, Json]] = {}
    for row in rows:
        _, oid, name, kind, positions, is_deferrable, is_deferred, is_valid, *rest = row
        is_key = kind in _KEY_KINDS
        fact: dict[str, Json] = {
            "name": name,
            "kind": _KEY_KINDS[kind] if is_key else _CONSTRAINT_KINDS[kind],
            # A whole-row reference in a check has position 0, which is no column.
            "columns": [names[position] for position in positions or () if position in names],
        }
        if kind == "f":
            fact |= _foreign(asset, rest, names)
        *_, is_enforced, is_temporal = rest
        for mark, is_set in (
            ("is_deferrable", is_deferrable),
            ("is_deferred", is_deferred),
            ("is_not_valid", not is_valid),
            ("is_not_enforced", not is_enforced),
            ("is_temporal", is_temporal),
        ):
            if is_set:
                fact[mark] = True
        if oid in comments:
            fact["comment"] = comments[oid]
        if is_key:
            keys.append(fact)
        else:
            constraints.append(fact)
            undefined[oid] = fact
    if keys:
        asset.facts["keys"] = sorted(keys, key=lambda key: (_KEY_ORDER[key["kind"]], key["name"]))
    if constraints:
        asset.facts["constraints"] = sorted(constraints, key=lambda one: (one["kind"], one["name"]))
    return undefined


def _foreign(asset: Asset, rest: list[Any], names: Mapping[int, str]) -> dict[str, Json]:
    on_update, on_delete, match, schema, relation, target_columns, set_null_columns, *_ = rest
    fact: dict[str, Json] = {
        "target": [asset.path[0], schema, relation],
        "target_columns": target_columns,
        "on_update": _ACTIONS[on_update],
        "on_delete": _ACTIONS[on_delete],
        "match": _MATCHES[match],
    }
    if set_null_columns:
        fact["on_delete_columns"] = [names[position] for position in set_null_columns if position in names]
    return fact


def add_indexes(
    asset: Asset, rows: list[Row], comments: Mapping[int, str], *, block_size: int
) -> dict[int, dict[str, Json]]:
    """Add `indexes` and their size; return, by oid, those whose expressions or predicate are to be read."""
    names = {found[1]: found[0] for found in asset.columns}
    indexes: list[dict[str, Json]] = []
    undefined: dict[int, dict[str, Json]] = {}
    for row in rows:
        _, oid, name, method, is_unique, is_primary, is_valid, positions, key_count, options, *rest = row
        is_partly, is_nulls_not_distinct, pages, is_replica_identity = rest
        fact: dict[str, Json] = {
            "name": name,
            "method": method,
            "keys": [
                index_key(names.get(position), option)
                for position, option in zip(positions[:key_count], options, strict=True)
            ],
        }
        if len(positions) > key_count:
            fact["included"] = [names[position] for position in positions[key_count:]]
        for mark, is_set in (
            ("is_unique", is_unique),
            ("is_primary", is_primary),
            ("is_invalid", not is_valid),
            ("is_nulls_not_distinct", is_nulls_not_distinct),
            ("is_replica_identity", is_replica_identity),
        ):
            if is_set:
                fact[mark] = True
        if oid in comments:
            fact["comment"] = comments[oid]
        if is_partly:
            undefined[oid] = fact
        indexes.append(fact)
        if asset.size_bytes is not None:
            asset.size_bytes += max(pages, 0) * block_size
    if indexes:
        asset.facts["indexes"] = sorted(indexes, key=lambda index: index["name"])
    return undefined


def index_key(name: str | None, option: int) -> dict[str, Json]:
    """Return one key of an index. name: of its column, None for an expression that is still to be read."""
    key: dict[str, Json] = {"column": name} if name is not None else {"expression": None}
    is_descending, is_first = bool(option & _DESCENDING), bool(option & _NULLS_FIRST)
    if is_descending:
        key["order"] = "desc"
    if is_descending != is_first:
        key["nulls"] = "first" if is_first else "last"
    return key
