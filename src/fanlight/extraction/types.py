"""Plain data of runs, and their events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fanlight.audit.types import Event
from fanlight.core.identifiers import IntegrationId, PersonId, RunId
from fanlight.integrations.types import Problem


class RunState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self in (RunState.SUCCEEDED, RunState.FAILED)


@dataclass(frozen=True, slots=True)
class Run:
    """One extraction. Times in UTC. phases: milliseconds by name. changes: counts by name (catalog.types.Changes).

    done, total: assets read so far, and the source's estimate or None. not_seen: scope and reason, the first of
    not_seen_count. problem: why it failed, or None.
    """

    id: RunId
    integration_id: IntegrationId
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
    problem: Problem | None

    @property
    def milliseconds(self) -> float | None:
        """How long it took, or None while it has not ended."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds() * 1000


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
