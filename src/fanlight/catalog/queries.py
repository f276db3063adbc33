"""Reads of the catalogue: an asset, what is below it, its columns, and the way to it."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.catalog.changes import changes, difference
from fanlight.catalog.types import Asset, Children, Column, Columns, Crumb
from fanlight.core.actors import Actor
from fanlight.core.errors import NotFound, WrongUse
from fanlight.core.identifiers import AssetId, IntegrationId, OrganizationId, RunId, join_path, split_path
from fanlight.foundation import database
from fanlight.integrations import queries as integrations
from fanlight.tenancy import services as tenancy

__all__ = [
    "asset",
    "asset_at",
    "assets",
    "changes",
    "children",
    "columns",
    "counts",
    "crumbs",
    "departures",
    "descend",
    "difference",
    "kinds_below",
    "located",
    "partitions",
    "way_to",
]

PAGE = 200
EVERY_COLUMN = 100_000  # PostgreSQL ends at 1,600 a table; other sources go further


def _asset(row: tuple[Any, ...], names: Mapping[IntegrationId, str]) -> Asset:
    # In the order of the SQL files that name this function's row.
    (
        ident,
        integration_id,
        kind,
        name,
        locator,
        parent,
        comment,
        facts,
        columns,
        rows,
        size,
        not_seen,
        made,
        changed,
    ) = row
    return Asset(
        id=AssetId(ident),
        integration_id=IntegrationId(integration_id),
        kind=kind,
        name=name,
        locator=locator,
        path=f"{join_path(names[integration_id])}.{locator}",
        parent=parent,
        comment=comment,
        facts=json.loads(facts),
        column_count=columns,
        row_estimate=rows,
        size_bytes=size,
        not_seen=not_seen,
        created_at=made,
        changed_at=changed,
    )


def _column(row: tuple[Any, ...]) -> Column:
    # Django hands JSON over as text, for its own fields to read.
    name, position, kind, is_nullable, default, comment, extra = row
    return Column(name, position, kind, is_nullable, default, comment, json.loads(extra) if extra else {})


def asset(actor: Actor, asset_id: AssetId) -> Asset:
    """Return one present asset. Raises Refused, NotFound."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.CATALOG_READ)
        found = database.kept(
            "catalog", "asset", {"organization_id": actor.organization_id, "asset_id": asset_id}
        )
    if not found:
        raise NotFound(code="asset.unknown", detail="There is no such asset.")
    *row, integration = found[0]
    return _asset(tuple(row), {row[1]: integration})


def assets(actor: Actor, asset_ids: list[AssetId]) -> list[Asset]:
    """Return the present assets among these, in no particular order. Raises Refused."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.CATALOG_READ)
        names = integrations.names(actor)
        rows = database.rows(
            "catalog", "assets_by_id", {"organization_id": actor.organization_id, "ids": asset_ids}
        )
        return [_asset(row, names) for row in rows if row[1] in names]


def asset_at(actor: Actor, path: str) -> Asset:
    """Return the asset at a whole path, beginning with the integration's name. Raises Refused, WrongUse, NotFound."""
    try:
        name, *rest = split_path(path)
    except ValueError as error:
        raise WrongUse(
            code="path.malformed",
            detail=f"{path!r} is not a path.",
            remedy='Write it as integration.database.schema.relation, with "quotes" around parts that need them.',
        ) from error
    with tenancy.scope(actor.organization_id):
        integration = integrations.integration_named(actor, name)
        locator = join_path(*rest) if rest else ""
        found = database.rows(
            "catalog",
            "ids_by_locator",
            {
                "organization_id": actor.organization_id,
                "integration_id": integration.id,
                "locators": [locator],
            },
        )
        if not found:
            raise NotFound(
                code="asset.unknown",
                detail=f"There is nothing at {path!r}.",
                remedy="Search for it with 'fanlight search'.",
            )
        return asset(actor, AssetId(found[0][1]))


def located(actor: Actor, integration_id: IntegrationId, locators: list[str]) -> dict[str, AssetId]:
    """Return the present assets of an integration at these locators. Raises Refused."""
    if not locators:
        return {}
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.CATALOG_READ)
        rows = database.kept(
            "catalog",
            "ids_by_locator",
            {
                "organization_id": actor.organization_id,
                "integration_id": integration_id,
                "locators": locators,
            },
        )
    return {row[0]: AssetId(row[1]) for row in rows}


def partitions(actor: Actor, of: Asset, *, after: str = "", most: int = PAGE) -> Children:
    """Return a page of the relations whose parent this one is, by locator. Raises Refused.

    total: of this page. next_after: the locator to continue after.
    """
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.CATALOG_READ)
        names = integrations.names(actor)
        rows = database.rows(
            "catalog",
            "partitions",
            {
                "organization_id": actor.organization_id,
                "integration_id": of.integration_id,
                "parent": json.dumps(split_path(of.locator)),
                "after": after,
                "most": most + 1,
            },
        )
    page = [_asset(row, names) for row in rows[:most] if row[1] in names]
    return Children(assets=page, total=len(page), next_after=page[-1].locator if len(rows) > most else None)


def way_to(of: Asset) -> list[str]:
    """Return the locators of what holds an asset, from its database down; ask `located` for them, and then `crumbs`."""
    parts = split_path(of.locator)[:-1]
    return [join_path(*parts[: depth + 1]) for depth in range(len(parts))]


