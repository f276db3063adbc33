"""A source that is changed and extracted, and what its runs have changed, as short as a test wants to read it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from fanlight.catalog import queries as catalog
from fanlight.catalog.types import Change, ChangeSet, Difference
from fanlight.core.identifiers import IntegrationId
from tests.conftest import World
from tests.sources import Source, add, extract

Said = tuple[str, str, str, str, str, Any, Any]
FIRST_DAY, LAST_DAY = datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


@pytest.fixture
def shop(world: World, source: Source) -> IntegrationId:
    """The shop, extracted once."""
    integration_id = add(world, source)
    extract(world, integration_id)
    return integration_id


def as_said(change: Change) -> Said:
    *_, name = change.locator.split(".", 1)
    return (name, change.part, change.name, change.field, change.action.value, change.before, change.after)


def latest_of(world: World, integration_id: IntegrationId) -> list[Said]:
    """What the latest run that changed something has changed."""
    (_, changes), *_ = catalog.changes(world.alice, integration_id=integration_id).runs
    return [as_said(one) for one in changes]


def sets_of(world: World, integration_id: IntegrationId) -> list[ChangeSet]:
    return [found for found, _ in catalog.changes(world.alice, integration_id=integration_id).runs]


def after_running(world: World, source: Source, integration_id: IntegrationId, statement: str) -> list[Said]:
    """Change the source, extract it, and return what that has changed; nothing where no line was written."""
    before = len(sets_of(world, integration_id))
    source.run(statement)
    extract(world, integration_id)
    return latest_of(world, integration_id) if len(sets_of(world, integration_id)) > before else []


def net_of(
    world: World, integration_id: IntegrationId, since: datetime = FIRST_DAY, until: datetime = LAST_DAY
) -> Difference:
    return catalog.difference(world.alice, integration_id, since=since, until=until)
