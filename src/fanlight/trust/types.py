"""Plain data of promises: what is promised, how it is proven, and how it stands."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from fanlight.vault.types import RootKey


class State(StrEnum):
    """How a promise stands. Only `proven` and `inherited` are good; what nobody has looked at lately never is."""

    PROVEN = "proven"
    INHERITED = "inherited"
    NOT_CLAIMED = "not claimed"
    NOT_EXERCISED = "not exercised"
    OVERDUE = "overdue"
    STALE = "stale"
    UNKNOWN = "unknown"
    BROKEN = "broken"


class Zone(StrEnum):
    """Which process tries a control: with its database role, and with nothing that the other one holds."""

    PORTAL = "portal"
    WORKER = "worker"

    @property
    def role(self) -> str:
        """The database role of that process: a result counts only when the database itself notes this one."""
        return f"fanlight_{self.value}"


class Group(StrEnum):
    """What a promise is about; the order of the page."""

    TRANSPORT = "transport"
    SOURCES = "sources"
    DATA = "data"
    WORKSPACE = "workspace"
    OPERATIONS = "operations"


@dataclass(frozen=True, slots=True)
class Promise:
    """One sentence of the policy.

    limit: what we promise, in a few words. control: the module below `controls/` that proves it, or empty; then
    not_claimed says why nothing is claimed. tests: files that attack it. criteria: of SOC 2 (TSC) and OWASP ASVS 5.0.
    review_by: when its owner has to have looked at it again.
    """

    id: str
    sentence: str
    group: Group
    limit: str
    owner: str
    review_by: date
    control: str
    not_claimed: str
    tests: tuple[str, ...]
    criteria: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that breaks a promise. code: of the control's own table, which has the sentence for everybody.

    where: for the operator's eyes only; names of our own tables and roles, and identifiers of an organization's things.
    """

    code: str
    where: Mapping[str, Any] = field(default_factory=dict)


class Findings:
    """What a control has found so far: all counted by code, the first ones kept with where they are."""

    MOST = 100

    def __init__(self) -> None:
        self.first: list[Finding] = []
        self.by_code: dict[str, int] = {}

    def add(self, code: str, *, times: int = 1, **where: Any) -> None:
        """Add one, or so many that are told apart by nothing."""
        self.by_code[code] = self.by_code.get(code, 0) + times
        if len(self.first) < self.MOST:
            self.first.append(Finding(code, where))

    def __bool__(self) -> bool:
        return bool(self.by_code)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a control found. counts: by plural words ('rows tried'). is_exercised: whether there was anything to check.

    is_partial: whether its time was over before it had looked at everything.
    """

    counts: Mapping[str, int]
    findings: Findings
    is_exercised: bool
    is_partial: bool = False

    @property
    def state(self) -> State:
        """What is to be stored."""
        if self.findings:
            return State.BROKEN
        return State.PROVEN if self.is_exercised else State.NOT_EXERCISED


class Budget:
    """How long a control may look. Starts at once."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._until = time.monotonic() + seconds

    @property
    def remaining_seconds(self) -> float:
        """What is left of it; 0 when nothing is."""
        return max(self._until - time.monotonic(), 0.0)

    @property
    def is_spent(self) -> bool:
        """Whether it is over."""
        return self.remaining_seconds == 0.0


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a control is given. root_key: in the worker's zone. home: where this process's own files lie.

    shared: what one control has found out and another may use, in one round of checks.
    """

    budget: Budget
    root_key: RootKey | None = None
    home: Path | None = None
    shared: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Control:
    """How a promise is proven. One file each, below `controls/`.

    how: one sentence, for everybody. findings: by code, the sentence that everybody may read: without any name.
    check: looks, and says what it found; an exception makes the promise `unknown`. every: how often by itself.
    """

    promise: str
    zone: Zone
    how: str
    findings: Mapping[str, str]
    check: Callable[[Occasion], Outcome]
    budget_seconds: float = 60.0
    every: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What everybody may know of a result: counts and sentences, never a name. findings: sentence and how often."""

    how: str
    zone: Zone
    counts: Mapping[str, int]
    findings: tuple[tuple[str, int], ...]
    is_partial: bool
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a promise's history. state: the worst of that day, None where nothing was recorded."""

    day: date
    state: State | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a promise stands now. since: since when without a change or a gap. reason: why it is not proven, or empty.

    checked_at: when its control last told, None where none ever did. Times in UTC.
    """

    promise: Promise
    state: State
    since: datetime | None
    checked_at: datetime | None
    reason: str
    evidence: Evidence | None
    days: tuple[Day, ...] = ()
