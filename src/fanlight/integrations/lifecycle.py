"""Pausing, resuming and deleting a source. What runs at that moment is stopped by `extraction`, which asks for this."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.audit import services as audit
from fanlight.core.actors import Actor
from fanlight.core.errors import Conflict, NotFound
from fanlight.core.identifiers import IntegrationId
from fanlight.integrations import cadence
from fanlight.integrations.models import Integration, Schedule
from fanlight.integrations.types import (
    IntegrationDeleted,
    IntegrationErased,
    IntegrationPaused,
    IntegrationResumed,
)
from fanlight.tenancy import services as tenancy


def locked(actor: Actor, integration_id: IntegrationId) -> Integration:
    """Return the row of a source that is not being erased, locked until the transaction ends. Raises NotFound."""
    row = (
        Integration.objects.select_for_update(no_key=True)
        .filter(organization_id=actor.organization_id, id=integration_id, deleted_at=None)
        .first()
    )
    if row is None:
        raise NotFound(code="integration.unknown", detail="There is no such integration.")
    return row


def pause(*, actor: Actor, integration_id: IntegrationId, now: datetime) -> bool:
    """Let no run of a source begin, and tell whether it was not paused before. Raises Refused, NotFound."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_PAUSE)
        if locked(actor, integration_id).paused_at is not None:
            return False
        _of(actor, integration_id).update(paused_at=now, paused_by=actor.person_id)
        _schedule(actor, integration_id).update(next_at=None)
        audit.record(actor, IntegrationPaused(integration=str(integration_id)), at=now)
    return True


def resume(*, actor: Actor, integration_id: IntegrationId, now: datetime) -> bool:
    """Let runs begin again, by the schedule too, and tell whether it was paused. Raises Refused, NotFound."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_PAUSE)
        if locked(actor, integration_id).paused_at is None:
            return False
        _of(actor, integration_id).update(paused_at=None, paused_by=None)
        schedule = _schedule(actor, integration_id).first()
        if schedule is not None and schedule.stopped_at is None:
            next_at = cadence.next_time(schedule.cron, now)
            _schedule(actor, integration_id).update(next_at=next_at)
        audit.record(actor, IntegrationResumed(integration=str(integration_id)), at=now)
    return True


def delete(*, actor: Actor, integration_id: IntegrationId, typed_name: str, now: datetime) -> None:
    """Make a source disappear from every page at once; what is stored of it is erased by the job that follows.

    typed_name: the name again, from the person who means it. Raises Refused, NotFound, Conflict when it is another.
    """
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_DELETE)
        row = locked(actor, integration_id)
        if typed_name.strip() != row.name:
            raise Conflict(
                code="field.name_again",
                detail="That is not this integration's name.",
                remedy=f"Type {row.name} to delete it with all that is stored of it.",
            )
        _of(actor, integration_id).update(deleted_at=now, deleted_by=actor.person_id)
        _schedule(actor, integration_id).update(next_at=None)
        audit.record(actor, IntegrationDeleted(integration=str(integration_id), name=row.name), at=now)


def erase(
    *, actor: Actor, integration_id: IntegrationId, assets: int, columns: int, runs: int, now: datetime
) -> bool:
    """Erase a deleted source and, by its keys, all that is stored of it, at once. Works as the worker's role only.

    The counts are what the audit log will say was erased. Tells whether there was anything. One that was not deleted
    stays.
    """
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_RUN)
        erased, _ = _of(actor, integration_id).filter(deleted_at__isnull=False).delete()
        if erased:
            audit.record(
                actor,
                IntegrationErased(integration=str(integration_id), assets=assets, columns=columns, runs=runs),
                at=now,
            )
    return bool(erased)


def _of(actor: Actor, integration_id: IntegrationId) -> QuerySet[Integration]:
    return Integration.objects.filter(organization_id=actor.organization_id, id=integration_id)


def _schedule(actor: Actor, integration_id: IntegrationId) -> QuerySet[Schedule]:
    return Schedule.objects.filter(organization_id=actor.organization_id, integration_id=integration_id)
