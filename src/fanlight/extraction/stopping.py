"""Stopping what runs: a row says it, a nudge makes the run's own watcher look, and that cancels at the source."""

from __future__ import annotations

import contextlib
from datetime import datetime

from django.db import IntegrityError, transaction

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.audit import services as audit
from fanlight.catalog import services as catalog
from fanlight.core.actors import Actor
from fanlight.core.errors import Conflict
from fanlight.core.identifiers import IntegrationId, OrganizationId, RunId
from fanlight.extraction import queries
from fanlight.extraction.lease import STALE_SECONDS, stop_reason
from fanlight.extraction.models import Approval, Run, StopRequest
from fanlight.extraction.running import request_run
from fanlight.extraction.types import (
    ExtractionStopped,
    RemovalApproved,
    RunState,
    RunStopped,
    StopRequested,
    Trigger,
)
from fanlight.foundation import clock, database, jobs, nudges
from fanlight.integrations import services as integrations
from fanlight.tenancy import services as tenancy

STOP_JOB = "extraction.end_stopped"
ERASE_JOB = "extraction.erase_integration"


def cancel_run(*, actor: Actor, run_id: RunId, now: datetime) -> None:
    """End a run now, at the source too. Raises Refused, NotFound, and Conflict when it is over already."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_RUN)
        run = queries.run(actor, run_id)
        if run.state.is_over:
            raise Conflict(code="run.over", detail="This run is over already.")
        _ask(actor, run.integration_id, run_id, "cancelled", now)


def pause_integration(*, actor: Actor, integration_id: IntegrationId, now: datetime) -> None:
    """Let no run of a source begin, and end the one that runs, at the source too. Raises Refused, NotFound."""
    with tenancy.scope(actor.organization_id):
        # Also where it was paused before: should something run all the same, it ends now.
        integrations.pause(actor=actor, integration_id=integration_id, now=now)
        _stop_active(actor, integration_id, "paused", now)


def resume_integration(*, actor: Actor, integration_id: IntegrationId, now: datetime) -> None:
    """Let runs of a source begin again, by its schedule too. Raises Refused, NotFound."""
    integrations.resume(actor=actor, integration_id=integration_id, now=now)


def delete_integration(
    *, actor: Actor, integration_id: IntegrationId, typed_name: str, now: datetime
) -> None:
    """Delete a source: gone from every page at once, what runs is ended, all that is stored of it is erased.

    typed_name: its name again. Raises Refused, NotFound, Conflict when the name is another.
    """
    with tenancy.scope(actor.organization_id):
        integrations.delete(actor=actor, integration_id=integration_id, typed_name=typed_name, now=now)
        _stop_active(actor, integration_id, "deleted", now)
        ask_to_erase(actor.organization_id, integration_id)


def ask_to_erase(organization_id: OrganizationId, integration_id: IntegrationId) -> None:
    """Have a worker erase a deleted source; asked for again while it is not done. Call inside the scope."""
    jobs.defer(
        ERASE_JOB,
        once=f"erase {integration_id}",
        organization_id=organization_id,
        integration_id=integration_id,
    )


def erase_integration(*, organization_id: OrganizationId, integration_id: IntegrationId) -> bool:
    """Erase a deleted source with all that is stored of it, in one transaction; False while a run of it still ends.

    Works as the worker's database role only.
    """
    actor = Actor.worker(organization_id)
    values = {
        "organization_id": organization_id,
        "integration_id": integration_id,
        "stale_seconds": STALE_SECONDS,
    }
    with tenancy.scope(organization_id):
        # A merge that holds its run's row is waited for: it would meet us half-way, the other way round.
        list(
            Run.objects.select_for_update().filter(
                organization_id=organization_id, integration_id=integration_id, state=RunState.RUNNING
            )
        )
        running, assets, columns, runs = database.rows("extraction", "count_of_integration", values)[0]
        if running:
            return False
        catalog.forget_arrivals(organization_id, integration_id)
        integrations.erase(
            actor=actor,
            integration_id=integration_id,
            assets=assets,
            columns=columns,
            runs=runs,
            now=clock.now(),
        )
        catalog.finish_erasure(organization_id)
    return True


def approve_removal(*, actor: Actor, run_id: RunId, now: datetime) -> RunId:
    """Let what a held run proposed be removed: another run is asked for that may remove exactly that. Returns it.

    Raises Refused, NotFound, and Conflict when that run asks nothing, or no more.
    """
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.REMOVAL_APPROVE)
        run = queries.run(actor, run_id)
        latest = queries.runs_of(actor, run.integration_id, most=1)
        if run.state is not RunState.HELD or latest[0].id != run_id:
            raise Conflict(
                code="run.asks_nothing",
                detail="This run asks nothing, or a later one has taken its place.",
                remedy="Look at the integration's latest run.",
            )
        # Approved before, and its run did not come about: it is asked for again.
        with contextlib.suppress(IntegrityError), transaction.atomic():
            Approval.objects.create(
                organization_id=actor.organization_id,
                run_id=run_id,
                approved_at=now,
                approved_by=actor.person_id,
            )
        audit.record(
            actor,
            RemovalApproved(integration=str(run.integration_id), run=str(run_id), removals=run.removals),
            at=now,
        )
        return request_run(
            actor=actor,
            integration_id=run.integration_id,
            is_deferred=True,
            now=now,
            trigger=Trigger.APPROVAL,
            approval_of=run_id,
        )


def end_stopped(*, organization_id: OrganizationId, run_id: RunId) -> None:
    """End a run that was to stop before anybody took it up, or whose holder has died. As the worker's role only."""
    actor = Actor.worker(organization_id)
    with tenancy.scope(organization_id):
        reason = stop_reason(organization_id, run_id)
        if not reason:
            return
        stopped = RunStopped(reason)
        ended = database.rows(
            "extraction",
            "end_stopped",
            {
                "organization_id": organization_id,
                "run_id": run_id,
                "stale_seconds": STALE_SECONDS,
                "code": stopped.code,
                "detail": stopped.detail,
                "remedy": stopped.remedy,
            },
        )
        for (integration_id,) in ended:
            audit.record(
                actor,
                ExtractionStopped(integration=str(integration_id), run=str(run_id), reason=reason),
                at=clock.now(),
            )


def _stop_active(actor: Actor, integration_id: IntegrationId, reason: str, now: datetime) -> None:
    # Tests of the connection and looks by controls as well: nothing more is to be sent to the source.
    active = Run.objects.filter(
        organization_id=actor.organization_id,
        integration_id=integration_id,
        state__in=[RunState.QUEUED, RunState.RUNNING],
    )
    for row in active:
        _ask(actor, integration_id, RunId(row.id), reason, now)


def _ask(actor: Actor, integration_id: IntegrationId, run_id: RunId, reason: str, now: datetime) -> None:
    known = StopRequest.objects.filter(organization_id=actor.organization_id, run_id=run_id)
    if not known.exists():
        with contextlib.suppress(IntegrityError), transaction.atomic():
            StopRequest.objects.create(
                organization_id=actor.organization_id,
                run_id=run_id,
                asked_at=now,
                asked_by=actor.person_id,
                reason=reason,
            )
        audit.record(
            actor, StopRequested(integration=str(integration_id), run=str(run_id), reason=reason), at=now
        )
    nudges.nudge(nudges.RUNS)
    jobs.defer(STOP_JOB, organization_id=actor.organization_id, run_id=run_id)
