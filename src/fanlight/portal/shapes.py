"""What a relation's page says about columns, keys and indexes, from the facts that its connector left.

The layout of `facts` is in the connector's README. What a connector did not say is left out, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fanlight.catalog.types import Asset, Column
from fanlight.core.identifiers import AssetId, join_path, quote_part
from fanlight.portal.addresses import address_of
from fanlight.portal.sections import type_locator

Facts = Mapping[str, Any]
Known = Mapping[str, AssetId]  # by locator

KINDS = {
    "database": "database",
    "schema": "schema",
    "table": "table",
    "partitioned_table": "partitioned table",
    "view": "view",
    "materialized_view": "materialised view",
    "foreign_table": "foreign table",
    "sequence": "sequence",
    "enum": "enum",
    "domain": "domain",
    "range": "range type",
    "composite_type": "composite type",
    "function": "function",
    "procedure": "procedure",
    "aggregate": "aggregate",
    "column": "column",
}
CONTAINERS = ("database", "schema")
# What a long list can be narrowed to: name for the address, word, kinds.
GROUPS = (
    ("tables", "Tables", ("table", "partitioned_table", "foreign_table")),
    ("views", "Views", ("view", "materialized_view")),
    ("functions", "Functions", ("function", "procedure", "aggregate")),
    ("types", "Types", ("enum", "domain", "range", "composite_type")),
    ("sequences", "Sequences", ("sequence",)),
)
FIGURES = ("table", "partitioned_table", "foreign_table", "view", "materialized_view", "composite_type")


@dataclass(frozen=True, slots=True)
class Badge:
    """A word about a column, and the asset that it leads to, if any."""

    word: str
    asset_id: AssetId | None = None


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """A column as the page prints it. is_digest: whether its default is a digest, not a text. type_id: of its type."""

    column: Column
    badges: list[Badge]
    is_digest: bool
    type_id: AssetId | None = None


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key or constraint. target: what a foreign key points to, as text."""

    name: str
    kind: str
    columns: str
    target: str = ""
    target_id: AssetId | None = None
    definition: str = ""
    is_digest: bool = False
    marks: list[str] = field(default_factory=list)
    comment: str = ""


@dataclass(frozen=True, slots=True)
class IndexRow:
    """An index. keys: each as text, with its order."""

    name: str
    method: str
    keys: list[str]
    included: str
    predicate: str
    marks: list[str]
    comment: str


def targets(facts: Facts) -> list[str]:
    """Return the locators of the relations that foreign keys and parents name."""
    found = [key["target"] for key in facts.get("keys", ()) if key.get("target")]
    return [join_path(*path) for path in [*found, *facts.get("parents", ())]]


def type_targets(columns: Iterable[Column], database: str) -> list[str]:
    """Return the locators of the types that the source itself defines for columns."""
    return [at for at in {type_locator(database, one.type) for one in columns} if at]


def column_rows(columns: Iterable[Column], facts: Facts, known: Known, database: str) -> list[ColumnRow]:
    """Return the columns with their badges. known: the assets among `targets` and `type_targets`."""
    badges: dict[str, list[Badge]] = {}
    for key in facts.get("keys", ()):
        names = key.get("columns", [])
        for place, name in enumerate(names):
            badges.setdefault(name, []).append(_key_badge(key, place, len(names), known))
    return [
        ColumnRow(
            column=one,
            badges=[*badges.get(one.name, ()), *_own_badges(one)],
            is_digest=one.extra.get("default_kind") == "digest",
            type_id=known.get(type_locator(database, one.type)),
        )
        for one in columns
    ]


def _key_badge(key: Facts, place: int, width: int, known: Known) -> Badge:
    match key.get("kind"):
        case "primary":
            return Badge("primary key" if width == 1 else f"primary key, {place + 1} of {width}")
        case "foreign":
            path, columns = key.get("target", []), key.get("target_columns") or []
            shown = join_path(*path[-1:], *columns[place : place + 1]) if path else "elsewhere"
            return Badge(f"→\u00a0{shown}", known.get(join_path(*path)) if path else None)
        case _:
            return Badge("unique" if width == 1 else "unique with others")


