"""Reads of an organization's sources."""

from __future__ import annotations

from django.db.models import QuerySet

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.connectors import registry
from fanlight.core.actors import Actor
from fanlight.core.errors import NotFound
from fanlight.core.identifiers import IntegrationId, PersonId
from fanlight.foundation import database
from fanlight.integrations import cadence, models
from fanlight.integrations.privileges import (
    credentials,
    found_privileges,
    on_excess,
    privileges,
    privileges_of_all,
)
from fanlight.integrations.types import Integration, Problem, Schedule, TestReport, TestState
from fanlight.tenancy import services as tenancy

__all__ = [
    "credentials",
    "default_schedule",
    "found_privileges",
    "integration",
    "integration_named",
    "integrations",
    "on_excess",
    "privileges",
    "privileges_of_all",
    "schedules",
]


def _present(actor: Actor) -> QuerySet[models.Integration]:
    # One that was deleted is gone for everybody from that moment, though its rows may still be being erased.
    return models.Integration.objects.filter(organization_id=actor.organization_id, deleted_at=None)


def _plain(row: models.Integration) -> Integration:
    report = row.test_report
    return Integration(
        id=IntegrationId(row.id),
        name=row.name,
        connector=row.connector,
        connector_title=registry.title(row.connector),
        settings=row.settings,
        created_at=row.created_at,
        created_by=PersonId(row.created_by) if row.created_by else None,
        test_state=TestState(row.test_state),
        test_requested_at=row.test_requested_at,
        tested_at=row.tested_at,
        report=None
        if report is None
        else TestReport(
            product=report["product"],
            user=report["user"],
            databases=tuple((name, may) for name, may in report["databases"]),
            is_encrypted=report["is_encrypted"],
        ),
        problem=None if row.test_error is None else Problem(**row.test_error),
        paused_at=row.paused_at,
        paused_by=PersonId(row.paused_by) if row.paused_by else None,
    )


def integrations(actor: Actor) -> list[Integration]:
    """Return the organization's sources, by name. Raises Refused."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_READ)
        rows = _present(actor).order_by("name")
        return [_plain(row) for row in rows]


def names(actor: Actor) -> dict[IntegrationId, str]:
    """Return what the organization's sources are called: most pages need no more of them. Raises Refused."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_READ)
        rows = database.kept("integrations", "names", {"organization_id": actor.organization_id})
        return {IntegrationId(ident): name for ident, name in rows}


def integration(actor: Actor, integration_id: IntegrationId) -> Integration:
    """Return one source. Raises Refused, NotFound."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_READ)
        row = _present(actor).filter(id=integration_id).first()
        if row is None:
            raise NotFound(code="integration.unknown", detail="There is no such integration.")
        return _plain(row)


def integration_named(actor: Actor, name: str) -> Integration:
    """Return the source of that name. Raises Refused, NotFound."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_READ)
        row = _present(actor).filter(name=name).first()
        if row is None:
            raise NotFound(
                code="integration.unknown",
                detail=f"There is no integration {name!r}.",
                remedy="Add it with 'fanlight connect URL --name NAME'.",
            )
        return _plain(row)


def schedules(actor: Actor) -> dict[IntegrationId, Schedule]:
    """Return the schedule of every source. Raises Refused."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_READ)
        rows = models.Schedule.objects.filter(
            organization_id=actor.organization_id, integration_id__in=_present(actor).values("id")
        )
        return {
            IntegrationId(row.integration_id): Schedule(
                cron=row.cron,
                words=cadence.describe(row.cron),
                next_at=row.next_at,
                failures=row.failures,
                refusals=row.refusals,
                stopped_at=row.stopped_at,
                stopped_reason=row.stopped_reason,
            )
            for row in rows
        }


def default_schedule(integration_id: IntegrationId) -> str:
    """Return the cron that a source begins with: once a day, at a minute of its own."""
    return cadence.daily_for(integration_id)
