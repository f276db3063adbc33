"""Reads of runs and their ledgers."""

from __future__ import annotations

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.core.actors import Actor
from fanlight.core.errors import NotFound
from fanlight.core.identifiers import IntegrationId, PersonId, RunId
from fanlight.extraction import models
from fanlight.extraction.types import Ledger, LedgerLine, Run, RunState
from fanlight.foundation import database
from fanlight.integrations.types import Problem
from fanlight.tenancy import services as tenancy

LEDGER_PAGE = 500


def _plain(row: models.Run) -> Run:
    return Run(
        id=RunId(row.id),
        integration_id=IntegrationId(row.integration_id),
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
        problem=Problem(code=row.error_code, detail=row.error_detail, remedy=row.error_remedy)
        if row.error_code
        else None,
    )


def run(actor: Actor, run_id: RunId) -> Run:
    """Return one run. Raises Refused, NotFound."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_READ)
        row = models.Run.objects.filter(organization_id=actor.organization_id, id=run_id).first()
    if row is None:
        raise NotFound(code="run.unknown", detail="There is no such run.")
    return _plain(row)


def runs_of(actor: Actor, integration_id: IntegrationId, *, most: int = 20) -> list[Run]:
    """Return an integration's latest runs, latest first. Raises Refused."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_READ)
        rows = models.Run.objects.filter(
            organization_id=actor.organization_id, integration_id=integration_id
        ).order_by("-requested_at")
        return [_plain(row) for row in rows[:most]]


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
        for row in rows:
            found.setdefault(IntegrationId(row.integration_id), []).append(_plain(row))
    return found


def ledger(actor: Actor, run_id: RunId, *, after: int = 0, most: int = LEDGER_PAGE) -> Ledger:
    """Return a page of the statements that a run sent, in order. Raises Refused, NotFound."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_READ)
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
