"""A run, from the request to its end, and the test of a connection."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.audit import services as audit
from fanlight.connectors.registry import connector as connector_named
from fanlight.connectors.types import LedgerEntry, Secret
from fanlight.core.actors import Actor
from fanlight.core.errors import Conflict, FanlightError
from fanlight.core.identifiers import IntegrationId, OrganizationId, RunId
from fanlight.extraction import lease as leases
from fanlight.extraction import queries
from fanlight.extraction.models import Run as RunRow
from fanlight.extraction.reading import Reading
from fanlight.extraction.types import (
    ExtractionFailed,
    ExtractionRequested,
    ExtractionStarted,
    Run,
    RunState,
    Watcher,
)
from fanlight.foundation import clock, jobs
from fanlight.integrations import queries as integrations
from fanlight.integrations import services as integration_services
from fanlight.integrations.types import Integration
from fanlight.tenancy import services as tenancy
from fanlight.vault import services as vault
from fanlight.vault.types import RootKey

RUN_JOB = "extraction.run"
STALE_SECONDS = leases.STALE_SECONDS


def request_run(*, actor: Actor, integration_id: IntegrationId, is_deferred: bool, now: datetime) -> RunId:
    """Ask for an extraction and return its run; a run that waits or works already is returned instead.

    is_deferred: whether a worker is to take it up (the portal), or the caller does at once (the command line).
    Raises Refused, NotFound.
    """
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_RUN)
        integrations.integration(actor, integration_id)
        run_id = RunId(clock.uuid7())
        try:
            with transaction.atomic():
                RunRow.objects.create(**_new_row(actor, integration_id, run_id, now))
        except IntegrityError:
            # The unique index found one that is not over yet; its job is asked for again, since whoever was to do it
            # may be dead. Should he live, the second job finds the run taken and ends.
            run_id = _active(actor.organization_id, integration_id)
            if is_deferred:
                jobs.defer(RUN_JOB, organization_id=actor.organization_id, run_id=run_id)
            return run_id
        if is_deferred:
            jobs.defer(RUN_JOB, organization_id=actor.organization_id, run_id=run_id)
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
        now = clock.now()
        claimed = leases.claim(organization_id, run_id, now=now)
        if claimed is None:
            raise Conflict(
                code="run.taken",
                detail="Another process works on this run, or it is over.",
                remedy=f"Wait until it ends; a process that died is replaced after {STALE_SECONDS:.0f} s.",
            )
        lease, attempt = claimed
        integration_id = queries.run(actor, run_id).integration_id
        audit.record(
            actor,
            ExtractionStarted(integration=str(integration_id), run=str(run_id), attempt=attempt),
            at=now,
        )
    reading = Reading(actor, run_id, lease, attempt, watcher)
    try:
        integration = integrations.integration(actor, integration_id)
        secret = _secret_of(actor, integration, root_key)
        reading.extract(
            integration,
            secret,
            vault.digest_key(
                organization_id=organization_id, integration_id=integration_id, root_key=root_key
            ),
        )
    except FanlightError as error:
        _end_as_failed(actor, run_id, lease, integration_id, reading, error)
    except BaseException as error:
        _end_as_failed(actor, run_id, lease, integration_id, reading, _unexpected(error))
        raise
    return queries.run(actor, run_id)


def test_connection(
    *, organization_id: OrganizationId, integration_id: IntegrationId, root_key: RootKey
) -> None:
    """Try an integration's connection and store what came of it. Works as the worker's database role only."""
    actor = Actor.worker(organization_id)
    integration = integrations.integration(actor, integration_id)
    connector = connector_named(integration.connector)
    try:
        secret = _secret_of(actor, integration, root_key)
        reports = []
        for database in connector.databases(integration.settings):
            with connector.open(
                integration.settings,
                secret,
                database=database,
                ledger=_note_nothing,
                clock=clock.now,
            ) as session:
                reports.append(session.report())
    except FanlightError as error:
        integration_services.note_test(actor=actor, tested=integration, outcome=error, now=clock.now())
        return
    except Exception as error:
        integration_services.note_test(
            actor=actor, tested=integration, outcome=_unexpected(error), now=clock.now()
        )
        raise
    integration_services.note_test(actor=actor, tested=integration, outcome=reports[0], now=clock.now())


def _secret_of(actor: Actor, integration: Integration, root_key: RootKey) -> Secret | None:
    secret = vault.lease_credential(
        actor=actor,
        integration_id=integration.id,
        field=integration_services.SECRET_FIELD,
        destination=integration_services.destination(integration.connector, integration.settings),
        root_key=root_key,
    )
    return Secret(secret) if secret else None


def _note_nothing(entry: LedgerEntry) -> None:
    """A test's few statements belong to no run; the lists say which they are."""


def _new_row(actor: Actor, integration_id: IntegrationId, run_id: RunId, now: datetime) -> dict[str, object]:
    return {
        "organization_id": actor.organization_id,
        "id": run_id,
        "integration_id": integration_id,
        "state": RunState.QUEUED,
        "requested_at": now,
        "requested_by": actor.person_id,
        "attempt": 0,
        "phase": "waiting",
        "done": 0,
        "product": "",
        "phases": {},
        "changes": {},
        "statements": 0,
        "rows": 0,
        "size_bytes": 0,
        "not_seen_count": 0,
        "not_seen": [],
        "error_code": "",
        "error_detail": "",
        "error_remedy": "",
    }


def _active(organization_id: OrganizationId, integration_id: IntegrationId) -> RunId:
    active = RunRow.objects.filter(
        organization_id=organization_id,
        integration_id=integration_id,
        state__in=[RunState.QUEUED, RunState.RUNNING],
    ).first()
    if active is None:
        raise Conflict(
            code="run.just_ended", detail="The run before has only just ended.", remedy="Run it again."
        )
    return RunId(active.id)


def _unexpected(error: BaseException) -> FanlightError:
    # The text of an unexpected error may hold anything; only its kind is kept.
    if isinstance(error, KeyboardInterrupt):
        return FanlightError(
            code="run.interrupted",
            detail="The run was interrupted by hand.",
            remedy="Nothing of it was kept. Run the extraction again.",
        )
    return FanlightError(
        code="run.internal",
        detail=f"The run ended with an unexpected {type(error).__name__}.",
        remedy="Nothing of it was kept. Run it again; if it ends so again, report it with the worker's log.",
    )


def _end_as_failed(
    actor: Actor,
    run_id: RunId,
    lease: UUID,
    integration_id: IntegrationId,
    reading: Reading,
    error: FanlightError,
) -> None:
    reading.ledger.flush()
    now = clock.now()
    with tenancy.scope(actor.organization_id):
        ended = RunRow.objects.filter(
            organization_id=actor.organization_id, id=run_id, lease=lease, state=RunState.RUNNING
        ).update(
            state=RunState.FAILED,
            finished_at=now,
            error_code=error.code,
            error_detail=error.detail,
            error_remedy=error.remedy,
            **reading.figures(),
        )
        reading.discard()
        if ended:
            audit.record(
                actor,
                ExtractionFailed(integration=str(integration_id), run=str(run_id), code=error.code),
                at=now,
            )
