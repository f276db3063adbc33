"""Plain data of runs, and their events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from fanlight.audit.types import Event
from fanlight.core.errors import FanlightError
from fanlight.core.identifiers import IntegrationId, PersonId, RunId
from fanlight.integrations.types import Problem


class RunState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    STOPPED = "stopped"
    HELD = "held"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it. One that is held has ended: an approval starts another."""
        return self not in (RunState.QUEUED, RunState.RUNNING)


class Purpose(StrEnum):
    """Why statements are sent to a source. Each of them goes to a ledger."""

    EXTRACTION = "extraction"
    TEST = "test"
    CONTROL = "control"


class Trigger(StrEnum):
    """What made a run begin."""

    PERSON = "person"
    SCHEDULE = "schedule"
    RETRY = "retry"
    APPROVAL = "approval"


class RunStopped(FanlightError):
    """Somebody wanted the run to end. reason: 'cancelled', 'paused' or 'deleted'."""

    http_status = 409
    exit_code = 1

    def __init__(self, reason: str) -> None:
        what, remedy = _STOPS.get(reason, _STOPS["cancelled"])
        super().__init__(code=f"run.{reason}", detail=what, remedy=remedy)


_STOPS = {
    "cancelled": ("The run was cancelled.", "Nothing of it was kept. Extract again when you want to."),
    "paused": ("The integration was paused.", "Nothing of it was kept. Resume it to extract again."),
    "deleted": ("The integration was deleted.", ""),
}


class RemovalHeld(FanlightError):
    """A run would have removed so much that a person has to look first."""

    http_status = 409
    exit_code = 1

    def __init__(self, count: int, present: int) -> None:
        super().__init__(
            code="run.held",
            detail=f"The run would have removed {count:,} of {present:,} assets; it stopped and asks.",
            remedy="Look at the list. Approve it if they are really gone; else mend the source and extract again.",
        )


# How many runs one worker carries out at once, and how many of these one organization can have.
RUNS_AT_ONCE = 3
RUNS_OF_ONE = 2


@dataclass(frozen=True, slots=True)
class Run:
    """One extraction. Times in UTC. phases: milliseconds by name. changes: counts by name (catalog.types.Changes).

    done, total: assets read so far, and the source's estimate or None. not_seen: scope and reason, the first of
    not_seen_count. problem: why it failed, or None. removals: how many of removals_of assets it found gone, where it
    stopped to ask. approval_of: the run whose removals it may carry out. stopping: why it is about to end, or ''.
    """

    id: RunId
    integration_id: IntegrationId
    purpose: Purpose
    trigger: Trigger
    state: RunState
    requested_at: datetime
    requested_by: PersonId | None
    started_at: datetime | None
    finished_at: datetime | None
    heartbeat_at: datetime | None
    attempt: int
    phase: str
    done: int
    total: int | None
    product: str
    phases: dict[str, int]
    changes: dict[str, int]
    statements: int
    rows: int
    size_bytes: int
    not_seen_count: int
    not_seen: list[dict[str, str]]
    approval_of: RunId | None
    removals: int
    removals_of: int
    problem: Problem | None
    stopping: str = ""

    @property
    def milliseconds(self) -> float | None:
        """How long it took, or None while it has not ended."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds() * 1000


@dataclass(frozen=True, slots=True)
class IntegrationState:
    """How an integration stands at this moment, for programs. Times in UTC. latest: its latest run, over or not.

    state: of that run, or 'never run', or 'paused'. privileges: what its credential could do, in a sentence.
    """

    id: IntegrationId
    name: str
    connector: str
    state: str
    paused_at: datetime | None
    schedule: str
    next_at: datetime | None
    stopped_reason: str
    privileges: str
    is_excessive: bool
    latest: Run | None

    @property
    def words(self) -> str:
        """The state, with what matters about it."""
        if self.latest is not None and self.latest.stopping:
            return f"{self.state}, stopping"
        return f"{self.state}, not repeated" if self.stopped_reason else self.state

    def as_json(self) -> dict[str, Any]:
        """Return what JSON prints of it."""
        run = self.latest
        return {
            "id": str(self.id),
            "name": self.name,
            "connector": self.connector,
            "state": self.state,
            "paused_at": _moment(self.paused_at),
            "schedule": self.schedule,
            "next_at": _moment(self.next_at),
            "stopped_reason": self.stopped_reason,
            "credential": {"sentence": self.privileges, "is_excessive": self.is_excessive}
            if self.privileges
            else None,
            "latest_run": None
            if run is None
            else {
                "id": str(run.id),
                "state": run.state.value,
                "stopping": run.stopping,
                "trigger": run.trigger.value,
                "requested_at": _moment(run.requested_at),
                "started_at": _moment(run.started_at),
                "finished_at": _moment(run.finished_at),
                "phase": run.phase,
                "done": run.done,
                "total": run.total,
                "changes": run.changes,
                "not_seen": run.not_seen_count,
                "error": {
                    "code": run.problem.code,
                    "detail": run.problem.detail,
                    "remedy": run.problem.remedy,
                }
                if run.problem
                else None,
            },
        }


@dataclass(frozen=True, slots=True)
class NeedsALook:
    """An integration that somebody should see to, and all that may be why. Times in UTC.

    paused_at: since when it is paused, None when it is not or not for long. stopped_reason: why its schedule stopped,
    or empty. run_id, run_state, detail: its latest run where that failed or asks. excess: what its credential could do,
    in a sentence, where that is more than reading.
    """

    id: IntegrationId
    name: str
    paused_at: datetime | None
    stopped_reason: str
    run_id: RunId | None
    run_state: str
    detail: str
    excess: str


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much is stored of an integration: what is gone at the source included, and tests of its connection."""

    assets: int
    columns: int
    runs: int


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One statement that was sent. source: the database. error: the source's five-letter code or empty."""

    number: int
    statement: str
    digest: str
    source: str
    started_at: datetime
    milliseconds: float
    rows: int
    size_bytes: int
    error: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """A page of a run's ledger. next_after: the number to continue after, None at the end."""

    lines: list[LedgerLine]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a run is, for whoever watches it in the same process."""

    phase: str
    done: int
    total: int | None


Watcher = Callable[[RunProgress], None]


@dataclass(frozen=True, slots=True)
class ExtractionRequested(Event):
    kind = "extraction.requested"
    integration: str
    run: str


@dataclass(frozen=True, slots=True)
class ExtractionStarted(Event):
    kind = "extraction.started"
    integration: str
    run: str
    attempt: int


@dataclass(frozen=True, slots=True)
class ExtractionSucceeded(Event):
    kind = "extraction.succeeded"
    integration: str
    run: str
    added: int
    changed: int
    gone: int
    statements: int


@dataclass(frozen=True, slots=True)
class ExtractionFailed(Event):
    kind = "extraction.failed"
    integration: str
    run: str
    code: str


@dataclass(frozen=True, slots=True)
class ExtractionStopped(Event):
    kind = "extraction.stopped"
    integration: str
    run: str
    reason: str


@dataclass(frozen=True, slots=True)
class ExtractionHeld(Event):
    kind = "extraction.held"
    integration: str
    run: str
    removals: int
    present: int


@dataclass(frozen=True, slots=True)
class StopRequested(Event):
    kind = "extraction.stop_requested"
    integration: str
    run: str
    reason: str


@dataclass(frozen=True, slots=True)
class RemovalApproved(Event):
    kind = "extraction.removal_approved"
    integration: str
    run: str
    removals: int


@dataclass(frozen=True, slots=True)
class SourceProbed(Event):
    kind = "integration.probed"
    integration: str
    run: str
    purpose: str