def _own_badges(column: Column) -> list[Badge]:
    found = []
    if identity := column.extra.get("identity"):
        found.append(Badge(f"identity, {identity}"))
    if generated := column.extra.get("generated"):
        found.append(Badge(f"generated, {generated}"))
    if collation := column.extra.get("collation"):
        found.append(Badge(f"collation {collation}"))
    return found


_MARKS = {
    "is_deferrable": "deferrable",
    "is_deferred": "initially deferred",
    "is_not_valid": "not validated",
    "is_not_enforced": "not enforced",
    "is_temporal": "without overlaps",
    "is_unique": "unique",
    "is_primary": "primary key",
    "is_invalid": "invalid: the source does not use it",
    "is_nulls_not_distinct": "nulls are equal",
    "is_replica_identity": "identifies rows for replicas",
}


def _marks(fact: Facts) -> list[str]:
    return [word for mark, word in _MARKS.items() if fact.get(mark)]


def key_rows(facts: Facts, known: Known) -> list[KeyRow]:
    """Return keys first, then the other constraints."""
    return [_key_row(fact, known) for fact in [*facts.get("keys", ()), *facts.get("constraints", ())]]


def _key_row(fact: Facts, known: Known) -> KeyRow:
    marks, path = _marks(fact), fact.get("target") or []
    for act in ("update", "delete"):
        if (action := fact.get(f"on_{act}", "no action")) != "no action":
            marks.append(f"on {act} {action}")
    if fact.get("match", "simple") != "simple":
        marks.append(f"match {fact['match']}")
    target = join_path(*path) if path else ""
    columns = _names(fact.get("target_columns") or [])
    return KeyRow(
        name=fact.get("name", ""),
        kind=fact.get("kind", ""),
        columns=_names(fact.get("columns", [])),
        target=f"{join_path(*path[1:])} ({columns})" if target else "",
        target_id=known.get(target),
        definition=fact.get("definition", ""),
        is_digest=fact.get("definition_kind") == "digest",
        marks=marks,
        comment=fact.get("comment", ""),
    )


def index_rows(facts: Facts) -> list[IndexRow]:
    """Return the indexes, by name."""
    return [
        IndexRow(
            name=fact.get("name", ""),
            method=fact.get("method", ""),
            keys=[index_key(key) for key in fact.get("keys", ())],
            included=_names(fact.get("included", [])),
            predicate=fact.get("predicate", ""),
            marks=_marks(fact),
            comment=fact.get("comment", ""),
        )
        for fact in facts.get("indexes", ())
    ]


def index_key(key: Facts) -> str:
    """Return one key of an index: its column or expression, and its order where that is not the usual one."""
    name = key.get("expression") or "an expression that was not seen"
    if "column" in key:
        name = quote_part(key["column"])
    order = " descending" if key.get("order") == "desc" else ""
    return name + order + (f", nulls {key['nulls']}" if key.get("nulls") else "")


def _names(names: Iterable[str]) -> str:
    return ", ".join(map(quote_part, names))


def parts_of(asset: Asset) -> list[tuple[str, str, str, int | None]]:
    """Return the parts of a relation's page that it has: name, address, word, count."""
    facts = asset.facts
    keys = len(facts.get("keys", ())) + len(facts.get("constraints", ()))
    found: list[tuple[str, str, int | None]] = [("columns", "Columns", asset.column_count)]
    if keys:
        found.append(("keys", "Keys and constraints", keys))
    if facts.get("indexes"):
        found.append(("indexes", "Indexes", len(facts["indexes"])))
    if attached := len(facts.get("triggers", ())) + len(facts.get("rules", ())):
        found.append(("triggers", "Triggers and rules" if facts.get("rules") else "Triggers", attached))
    if facts.get("policies") or facts.get("has_row_security"):
        found.append(("policies", "Policies", len(facts.get("policies", ()))))
    if facts.get("definition") or asset.kind in ("view", "materialized_view"):
        found.append(("definition", "Definition", None))
    if asset.kind == "partitioned_table":
        found.append(("partitions", "Partitions", None))
    found += [("changes", "Changes", None), ("details", "Details", None)]
    return [(name, _address(asset.id, name), word, count) for name, word, count in found]


def _address(asset_id: AssetId, part: str) -> str:
    return address_of("asset", asset_id) if part == "columns" else address_of("asset-part", asset_id, part)
