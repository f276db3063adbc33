"""Reads of runs and their ledgers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.core.actors import Actor
from fanlight.core.errors import NotFound
from fanlight.core.identifiers import IntegrationId, OrganizationId, PersonId, RunId
from fanlight.extraction import models
from fanlight.extraction.lease import STALE_SECONDS
from fanlight.extraction.types import (
    Holdings,
    IntegrationState,
    Ledger,
    LedgerLine,
    NeedsALook,
    Purpose,
    Run,
    RunState,
    Trigger,
)
from fanlight.foundation import database
from fanlight.integrations import queries as integrations
from fanlight.integrations.types import Problem
from fanlight.tenancy import services as tenancy

LEDGER_PAGE = 500


def _plain(row: models.Run, stopping: str) -> Run:
    return Run(
        id=RunId(row.id),
        integration_id=IntegrationId(row.integration_id),
        purpose=Purpose(row.purpose),
        trigger=Trigger(row.trigger),
        state=RunState(row.state),
        requested_at=row.requested_at,
        requested_by=PersonId(row.requested_by) if row.requested_by else None,
        started_at=row.started_at,
        finished_at=row.finished_at,
        heartbeat_at=row.heartbeat_at,
        attempt=row.attempt,
        phase=row.phase,
        done=row.done,
        total=row.total,
        product=row.product,
        phases=row.phases,
        changes=row.changes,
        statements=row.statements,
        rows=row.rows,
        size_bytes=row.size_bytes,
        not_seen_count=row.not_seen_count,
        not_seen=row.not_seen,
        approval_of=RunId(row.approval_of) if row.approval_of else None,
        removals=row.removals,
        removals_of=row.removals_of,
        problem=Problem(code=row.error_code, detail=row.error_detail, remedy=row.error_remedy)
        if row.error_code
        else None,
        stopping=stopping,
    )


def _stopping(rows: list[models.Run]) -> dict[UUID, str]:
    active = [row for row in rows if row.state in (RunState.QUEUED, RunState.RUNNING)]
    if not active:
        return {}
    asked = models.StopRequest.objects.filter(
        organization_id=active[0].organization_id, run_id__in=[row.id for row in active]
    )
    return {one.run_id: one.reason for one in asked}


def _all_plain(rows: Iterable[models.Run]) -> list[Run]:
    found = list(rows)
    stopping = _stopping(found)
    return [_plain(row, stopping.get(row.id, "")) for row in found]


def load(organization_id: OrganizationId, run_id: RunId) -> Run:
    """Return one run, whatever became of its integration; for this room. Call inside the scope. Raises NotFound."""
    found = _all_plain(models.Run.objects.filter(organization_id=organization_id, id=run_id))
    if not found:
        raise NotFound(code="run.unknown", detail="There is no such run.")
    return found[0]


def run(actor: Actor, run_id: RunId) -> Run:
    """Return one run. Raises Refused, NotFound, also when its integration was deleted."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_READ)
        found = load(actor.organization_id, run_id)
        integrations.integration(actor, found.integration_id)
    return found


def runs_of(actor: Actor, integration_id: IntegrationId, *, most: int = 20) -> list[Run]:
    """Return an integration's latest extractions, latest first. Raises Refused, NotFound."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_READ)
        integrations.integration(actor, integration_id)
        rows = models.Run.objects.filter(
            organization_id=actor.organization_id,
            integration_id=integration_id,
            purpose=Purpose.EXTRACTION,
        ).order_by("-requested_at")
        return _all_plain(rows[:most])


def latest_probe(actor: Actor, integration_id: IntegrationId, purpose: Purpose) -> Run | None:
    """Return the latest test of a connection, or look by a control; its ledger is a run's. Raises Refused."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_READ)
        integrations.integration(actor, integration_id)
        rows = models.Run.objects.filter(
            organization_id=actor.organization_id, integration_id=integration_id, purpose=purpose
        ).order_by("-requested_at")
        found = _all_plain(rows[:1])
    return found[0] if found else None


def latest_runs(actor: Actor, *, most: int = 16) -> dict[IntegrationId, list[Run]]:
    """Return the latest runs of every integration, latest first, at most so many of each. Raises Refused."""
    found: dict[IntegrationId, list[Run]] = {}
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_READ)
        ids = database.rows(
            "extraction", "latest_runs", {"organization_id": actor.organization_id, "most": most}
        )
        rows = models.Run.objects.filter(
            organization_id=actor.organization_id, id__in=[row[0] for row in ids]
        ).order_by("-requested_at")
        for run_ in _all_plain(rows):
            found.setdefault(run_.integration_id, []).append(run_)
    return found


def ledger(actor: Actor, run_id: RunId, *, after: int = 0, most: int = LEDGER_PAGE) -> Ledger:
    """Return a page of the statements that a run sent, in order. Raises Refused, NotFound."""
    with tenancy.scope(actor.organization_id):
        run(actor, run_id)
        rows = models.LedgerLine.objects.filter(
            organization_id=actor.organization_id, run_id=run_id, number__gt=after
        ).order_by("number")[: most + 1]
        lines = [
            LedgerLine(
                number=row.number,
                statement=row.statement,
                digest=row.digest,
                source=row.source,
                started_at=row.started_at,
                milliseconds=row.milliseconds,
                rows=row.rows,
                size_bytes=row.size_bytes,
                error=row.error,
            )
            for row in rows
        ]
    return Ledger(lines=lines[:most], next_after=lines[most - 1].number if len(lines) > most else None)


def states(actor: Actor) -> list[IntegrationState]:
    """Return how every integration stands, by name. Raises Refused."""
    with tenancy.scope(actor.organization_id):
        known = integrations.integrations(actor)
        schedules = integrations.schedules(actor)
        rights = integrations.credentials(actor)
        latest = latest_runs(actor, most=1)
    found = []
    for one in known:
        run_ = latest[one.id][0] if one.id in latest else None
        schedule = schedules.get(one.id)
        state = run_.state.value if run_ else "never run"
        is_idle = run_ is None or run_.state.is_over
        found.append(
            IntegrationState(
                id=one.id,
                name=one.name,
                connector=one.connector,
                state="paused" if one.paused_at and is_idle else state,
                paused_at=one.paused_at,
                schedule=schedule.cron if schedule else "",
                next_at=schedule.next_at if schedule else None,
                stopped_reason=schedule.stopped_reason if schedule else "",
                privileges=rights[one.id].sentence if one.id in rights else "",
                is_excessive=one.id in rights and rights[one.id].is_excessive,
                latest=run_,
            )
        )
    return found


def needing_a_look(actor: Actor, *, paused_before: datetime) -> list[NeedsALook]:
    """Return the integrations that somebody should see to, by name. Raises Refused.

    paused_before: of those that are paused, only the ones that have been since before this.
    """
    values = {"organization_id": actor.organization_id, "paused_before": paused_before}
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_READ)
        rows = database.kept("extraction", "needing_a_look", values)
    return [NeedsALook(*row) for row in rows]


def holdings(actor: Actor, integration_id: IntegrationId) -> Holdings:
    """Return how much is stored of an integration. Raises Refused."""
    values = {
        "organization_id": actor.organization_id,
        "integration_id": integration_id,
        "stale_seconds": STALE_SECONDS,
    }
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_READ)
        _, assets, columns, runs = database.rows("extraction", "count_of_integration", values)[0]
    return Holdings(assets=assets, columns=columns, runs=runs)
