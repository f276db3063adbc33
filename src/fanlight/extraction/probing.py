"""Looking at a source without extracting it: the test of a connection, and what its credential could do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from django.db import DatabaseError, InterfaceError

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.audit import services as audit
from fanlight.connectors.registry import connector as connector_named
from fanlight.connectors.types import Privileges, Secret, Session, SourceReport
from fanlight.core.actors import Actor
from fanlight.core.errors import Conflict, FanlightError, SourceFailure
from fanlight.core.identifiers import IntegrationId, OrganizationId, RunId
from fanlight.extraction.interrupting import Stopping
from fanlight.extraction.lease import STALE_SECONDS, Heartbeat
from fanlight.extraction.ledger import RunLedger
from fanlight.extraction.models import Run
from fanlight.extraction.types import Purpose, RunState, RunStopped, SourceProbed
from fanlight.foundation import clock, database
from fanlight.integrations import queries as integrations
from fanlight.integrations import services as integration_services
from fanlight.integrations.types import Integration
from fanlight.tenancy import services as tenancy
from fanlight.vault import services as vault
from fanlight.vault.types import RootKey

_T = TypeVar("_T")


def test_connection(
    *, organization_id: OrganizationId, integration_id: IntegrationId, root_key: RootKey
) -> None:
    """Try an integration's connection; store what came of it, and what its credential could do.

    Works as the worker's database role only. Raises NotFound when it is gone.
    """
    actor = Actor.worker(organization_id)
    integration = integrations.integration(actor, integration_id)
    run_id = RunId(clock.uuid7())

    def look(session: Session) -> tuple[SourceReport, Privileges]:
        return session.report(), session.privileges()

    try:
        found = _look(actor, integration, root_key, Purpose.TEST, run_id, look)
    except FanlightError as error:
        with tenancy.scope(organization_id):
            integration_services.note_test(actor=actor, tested=integration, outcome=error, now=clock.now())
            integration_services.note_refusal(actor, integration_id, error.code, clock.now())
        return
    except Exception as error:
        integration_services.note_test(
            actor=actor, tested=integration, outcome=unexpected(error), now=clock.now()
        )
        raise
    reports = [report for report, _ in found.values()]
    rights = {name: privileges for name, (_, privileges) in found.items()}
    with tenancy.scope(organization_id):
        is_noted = integration_services.note_test(
            actor=actor, tested=integration, outcome=reports[0], now=clock.now()
        )
        if is_noted:
            integration_services.note_privileges(
                actor=actor,
                integration_id=integration_id,
                found=rights,
                chosen=tuple(rights),
                run_id=run_id,
                now=clock.now(),
            )


def probe(
    *, organization_id: OrganizationId, integration_id: IntegrationId, root_key: RootKey
) -> dict[str, Privileges]:
    """Return, by database, what an integration's credential could do at this moment; store nothing but the ledger.

    Works as the worker's database role only. Raises NotFound, SourceFailure, and Conflict where the source is paused,
    or has refused its credential so often that nobody tries it by himself.
    """
    actor = Actor.worker(organization_id)
    with tenancy.scope(organization_id):
        integration = integrations.integration(actor, integration_id)
        if integration.paused_at is not None or integration_services.is_refused(actor, integration_id):
            raise Conflict(
                code="integration.not_tried",
                detail="This integration is paused, or its credential is refused.",
            )
    run_id = RunId(clock.uuid7())

    def look(session: Session) -> Privileges:
        # Asked of the session itself: the protocol's own function has no body and would answer None.
        return session.privileges()

    return _look(actor, integration, root_key, Purpose.CONTROL, run_id, look)


def _look(
    actor: Actor,
    integration: Integration,
    root_key: RootKey,
    purpose: Purpose,
    run_id: RunId,
    look: Callable[[Session], _T],
) -> dict[str, _T]:
    lease = clock.uuid7()
    now = clock.now()
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_RUN)
        database.execute(
            "extraction",
            "begin_probe",
            {
                "organization_id": actor.organization_id,
                "integration_id": integration.id,
                "run_id": run_id,
                "purpose": purpose,
                "lease": lease,
                "stale_seconds": STALE_SECONDS,
            },
        )
        audit.record(
            actor,
            SourceProbed(integration=str(integration.id), run=str(run_id), purpose=purpose.value),
            at=now,
        )
    ledger = RunLedger(actor.organization_id, run_id, 1)
    problem = None
    try:
        return _looked(actor, integration, root_key, ledger, (run_id, lease), look)
    except FanlightError as error:
        problem = error
        raise
    except BaseException as error:
        problem = unexpected(error)
        raise
    finally:
        ledger.flush()
        _end(actor, run_id, ledger, problem)


def _looked(
    actor: Actor,
    integration: Integration,
    root_key: RootKey,
    ledger: RunLedger,
    held: tuple[RunId, UUID],
    look: Callable[[Session], _T],
) -> dict[str, _T]:
    connector = connector_named(integration.connector)
    found: dict[str, _T] = {}
    stopping = Stopping()
    with Heartbeat(
        actor.organization_id, *held, position=lambda: ("connecting", 0, None), stop=stopping.stop
    ):
        secret = secret_of(actor, integration, root_key)
        for name in connector.databases(integration.settings):
            stopping.obey()
            try:
                with (
                    connector.open(
                        integration.settings, secret, database=name, ledger=ledger, clock=clock.now
                    ) as session,
                    stopping.by(session.cancel),
                ):
                    found[name] = look(session)
            except SourceFailure:
                stopping.obey()
                raise
    return found


def _end(actor: Actor, run_id: RunId, ledger: RunLedger, problem: FanlightError | None) -> None:
    state = RunState.FAILED if problem else RunState.SUCCEEDED
    with tenancy.scope(actor.organization_id):
        Run.objects.filter(organization_id=actor.organization_id, id=run_id, state=RunState.RUNNING).update(
            state=RunState.STOPPED if isinstance(problem, RunStopped) else state,
            finished_at=clock.now(),
            phase="done",
            statements=ledger.statements,
            rows=ledger.rows,
            size_bytes=ledger.size_bytes,
            error_code=problem.code if problem else "",
            error_detail=problem.detail if problem else "",
            error_remedy=problem.remedy if problem else "",
        )


def secret_of(actor: Actor, integration: Integration, root_key: RootKey) -> Secret | None:
    """Lease an integration's credential for where its settings lead. Raises DoesNotOpen."""
    secret = vault.lease_credential(
        actor=actor,
        integration_id=integration.id,
        field=integration_services.SECRET_FIELD,
        destination=integration_services.destination(integration.connector, integration.settings),
        root_key=root_key,
    )
    return Secret(secret) if secret else None


def unexpected(error: BaseException) -> FanlightError:
    """Return what to say of an error that nobody foresaw. Its text may hold anything; only its kind is kept."""
    if isinstance(error, KeyboardInterrupt):
        return FanlightError(
            code="run.interrupted",
            detail="The run was interrupted by hand.",
            remedy="Nothing of it was kept. Run the extraction again.",
        )
    if isinstance(error, DatabaseError | InterfaceError):
        return FanlightError(
            code="run.database_lost",
            detail="Fanlight's own database broke off in the middle of the run.",
            remedy="Nothing of it was kept. Run it again when the database is back; its log says why it went.",
        )
    return FanlightError(
        code="run.internal",
        detail=f"The run ended with an unexpected {type(error).__name__}.",
        remedy="Nothing of it was kept. Run it again; if it ends so again, report it with the worker's log.",
    )