def crumbs(of: Asset, known: Mapping[str, AssetId]) -> list[Crumb]:
    """Return the way to an asset, from its integration down, without the asset itself.

    known: what `located` found of `way_to`, and possibly more.
    """
    found = [Crumb(name=split_path(at)[-1], asset_id=known[at]) for at in way_to(of) if at in known]
    return [Crumb(name=split_path(of.path)[0], asset_id=None), *found]


def children(
    actor: Actor,
    integration_id: IntegrationId,
    parent: str,
    *,
    kinds: Sequence[str] = (),
    containing: str = "",
    after: str | None = None,
    most: int = PAGE,
) -> Children:
    """Return a page of what is directly below a locator ('' for the integration's databases), by name.

    kinds: only these; all where none is given. containing: part of a name, in any case. after: the name that the
    page before ended with. Raises Refused.
    """
    escaped = containing.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values = {
        "organization_id": actor.organization_id,
        "integration_id": integration_id,
        "parent": parent,
        "kinds": list(kinds) or None,
        "containing": f"%{escaped}%" if containing else None,
        "after": after,
        "most": most + 1,
    }
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.CATALOG_READ)
        names = integrations.names(actor)
        total = int(database.rows("catalog", "count_children", values)[0][0])
        rows = database.rows("catalog", "children", values) if total else []
    page = [_asset(row, names) for row in rows[:most] if row[1] in names]
    return Children(assets=page, total=total, next_after=page[-1].name if len(rows) > most else None)


def kinds_below(actor: Actor, integration_id: IntegrationId, parent: str) -> dict[str, int]:
    """Return how many assets of each kind are directly below a locator. Raises Refused."""
    values = {
        "organization_id": actor.organization_id,
        "integration_id": integration_id,
        "parent": parent,
    }
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.CATALOG_READ)
        return dict(database.rows("catalog", "count_children_by_kind", values))


def columns(actor: Actor, asset_id: AssetId, *, after: int = 0, most: int = PAGE) -> Columns:
    """Return a page of a relation's columns, in the source's order. Raises Refused."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.CATALOG_READ)
        rows = database.kept(
            "catalog",
            "columns",
            {
                "organization_id": actor.organization_id,
                "asset_id": asset_id,
                "after": after,
                "most": most + 1,
            },
        )
    page = [_column(row) for row in rows[:most]]
    return Columns(columns=page, next_after=page[-1].position if len(rows) > most else None)


def descend(actor: Actor, start: Asset) -> Iterator[tuple[Asset, list[Column]]]:
    """Yield an asset and everything below it with their columns, parents first, page by page. Raises Refused."""
    yield start, _columns_of(actor, [start])[start.id]
    escaped = start.locator.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    after = start.locator
    while True:
        with tenancy.scope(actor.organization_id):
            access.require(actor, Permission.CATALOG_READ)
            names = integrations.names(actor)
            rows = database.rows(
                "catalog",
                "subtree",
                {
                    "organization_id": actor.organization_id,
                    "integration_id": start.integration_id,
                    "below": f"{escaped}.%",
                    "after": after,
                    "most": PAGE,
                },
            )
            page = [_asset(row, names) for row in rows if row[1] in names]
            of = _columns_of(actor, page)
        for one in page:
            yield one, of[one.id]
        if len(page) < PAGE:
            return
        after = page[-1].locator


def _columns_of(actor: Actor, of: list[Asset]) -> dict[AssetId, list[Column]]:
    found: dict[AssetId, list[Column]] = {one.id: [] for one in of}
    with tenancy.scope(actor.organization_id):
        rows = database.rows(
            "catalog", "columns_of_assets", {"organization_id": actor.organization_id, "ids": list(found)}
        )
    for row in rows:
        found[row[0]].append(_column(row[1:]))
    return found


def departures(actor: Actor, run_id: RunId, *, after: str = "", most: int = PAGE) -> list[tuple[str, str]]:
    """Return a page of what a run proposes to remove: locator and kind, by locator. Raises Refused."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.CATALOG_READ)
        rows = database.rows(
            "catalog",
            "departures",
            {"organization_id": actor.organization_id, "run_id": run_id, "after": after, "most": most},
        )
    return [(locator, kind) for locator, kind in rows]


MOST_COUNTED = 1_000  # organizations
_last_counts: OrderedDict[OrganizationId, tuple[tuple[Any, ...], list[tuple[Any, ...]]]] = OrderedDict()


def _counted(organization_id: OrganizationId) -> list[tuple[Any, ...]]:
    # Counting 100,000 assets takes as long as the rest of a page ten times over; so it is done once a change.
    values = {"organization_id": organization_id}
    (version,) = database.rows("catalog", "version_of_counts", values)
    known = _last_counts.get(organization_id)
    if known is None or known[0] != version:
        known = (version, database.rows("catalog", "count_by_kind", values))
        _last_counts[organization_id] = known
        while len(_last_counts) > MOST_COUNTED:
            _last_counts.popitem(last=False)
    return known[1]


def counts(actor: Actor) -> dict[IntegrationId, dict[str, int]]:
    """Return how many assets of each kind, and how many columns, each integration has. Raises Refused."""
    found: dict[IntegrationId, dict[str, int]] = {}
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.CATALOG_READ)
        names = integrations.names(actor)
        rows = _counted(actor.organization_id)
    for integration_id, kind, count, column_count in rows:
        if integration_id not in names:
            continue
        of = found.setdefault(IntegrationId(integration_id), {})
        of[kind] = count
        of["column"] = of.get("column", 0) + (column_count or 0)
    return found
