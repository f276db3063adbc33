"""Plain data of the catalogue."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from fanlight.core.identifiers import AssetId, IntegrationId


@dataclass(frozen=True, slots=True)
class Column:
    """A column. extra: identity, generated, collation, default_kind, where it has them."""

    name: str
    position: int
    type: str
    is_nullable: bool
    default: str | None
    comment: str | None
    extra: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asset:
    """An asset as pages and commands show it.

    locator: the dotted path below the integration; path: the whole, from the integration's name on. facts: what is
    particular to its kind (the connector's README says). row_estimate, size_bytes: the source's own estimates or
    None. not_seen: why the latest run could not read its definitions, or empty.
    """

    id: AssetId
    integration_id: IntegrationId
    kind: str
    name: str
    locator: str
    path: str
    parent: str
    comment: str | None
    facts: dict[str, Any]
    column_count: int
    row_estimate: int | None
    size_bytes: int | None
    not_seen: str
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the way to an asset. asset_id None: the integration itself."""

    name: str
    asset_id: AssetId | None


@dataclass(frozen=True, slots=True)
class Children:
    """A page of the assets directly below another. next_after: the name to continue after, None at the end."""

    assets: list[Asset]
    total: int
    next_after: str | None


@dataclass(frozen=True, slots=True)
class Columns:
    """A page of a relation's columns. next_after: the position to continue after, None at the end."""

    columns: list[Column]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class Removal:
    """What a run would remove. count: assets; present: those that it could list, before it.

    is_much: whether a person has to look first: of all that could be listed, or of one database, more than a quarter
    would be gone that nobody has approved, what went in the last day included.
    """

    count: int
    present: int
    is_much: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """What a merge has done. Counts of assets, and of columns of changed assets."""

    added: int
    changed: int
    gone: int
    unchanged: int
    columns_added: int
    columns_changed: int
    columns_gone: int
    estimates: int

    def as_dict(self) -> dict[str, int]:
        """Return the counts by name."""
        return asdict(self)
