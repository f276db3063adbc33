"""Schedules: changing them, what a run's end means for them, and which are due."""

from __future__ import annotations

from datetime import datetime

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.audit import services as audit
from fanlight.core.actors import Actor
from fanlight.core.identifiers import IntegrationId, OrganizationId
from fanlight.foundation import database
from fanlight.integrations import cadence
from fanlight.integrations.lifecycle import locked
from fanlight.integrations.models import Integration, Schedule
from fanlight.integrations.types import ScheduleChanged, ScheduleStopped
from fanlight.tenancy import services as tenancy

REFUSED_CREDENTIAL = "source.refused_credential"
HELD = "run.held"


def open_schedule(actor: Actor, integration_id: IntegrationId, now: datetime) -> None:
    """Give a new source the default schedule: once a day. Call inside its scope, in the transaction that adds it."""
    cron = cadence.daily_for(integration_id)
    Schedule.objects.create(
        organization_id=actor.organization_id,
        integration_id=integration_id,
        cron=cron,
        next_at=cadence.next_time(cron, now),
        failures=0,
        refusals=0,
        stopped_reason="",
    )


def set_schedule(*, actor: Actor, integration_id: IntegrationId, cron: str, now: datetime) -> None:
    """Choose when a source is extracted by itself. cron: five fields in UTC; empty: only when asked for.

    Raises Refused, NotFound, WrongUse (code 'field.cron').
    """
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_MANAGE)
        integration = locked(actor, integration_id)
        checked = cadence.check_cron(cron)
        Schedule.objects.filter(organization_id=actor.organization_id, integration_id=integration_id).update(
            cron=checked, next_at=None if integration.paused_at else cadence.next_time(checked, now)
        )
        forgive(actor, integration_id, now)
        audit.record(actor, ScheduleChanged(integration=str(integration_id), cron=checked), at=now)


def forgive(actor: Actor, integration_id: IntegrationId, now: datetime) -> None:
    """Forget failures and refusals: something was mended. Call inside the scope, with the source's row locked."""
    schedule = Schedule.objects.filter(
        organization_id=actor.organization_id, integration_id=integration_id
    ).first()
    if schedule is None:
        return
    is_paused = Integration.objects.filter(
        organization_id=actor.organization_id, id=integration_id, paused_at__isnull=False
    ).exists()
    Schedule.objects.filter(organization_id=actor.organization_id, integration_id=integration_id).update(
        failures=0,
        refusals=0,
        stopped_at=None,
        stopped_reason="",
        next_at=None if is_paused else cadence.next_time(schedule.cron, now),
    )


def note_success(actor: Actor, integration_id: IntegrationId, now: datetime) -> None:
    """Forget failures and refusals, since a run succeeded. Call inside the scope, in the transaction that ends it."""
    forgive(actor, integration_id, now)


def note_failure(actor: Actor, integration_id: IntegrationId, code: str, now: datetime) -> None:
    """Try again later, or stop and leave it to a person. Call inside the scope, in the transaction that ends the run.

    A third refusal of the credential in a row stops it, since a fourth might lock the account at the source; so does
    a run that waits for an answer (code 'run.held').
    """
    schedule = (
        Schedule.objects.select_for_update(no_key=True)
        .filter(organization_id=actor.organization_id, integration_id=integration_id)
        .first()
    )
    if schedule is None:
        return
    failures = schedule.failures + 1
    refusals = schedule.refusals + 1 if code == REFUSED_CREDENTIAL else 0
    stops = refusals >= cadence.REFUSALS or code == HELD
    next_at = None
    # A source that is paused, or was stopped already, does not start again by failing once more.
    if not stops and schedule.stopped_at is None and schedule.next_at is not None:
        next_at = cadence.retry_time(schedule.cron, failures, now)
    Schedule.objects.filter(organization_id=actor.organization_id, integration_id=integration_id).update(
        failures=failures,
        refusals=refusals,
        next_at=next_at,
        stopped_at=schedule.stopped_at or (now if stops else None),
        stopped_reason=schedule.stopped_reason or (code if stops else ""),
    )
    if stops and schedule.stopped_at is None:
        audit.record(actor, ScheduleStopped(integration=str(integration_id), reason=code), at=now)


def due(most: int) -> list[tuple[OrganizationId, IntegrationId]]:
    """Return the sources whose time has come, the organizations in turn. Works as the worker's role only."""
    found = database.rows("integrations", "due_now", {"most": most})
    return [(OrganizationId(one), IntegrationId(other)) for one, other in found]


def take_turn(actor: Actor, integration_id: IntegrationId, now: datetime) -> int | None:
    """Move a due source to its next regular time; return its failures in a row, None when it is not due any more.

    Call inside the scope, in the transaction that asks for the run.
    """
    schedule = (
        Schedule.objects.select_for_update(no_key=True)
        .filter(organization_id=actor.organization_id, integration_id=integration_id, next_at__lte=now)
        .first()
    )
    if schedule is None:
        return None
    Schedule.objects.filter(organization_id=actor.organization_id, integration_id=integration_id).update(
        next_at=cadence.next_time(schedule.cron, now)
    )
    return schedule.failures
