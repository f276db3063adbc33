"""Schedules: changing them, what a run's end means for them, and which are due."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

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

# What a server that speaks another language, or a pooler, says is not understood: it counts as a refusal, too.
REFUSALS = ("source.refused_credential", "source.refused")
HELD = "run.held"
MOST_COUNTED = 1000


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
        locked(actor, integration_id)
        checked = cadence.check_cron(cron)
        if not _of(actor, integration_id).update(cron=checked):
            # Added by a portal of the version before, while the schema was this one's already.
            open_schedule(actor, integration_id, now)
            _of(actor, integration_id).update(cron=checked)
        forgive(actor, integration_id, now)
        audit.record(actor, ScheduleChanged(integration=str(integration_id), cron=checked), at=now)


def forgive(actor: Actor, integration_id: IntegrationId, now: datetime) -> None:
    """Forget failures and refusals: something was mended. Call inside the scope.

    Locks the source's row: one that is paused or deleted at this moment stays without a next time.
    """
    source = (
        Integration.objects.select_for_update(no_key=True)
        .filter(organization_id=actor.organization_id, id=integration_id)
        .first()
    )
    schedule = _of(actor, integration_id).first()
    if source is None or schedule is None:
        return
    rests = source.paused_at is not None or source.deleted_at is not None
    _of(actor, integration_id).update(
        failures=0,
        refusals=0,
        stopped_at=None,
        stopped_reason="",
        next_at=None if rests else cadence.next_time(schedule.cron, now),
    )


def note_success(actor: Actor, integration_id: IntegrationId, now: datetime) -> None:
    """Forget failures and refusals, since a run succeeded. Call inside the scope, in the transaction that ends it."""
    forgive(actor, integration_id, now)


def note_refusal(actor: Actor, integration_id: IntegrationId, code: str, now: datetime) -> None:
    """Count a refusal of the credential that no run met with: a person's test does. Call inside the scope."""
    if code in REFUSALS:
        note_failure(actor, integration_id, code, now)


def is_refused(actor: Actor, integration_id: IntegrationId) -> bool:
    """Tell whether a source has refused its credential so often that nobody tries it by himself. Inside the scope."""
    return _of(actor, integration_id).filter(refusals__gte=cadence.REFUSALS).exists()


def note_failure(actor: Actor, integration_id: IntegrationId, code: str, now: datetime) -> None:
    """Try again later, or stop and leave it to a person. Call inside the scope, in the transaction that ends the run.

    A third refusal of the credential since the last success stops it, since a fourth might lock the account at the
    source; so does a run that waits for an answer (code 'run.held').
    """
    schedule = _of(actor, integration_id).select_for_update(no_key=True).first()
    if schedule is None:
        return
    failures = min(schedule.failures + 1, MOST_COUNTED)
    refusals = min(schedule.refusals + (code in REFUSALS), MOST_COUNTED)
    stops = refusals >= cadence.REFUSALS or code == HELD
    next_at = None
    # A source that is paused, or was stopped already, does not start again by failing once more.
    if not stops and schedule.stopped_at is None and schedule.next_at is not None:
        next_at = cadence.retry_time(schedule.cron, failures, now)
    _of(actor, integration_id).update(
        failures=failures,
        refusals=refusals,
        next_at=next_at,
        stopped_at=schedule.stopped_at or (now if stops else None),
        stopped_reason=schedule.stopped_reason or (code if stops else ""),
    )
    if stops and schedule.stopped_at is None:
        audit.record(actor, ScheduleStopped(integration=str(integration_id), reason=code), at=now)


def park(actor: Actor, integration_id: IntegrationId, reason: str, now: datetime) -> None:
    """Take a source out of turn without reading anything of it: it was what stood in the way. Call inside the scope."""
    _of(actor, integration_id).update(next_at=None, stopped_at=now, stopped_reason=reason)


def due(most: int) -> list[tuple[OrganizationId, IntegrationId]]:
    """Return the sources whose time has come, the organizations in turn. Works as the worker's role only."""
    found = database.rows("integrations", "due_now", {"most": most})
    return [(OrganizationId(one), IntegrationId(other)) for one, other in found]


def take_turn(actor: Actor, integration_id: IntegrationId, now: datetime) -> int | None:
    """Move a due source to its next regular time; return its failures in a row, None when it is not due any more.

    Call inside the scope, in the transaction that asks for the run.
    """
    schedule = _of(actor, integration_id).select_for_update(no_key=True).filter(next_at__lte=now).first()
    if schedule is None:
        return None
    _of(actor, integration_id).update(next_at=cadence.next_time(schedule.cron, now))
    return schedule.failures


def rest(actor: Actor, integration_id: IntegrationId) -> None:
    """Take a source that is paused or deleted out of turn. Call inside the scope."""
    _of(actor, integration_id).update(next_at=None)


def to_erase(most: int) -> list[tuple[OrganizationId, IntegrationId]]:
    """Return the sources that were deleted and are still to be erased. Works as the worker's role only."""
    found = database.rows("integrations", "to_erase", {"most": most})
    return [(OrganizationId(one), IntegrationId(other)) for one, other in found]


def _of(actor: Actor, integration_id: IntegrationId) -> QuerySet[Schedule]:
    return Schedule.objects.filter(organization_id=actor.organization_id, integration_id=integration_id)
