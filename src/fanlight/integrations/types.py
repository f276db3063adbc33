"""Plain data of integrations, and their events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fanlight.audit.types import Event
from fanlight.core.identifiers import IntegrationId, PersonId, RunId


class TestState(StrEnum):
    """Where the latest test of a connection stands."""

    __test__ = False  # not a test case, whatever its name begins with

    UNTESTED = "untested"
    TESTING = "testing"
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something failed: a stable code, what happened, and what to do next."""

    code: str
    detail: str
    remedy: str


@dataclass(frozen=True, slots=True)
class TestReport:
    """What a passed test found: the product, our name there, and each database with whether we may connect."""

    __test__ = False

    product: str
    user: str
    databases: tuple[tuple[str, bool], ...]
    is_encrypted: bool


class OnExcess(StrEnum):
    """What to do about a credential that could do more than read."""

    WARN = "warn"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When an integration is extracted by itself. cron: five fields in UTC, empty for never. Times in UTC.

    failures, refusals: in a row, since the last success. stopped_reason: the code of what stopped it, or empty.
    """

    cron: str
    words: str
    next_at: datetime | None
    failures: int
    refusals: int
    stopped_at: datetime | None
    stopped_reason: str


@dataclass(frozen=True, slots=True)
class FoundRight:
    """A right of a credential, as stored. level: 'write', 'read' or 'public'. path: '' for the whole server.

    through: the role that holds it, 'public' for every role; empty when the credential's own does. signature: of a
    function, the types of its arguments.
    """

    database: str
    level: str
    kind: str
    path: str
    rights: tuple[str, ...]
    through: str
    signature: str


@dataclass(frozen=True, slots=True)
class PrivilegeReport:
    """What a credential could do at its source. rights: the first ones, writing first; count: of all.

    found_at: when it was first found to be so; checked_at: the latest look, by the run of run_id. gained, lost:
    against the report before, None when this is the first. readable, writable: relations. unknown: of what it could
    not be found out ('tables').
    """

    found_at: datetime
    checked_at: datetime
    run_id: RunId | None
    sentence: str
    is_excessive: bool
    readable: int
    writable: int
    rights: tuple[FoundRight, ...]
    count: int
    unknown: tuple[str, ...]
    gained: tuple[FoundRight, ...] | None
    lost: tuple[FoundRight, ...] | None


@dataclass(frozen=True, slots=True)
class Credential:
    """What a list says of a source's credential.

    reads_data: whether it could read rows, or anything else that is not the catalogue. is_known: whether all of it
    was found out.
    """

    sentence: str
    is_excessive: bool
    checked_at: datetime
    reads_data: bool
    is_known: bool


@dataclass(frozen=True, slots=True)
class Integration:
    """A configured source. settings: as the connector's fields name them, without any secret. Times in UTC.

    paused_at, paused_by: since when and by whom, None while it is not paused.
    """

    id: IntegrationId
    name: str
    connector: str
    connector_title: str
    settings: dict[str, str]
    created_at: datetime
    created_by: PersonId | None
    test_state: TestState
    test_requested_at: datetime | None
    tested_at: datetime | None
    report: TestReport | None
    problem: Problem | None
    paused_at: datetime | None
    paused_by: PersonId | None


@dataclass(frozen=True, slots=True)
class IntegrationAdded(Event):
    kind = "integration.added"
    integration: str
    name: str
    connector: str


@dataclass(frozen=True, slots=True)
class IntegrationChanged(Event):
    kind = "integration.changed"
    integration: str
    name: str
    changed: str


@dataclass(frozen=True, slots=True)
class IntegrationTestRequested(Event):
    kind = "integration.test_requested"
    integration: str


@dataclass(frozen=True, slots=True)
class IntegrationTested(Event):
    kind = "integration.tested"
    integration: str
    outcome: str
    code: str


@dataclass(frozen=True, slots=True)
class IntegrationPaused(Event):
    kind = "integration.paused"
    integration: str


@dataclass(frozen=True, slots=True)
class IntegrationResumed(Event):
    kind = "integration.resumed"
    integration: str


@dataclass(frozen=True, slots=True)
class IntegrationDeleted(Event):
    kind = "integration.deleted"
    integration: str
    name: str


@dataclass(frozen=True, slots=True)
class IntegrationErased(Event):
    kind = "integration.erased"
    integration: str
    assets: int
    columns: int
    runs: int


@dataclass(frozen=True, slots=True)
class ScheduleChanged(Event):
    kind = "integration.schedule_changed"
    integration: str
    cron: str


@dataclass(frozen=True, slots=True)
class ScheduleStopped(Event):
    kind = "integration.schedule_stopped"
    integration: str
    reason: str


@dataclass(frozen=True, slots=True)
class PrivilegesChanged(Event):
    kind = "integration.privileges_changed"
    integration: str
    is_excessive: bool
    writable: int
    readable: int
    rights: int


@dataclass(frozen=True, slots=True)
class ExcessPolicyChanged(Event):
    kind = "organization.excess_policy_changed"
    on_excess: str
