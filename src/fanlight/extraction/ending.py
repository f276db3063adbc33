"""How an attempt at a run ends: one update under its lease, what it means for the schedule, and the event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fanlight.audit import services as audit
from fanlight.audit.types import Event
from fanlight.catalog.types import Changes, Removal
from fanlight.core.actors import Actor
from fanlight.core.errors import FanlightError
from fanlight.core.identifiers import IntegrationId, RunId
from fanlight.extraction.models import Run
from fanlight.extraction.types import (
    ExtractionFailed,
    ExtractionHeld,
    ExtractionStopped,
    ExtractionSucceeded,
    RemovalHeld,
    RunState,
    RunStopped,
)
from fanlight.foundation import clock
from fanlight.integrations import services as integrations
from fanlight.tenancy import services as tenancy


@dataclass(frozen=True, slots=True)
class Attempt:
    """Which attempt it is: whoever is not the holder of the lease any more ends nothing."""

    actor: Actor
    run_id: RunId
    lease: UUID
    integration_id: IntegrationId

    def update(self, state: RunState, figures: dict[str, Any], error: FanlightError | None = None) -> bool:
        """End the run, and tell whether it was this attempt's to end. Call inside the organization's scope."""
        problem = {}
        if error is not None:
            problem = {
                "error_code": error.code,
                "error_detail": error.detail,
                "error_remedy": error.remedy,
            }
        return bool(
            Run.objects.filter(
                organization_id=self.actor.organization_id,
                id=self.run_id,
                lease=self.lease,
                state=RunState.RUNNING,
            ).update(state=state, finished_at=clock.now(), **(figures | problem))
        )

    def record(self, event: Event) -> None:
        """Record an event of this run."""
        audit.record(self.actor, event, at=clock.now())


def succeed(attempt: Attempt, figures: dict[str, Any], count: int, changes: Changes) -> None:
    """End it well. Call in the transaction of the merge."""
    done = {"phase": "done", "done": count, "total": count, "changes": changes.as_dict()}
    attempt.update(RunState.SUCCEEDED, figures | done)
    integrations.note_success(attempt.actor, attempt.integration_id, clock.now())
    attempt.record(
        ExtractionSucceeded(
            integration=str(attempt.integration_id),
            run=str(attempt.run_id),
            added=changes.added,
            changed=changes.changed,
            gone=changes.gone,
            statements=figures["statements"],
        )
    )


def hold(attempt: Attempt, figures: dict[str, Any], removal: Removal) -> None:
    """End it with a question to a person, in the transaction that keeps what it proposed to remove."""
    error = RemovalHeld(removal.count, removal.present)
    of = {"removals": removal.count, "removals_of": removal.present}
    attempt.update(RunState.HELD, figures | of, error)
    integrations.note_failure(attempt.actor, attempt.integration_id, integrations.HELD, clock.now())
    attempt.record(
        ExtractionHeld(
            integration=str(attempt.integration_id),
            run=str(attempt.run_id),
            removals=removal.count,
            present=removal.present,
        )
    )


def give_up(
    attempt: Attempt, figures: dict[str, Any], error: FanlightError, discard: Callable[[], None]
) -> None:
    """End it as failed, or as stopped when somebody asked for that; nothing of it is kept."""
    is_stopped = isinstance(error, RunStopped)
    with tenancy.scope(attempt.actor.organization_id):
        ended = attempt.update(RunState.STOPPED if is_stopped else RunState.FAILED, figures, error)
        discard()
        if not ended:
            return
        names = {"integration": str(attempt.integration_id), "run": str(attempt.run_id)}
        if is_stopped:
            attempt.record(ExtractionStopped(**names, reason=error.code.removeprefix("run.")))
        else:
            integrations.note_failure(attempt.actor, attempt.integration_id, error.code, clock.now())
            attempt.record(ExtractionFailed(**names, code=error.code))
