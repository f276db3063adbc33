"""A run, from the request to its end."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.audit import services as audit
from fanlight.core.actors import Actor
from fanlight.core.errors import Conflict, FanlightError
from fanlight.core.identifiers import IntegrationId, OrganizationId, RunId
from fanlight.extraction import ending, queries
from fanlight.extraction import lease as leases
from fanlight.extraction.models import Run as RunRow
from fanlight.extraction.probing import secret_of, unexpected
from fanlight.extraction.reading import Reading
from fanlight.extraction.types import (
    ExtractionRequested,
    ExtractionStarted,
    Purpose,
    Run,
    RunState,
    RunStopped,
    Trigger,
    Watcher,
)
from fanlight.foundation import clock, database, jobs
from fanlight.integrations import queries as integrations
from fanlight.integrations.types import Integration
from fanlight.tenancy import services as tenancy
from fanlight.vault import services as vault
from fanlight.vault.types import RootKey

STALE_SECONDS = leases.STALE_SECONDS
NEXT_JOB = "extraction.run_next"
MOST_ATTEMPTS = 3


def request_run(
    *,
    actor: Actor,
    integration_id: IntegrationId,
    is_deferred: bool,
    now: datetime,
    trigger: Trigger = Trigger.PERSON,
    approval_of: RunId | None = None,
) -> RunId:
    """Ask for an extraction and return its run; a run that waits or works already is returned instead.

    is_deferred: whether a worker is to take it up (the portal), or the caller does at once (the command line).
    approval_of: the run whose removals it may carry out. Raises Refused, NotFound, and Conflict when it is paused or a
    run of it that was to stop has not ended yet.
    """
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_RUN)
        if integrations.integration(actor, integration_id).paused_at is not None:
            raise Conflict(
                code="integration.paused", detail="This integration is paused.", remedy="Resume it first."
            )
        run_id = RunId(clock.uuid7())
        values = {
            "organization_id": actor.organization_id,
            "run_id": run_id,
            "integration_id": integration_id,
            "trigger": trigger,
            "now": now,
            "requested_by": actor.person_id,
            "approval_of": approval_of,
        }
        try:
            with transaction.atomic():
                database.execute("extraction", "request_run", values)
        except IntegrityError:
            # The unique index found one that is not over yet.
            return _active(actor.organization_id, integration_id)
        if is_deferred:
            # One job for each request; whose run it takes up is decided when a place is free.
            jobs.defer(NEXT_JOB)
        audit.record(actor, ExtractionRequested(integration=str(integration_id), run=str(run_id)), at=now)
    return run_id


def execute_run(
    *, organization_id: OrganizationId, run_id: RunId, root_key: RootKey, watcher: Watcher | None = None
) -> Run:
    """Take a run up, carry it out, and return how it ended. Works as the worker's database role only.

    A failure of the source ends the run as failed and does not raise. Raises Conflict(code='run.taken') when another
    process works on it, and passes on what interrupts this process, after noting it.
    """
    actor = Actor.worker(organization_id)
    with tenancy.scope(organization_id):
        claimed = leases.claim(organization_id, run_id)
        if claimed is None:
            raise Conflict(
                code="run.taken",
                detail="Another process works on this run, or it is over.",
                remedy=f"Wait until it ends; a process that died is replaced after {STALE_SECONDS:.0f} s.",
            )
        lease, number = claimed
        run = queries.load(organization_id, run_id)
        attempt = ending.Attempt(actor, run_id, lease, run.integration_id)
        attempt.record(
            ExtractionStarted(integration=str(run.integration_id), run=str(run_id), attempt=number)
        )
    reading = Reading(attempt, number, watcher, run.approval_of)
    try:
        integration = integrations.integration(actor, run.integration_id)
        _refuse_to_begin(run, integration)
        reading.extract(
            integration,
            secret_of(actor, integration, root_key),
            vault.digest_key(
                organization_id=organization_id, integration_id=integration.id, root_key=root_key
            ),
        )
    except FanlightError as error:
        _give_up(attempt, reading, error)
    except BaseException as error:
        _give_up(attempt, reading, unexpected(error))
        raise
    with tenancy.scope(organization_id):
        return queries.load(organization_id, run_id)


def _refuse_to_begin(run: Run, integration: Integration) -> None:
    if run.attempt > MOST_ATTEMPTS:
        raise FanlightError(
            code="run.abandoned",
            detail=f"The run was begun {MOST_ATTEMPTS} times, and each time its worker died over it.",
            remedy="Look at the worker's log and at its memory; then extract again, and report it if it happens again.",
        )
    if run.stopping or integration.paused_at is not None:
        raise RunStopped(run.stopping or "paused")


def _give_up(attempt: ending.Attempt, reading: Reading, error: FanlightError) -> None:
    reading.ledger.flush()
    ending.give_up(attempt, reading.figures(), error, reading.discard)


def _active(organization_id: OrganizationId, integration_id: IntegrationId) -> RunId:
    active = RunRow.objects.filter(
        organization_id=organization_id,
        integration_id=integration_id,
        purpose=Purpose.EXTRACTION,
        state__in=[RunState.QUEUED, RunState.RUNNING],
    ).first()
    if active is None:
        raise Conflict(
            code="run.just_ended", detail="The run before has only just ended.", remedy="Run it again."
        )
    if leases.stop_reason(organization_id, RunId(active.id)):
        raise Conflict(
            code="run.ending",
            detail="The run before was to stop and has not ended yet.",
            remedy="Ask again in a moment.",
        )
    return RunId(active.id)
