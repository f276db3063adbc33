"""Plain data of the catalogue."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from fanlight.core.identifiers import AssetId, IntegrationId, RunId


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


class Action(StrEnum):
    """What happened to a thing: it came, went, came back, or something of it has another value."""

    ADDED = "added"
    REMOVED = "removed"
    RETURNED = "returned"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is different.

    number: within its run, or within a comparison. asset_id, locator, path, kind: of the asset, present or not. part:
    '' for the asset itself, 'column', or the fact that lists it ('indexes'); name: of the part. field: what has another
    value, '' where the whole came or went. before, after: JSON values without literals, None for nothing; of a text
    that is not kept {'digest': ...}, and 'characters' of one that is too long. Of a column that came or went as a whole
    it is the type, of an asset the kind.
    """

    number: int
    asset_id: AssetId
    locator: str
    path: str
    kind: str
    is_present: bool
    part: str
    name: str
    field: str
    action: Action
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What one run has changed, in figures.

    is_first: the source was not known before. total, kept: how many lines there were and are. counts: action, what, how
    many things; of a first run its assets by kind.
    """

    run_id: RunId
    integration_id: IntegrationId
    integration: str
    at: datetime
    is_first: bool
    total: int
    kept: int
    counts: list[tuple[Action, str, int]]


@dataclass(frozen=True, slots=True)
class ChangePage:
    """A page of changes, run by run, newest first. next_after: what to continue after, None at the end."""

    runs: list[tuple[ChangeSet, list[Change]]]
    next_after: tuple[RunId, int] | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A page of what is different between two moments, by path.

    partial: the runs between them that it cannot tell whole. next_after: the number to continue after, None at the end.
    """

    changes: list[Change]
    partial: list[ChangeSet]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class Span:
    """The assets of one batch: the first and the last of their ids, which rise in the order of arrival."""

    first: str
    last: str
