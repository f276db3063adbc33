"""One attempt at a run: read every chosen database in batches, let them arrive, merge them, end the run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from fanlight.audit import services as audit
from fanlight.catalog import services as catalog
from fanlight.connectors.registry import connector as connector_named
from fanlight.connectors.types import NotSeen, Secret, Session
from fanlight.core.actors import Actor
from fanlight.core.errors import Conflict
from fanlight.core.identifiers import RunId
from fanlight.extraction.lease import Heartbeat
from fanlight.extraction.ledger import RunLedger
from fanlight.extraction.models import Run as RunRow
from fanlight.extraction.types import ExtractionSucceeded, RunProgress, RunState, Watcher
from fanlight.foundation import clock
from fanlight.integrations.types import Integration
from fanlight.tenancy import services as tenancy

NOT_SEEN_KEPT = 200  # of what could not be read, so many are named; all are counted


class Reading:
    """An attempt at a run, under its lease. `extract` either ends the run as succeeded or leaves nothing of it."""

    def __init__(
        self, actor: Actor, run_id: RunId, lease: UUID, attempt: int, watcher: Watcher | None
    ) -> None:
        self.ledger = RunLedger(actor.organization_id, run_id, attempt)
        self._actor, self._run_id, self._lease = actor, run_id, lease
        self._watcher = watcher
        self._phase = "connecting"
        self._phases: dict[str, float] = {}
        self._totals: dict[str, int] = {}
        self._not_seen: list[NotSeen] = []
        self._product = ""
        self._arrivals: catalog.Arrivals | None = None
        self._heartbeat: Heartbeat | None = None

    def extract(self, integration: Integration, secret: Secret | None, digest_key: bytes) -> None:
        """Read the integration's databases and merge them. Raises FanlightError; nothing of it is visible then."""
        connector = connector_named(integration.connector)
        with Heartbeat(
            self._actor.organization_id, self._run_id, self._lease, self._position
        ) as self._heartbeat:
            self._arrivals = catalog.open_arrivals(
                organization_id=self._actor.organization_id,
                integration_id=integration.id,
                run_id=self._run_id,
                lease=self._lease,
            )
            for database in connector.databases(integration.settings):
                with (
                    self._timed("connecting"),
                    connector.open(
                        integration.settings,
                        secret,
                        database=database,
                        ledger=self.ledger,
                        clock=clock.now,
                        digest_key=digest_key,
                    ) as session,
                ):
                    self._product = session.report().product
                    self._read(session, self._arrivals)
            self._merge(integration, self._arrivals)

    def _read(self, session: Session, arrivals: catalog.Arrivals) -> None:
        batches = iter(session.read())
        while True:
            with self._timed("reading"):
                batch = next(batches, None)
            if batch is None:
                break
            self._totals[str(id(session))] = session.total or 0
            with self._timed("arriving"):
                catalog.arrive(arrivals, batch)
            self.ledger.flush()
            self._show()
        self._not_seen.extend(session.not_seen)

    def _merge(self, integration: Integration, arrivals: catalog.Arrivals) -> None:
        self._phase = "merging"
        self._show()
        self.ledger.flush()
        now = clock.now()
        with tenancy.scope(self._actor.organization_id):
            held = RunRow.objects.select_for_update().filter(
                organization_id=self._actor.organization_id,
                id=self._run_id,
                lease=self._lease,
                state=RunState.RUNNING,
            )
            if not held.exists():
                raise _lost()
            with self._timed("merging"):
                changes = catalog.merge(arrivals, now=now)
            RunRow.objects.filter(organization_id=self._actor.organization_id, id=self._run_id).update(
                state=RunState.SUCCEEDED,
                finished_at=clock.now(),
                phase="done",
                done=arrivals.count,
                total=arrivals.count,
                changes=changes.as_dict(),
                **self.figures(),
            )
            audit.record(
                self._actor,
                ExtractionSucceeded(
                    integration=str(integration.id),
                    run=str(self._run_id),
                    added=changes.added,
                    changed=changes.changed,
                    gone=changes.gone,
                    statements=self.ledger.statements,
                ),
                at=now,
            )

    def figures(self) -> dict[str, Any]:
        """Return what is known of the run so far, as its row's columns."""
        return {
            "product": self._product,
            "phases": {name: round(spent) for name, spent in self._phases.items()},
            "statements": self.ledger.statements,
            "rows": self.ledger.rows,
            "size_bytes": self.ledger.size_bytes,
            "not_seen_count": len(self._not_seen),
            "not_seen": [
                {"scope": one.scope, "reason": one.reason} for one in self._not_seen[:NOT_SEEN_KEPT]
            ],
        }

    def discard(self) -> None:
        """Remove what has arrived. Call inside the organization's scope."""
        if self._arrivals is not None:
            catalog.discard(self._arrivals)

    def _position(self) -> tuple[str, int, int | None]:
        done = self._arrivals.count if self._arrivals else 0
        total = sum(self._totals.values()) or None
        return self._phase, done, max(total, done) if total else None

    def _show(self) -> None:
        if self._heartbeat is not None and self._heartbeat.is_lost:
            raise _lost()
        if self._watcher is not None:
            self._watcher(RunProgress(*self._position()))

    @contextmanager
    def _timed(self, phase: str) -> Iterator[None]:
        # Phases nest (reading inside connecting); each counts only the time that no inner one does.
        outer, self._phase = self._phase, phase
        started, inner = time.perf_counter(), sum(self._phases.values())
        try:
            yield
        finally:
            spent = (time.perf_counter() - started) * 1000
            within = sum(self._phases.values()) - inner
            self._phases[phase] = self._phases.get(phase, 0.0) + max(spent - within, 0.0)
            self._phase = outer


def _lost() -> Conflict:
    return Conflict(
        code="run.lost",
        detail="Another process has taken this run over, since this one gave no sign of life in time.",
        remedy="Nothing to do: the other one carries on.",
    )
