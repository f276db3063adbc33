"""Reads of what runs have changed: one by one, the newest first, or the difference between two moments."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.catalog.types import Action, Change, ChangePage, ChangeSet, Difference
from fanlight.core.actors import Actor
from fanlight.core.identifiers import AssetId, IntegrationId, RunId, join_path
from fanlight.foundation import database
from fanlight.integrations import queries as integrations
from fanlight.tenancy import services as tenancy

MOST_CHANGES = 100
_SET = 7  # columns of the run's figures, before those of the line
Names = Mapping[IntegrationId, str]


def changes(
    actor: Actor,
    *,
    integration_id: IntegrationId | None = None,
    asset_id: AssetId | None = None,
    below: str | None = None,
    actions: Sequence[Action] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    after: tuple[RunId, int] | None = None,
    most: int = MOST_CHANGES,
) -> ChangePage:
    """Return a page of what runs have changed, the newest run first, within a run by path.

    integration_id: of this source only. asset_id: of this asset only; below: of what is at this locator or under it.
    actions: only these; all where none is given. since, until: aware datetimes, the second excluded. after: the page
    before's `next_after`. Raises Refused.
    """
    after_run, after_number = after or (None, None)
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.CATALOG_READ)
        names = _names(actor)
        chosen = [one for one in names if integration_id in (None, one)]
        values = {
            "organization_id": actor.organization_id,
            "integration_ids": chosen,
            "asset_id": asset_id,
            "below": below,
            "actions": [str(one) for one in actions] or None,
            "since": since,
            "until": until,
            "after_run": after_run,
            "after_number": after_number,
            "most": most + 1,
        }
        rows = database.rows("catalog", "changes", values) if chosen else []
    runs = [_run(list(some), names) for _, some in groupby(rows[:most], key=lambda row: row[0])]
    last = rows[most - 1] if len(rows) > most else None
    return ChangePage(runs=runs, next_after=(RunId(last[0]), last[_SET] or 0) if last else None)


def difference(
    actor: Actor,
    integration_id: IntegrationId,
    *,
    since: datetime,
    until: datetime,
    asset_id: AssetId | None = None,
    below: str | None = None,
    after: int = 0,
    most: int = MOST_CHANGES,
) -> Difference:
    """Return a page of how a source at one moment differs from itself at another, by path.

    since, until: aware datetimes; a run at `since` counts, one at `until` does not. What came and went between them is
    not listed, nor what has its first value again. asset_id, below: as for `changes`. Raises Refused, NotFound.
    """
    values = {
        "organization_id": actor.organization_id,
        "integration_id": integration_id,
        "asset_id": asset_id,
        "below": below,
        "since": since,
        "until": until,
        "after": after,
        "most": most + 1,
    }
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.CATALOG_READ)
        integration = integrations.integration(actor, integration_id)
        names = {integration.id: integration.name}
        rows = database.rows("catalog", "difference", values)
        partial = database.rows("catalog", "change_sets", values)
    page = [_line(row, integration.name) for row in rows[:most]]
    return Difference(
        changes=page,
        partial=[_set(row, names) for row in partial],
        next_after=page[-1].number if len(rows) > most else None,
    )


def _names(actor: Actor) -> Names:
    return dict(integrations.names(actor))


def _run(rows: list[tuple[Any, ...]], names: Names) -> tuple[ChangeSet, list[Change]]:
    found = _set(rows[0][:_SET], names)
    return found, [_line(row[_SET:], found.integration) for row in rows if row[_SET] is not None]


def _set(row: tuple[Any, ...], names: Names) -> ChangeSet:
    run_id, integration_id, at, is_first, total, kept, counts = row
    return ChangeSet(
        run_id=RunId(run_id),
        integration_id=IntegrationId(integration_id),
        integration=names[integration_id],
        at=at,
        is_first=is_first,
        total=total,
        kept=kept,
        counts=[(Action(action), what, count) for action, what, count in json.loads(counts)],
    )


def _line(row: tuple[Any, ...], integration: str) -> Change:
    number, asset_id, locator, kind, is_present, part, name, field, action, before, after = row
    return Change(
        number=number,
        asset_id=AssetId(asset_id),
        locator=locator,
        path=f"{join_path(integration)}.{locator}",
        kind=kind,
        is_present=is_present,
        part=part,
        name=name,
        field=field,
        action=Action(action),
        before=_value(before),
        after=_value(after),
    )


def _value(text: str | None) -> Any:
    return None if text is None else json.loads(text)
